"""Shipped model weights and their cards."""
