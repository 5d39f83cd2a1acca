"""Servers to test against, all on loopback: real ones of other people, and one that misbehaves on purpose."""
