"""An archive's tables as files for programs and for research: a writer per format."""

import os

# Arrow's own allocators keep for themselves what is free, some 30 MB here. It looks once, when it
# is first imported, which pandas does too, which sqlite-utils imports where it is installed.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
