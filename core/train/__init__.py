"""Fitting of the shipped weights. The only part of the core that may import torch; never imported at run time."""
