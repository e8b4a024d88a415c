"""Things that a person named by their numbers: which are here, and which are not to be had."""
