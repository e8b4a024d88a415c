"""The words in which kinds of data are declared: resources, tables, columns, shapes, values."""
