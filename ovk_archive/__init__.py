"""A personal archiver for OpenVK: one account, one SQLite file."""

from importlib import metadata

__all__ = ["__version__"]

__version__ = metadata.version("ovk-archive")
