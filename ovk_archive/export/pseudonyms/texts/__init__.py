"""Running text that names nobody: what tells who somebody is, found and replaced. Pure."""
