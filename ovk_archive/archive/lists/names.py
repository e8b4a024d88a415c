"""How a list is named: by its resource, and by its partition as text."""

import json
from collections.abc import Mapping
from typing import Any


def partition_key(partition: Mapping[str, Any]) -> str:
    """A partition as the cursor table names it: its parameters as JSON, in order of name."""
    return json.dumps(dict(partition), sort_keys=True, separators=(",", ":"))


def list_key(name: str, partition: Mapping[str, Any]) -> tuple[str, str]:
    """A list as the cursor table names it: its resource, and its partition."""
    return name, partition_key(partition)
