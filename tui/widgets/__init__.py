"""Widgets. Whatever a stranger wrote enters one through ``tui.safe`` or ``tui.wrap.fit``."""
