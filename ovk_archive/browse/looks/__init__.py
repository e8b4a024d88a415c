"""How pages look: templates, style sheets, and words for dates and numbers; it asks no archive."""

from pathlib import Path

#: Name -> file, of what is served as it is.
STATIC_FILES = {path.name: path for path in Path(__file__).parent.glob("static/*.*")}
