"""Thin host adapters and their installers. Hosts know no model."""
