"""LUT files: strict readers, portable writers."""
