"""Fitting of the shipped weights. The only part that may import torch; never imported at run time."""
