"""The GIMP 3 adapter: installer, the job kind "filters", and the plug-in itself (docs/gimp.md)."""
