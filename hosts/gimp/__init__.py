"""The gimp adapter."""
