"""How pages look: templates, a style sheet, and words for dates and numbers; it asks no archive."""
