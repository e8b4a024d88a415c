"""Where pages are served: from an address to what it shows, and to an answer."""
