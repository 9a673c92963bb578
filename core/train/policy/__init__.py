"""Training of the compact engine: photos, looks, captions, networks, rewards, export (torch)."""
