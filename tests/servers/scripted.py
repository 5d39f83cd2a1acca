"""The server on loopback that answers as a test says: ``collectors.testing``."""

from collectors.testing.server import SILENCE, App, Asked, Reply, Scripted, scripted

__all__ = ["SILENCE", "App", "Asked", "Reply", "Scripted", "scripted"]
