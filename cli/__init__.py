"""click commands."""
