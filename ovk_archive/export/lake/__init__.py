"""A lake: many archives' tables together, each archive's rows in folders of its own."""
