"""Understanding Chinese posts: pure functions on text. Importing this package loads no model."""
