"""The server on loopback that answers as a test says: ``collectors.testing``."""

from collectors.testing.server import App, Asked, Reply, Scripted, scripted

__all__ = ["App", "Asked", "Reply", "Scripted", "scripted"]
