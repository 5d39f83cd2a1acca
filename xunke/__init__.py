"""Xunke 寻客: find, understand and rank the right people on Chinese social media."""

__version__ = "0.1.0"
