"""The instance: what it is asked and how, politely; the only HTTP there is."""
