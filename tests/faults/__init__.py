"""Attacks and faults: disks that fail, files that lie, processes that die, people who have refused."""
