#!/usr/bin/env python3
"""Gradewright for GIMP 3.0 and 3.2: Colors > Gradewright.

Installed by ``gradewright install gimp`` as gradewright.py, in a plug-in folder of the same name. Needs only
GIMP's own Python; the work is done by gradewright's service, see client.py and gradewright.json.
"""

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")

from gradewright_gimp import plugin  # type: ignore[import-not-found]  # noqa: E402

if __name__ == "__main__":
    plugin.main()
