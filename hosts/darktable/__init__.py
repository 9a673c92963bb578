"""The darktable adapter."""
