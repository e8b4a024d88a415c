"""The commands on an archive that is here."""
