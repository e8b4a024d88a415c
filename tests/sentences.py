"""What commands say when they end badly."""

from typing import Any


def assert_one_sentence(said: Any, code: int, *words: str) -> None:
    """An error is one line on stderr that names what is wrong; no traceback, no data."""
    lines = said.stderr.strip().splitlines()
    assert said.returncode == code, said.stderr
    assert said.stdout == ""
    # Prompts end without a line break where nobody types.
    assert "Error: " in lines[-1], said.stderr
    assert "Traceback" not in said.stderr
    assert all(word.lower() in lines[-1].lower() for word in words), said.stderr
