"""An export in which nobody is called by name or number."""
