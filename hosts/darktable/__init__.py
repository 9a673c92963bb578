"""darktable: looks as LUT 3D or as its own modules, styles, batches, and the Lua panel's other half."""
