"""The file on the disk: where it is, what lies beside it, what its file system refuses."""
