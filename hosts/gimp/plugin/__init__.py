"""What runs inside GIMP: the standard library and GObject introspection, nothing else.

The installer copies this folder into GIMP's plug-in folder, beside ``client.py`` and the entry script.
The modules ``service``, ``wish``, ``geometry`` and ``history`` need no GIMP.
"""
