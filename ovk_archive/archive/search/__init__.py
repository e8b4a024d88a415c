"""Searching: texts as words, the index of them, what people ask, and what is found."""
