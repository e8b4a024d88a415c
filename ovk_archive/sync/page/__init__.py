"""One window of one list, read around whatever crashes the server."""
