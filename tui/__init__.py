"""The terminal app. Nothing outside this package may import Textual or Rich."""
