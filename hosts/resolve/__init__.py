"""The resolve adapter."""
