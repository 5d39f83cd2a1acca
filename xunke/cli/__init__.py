"""The command line: data on standard output, talk on standard error (the contract is DESIGN §10 / docs/cli.md)."""

from .main import main

__all__ = ["main"]
