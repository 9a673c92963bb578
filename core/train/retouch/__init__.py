"""Differentiable retouching: the renderer's torch twin, disentangled latents, the auto engine's network."""
