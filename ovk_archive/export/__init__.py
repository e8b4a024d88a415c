"""An archive's tables as files for programs and for research: a writer per format."""
