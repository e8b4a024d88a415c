"""The files: which ones records name, fetching them, and the folder that keeps them."""
