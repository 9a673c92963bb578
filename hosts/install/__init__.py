"""What the installers of the host adapters share.

An adapter is a folder of files in the host's own configuration folder. Every folder that we install
holds ``gradewright.json`` (how gradewright is started, and which files are ours with their digests)
and a copy of :mod:`gradewright.hosts.client`.

>>> from gradewright.hosts import install
>>> folders = install.config_folders("GIMP", flatpak="org.gimp.GIMP", snap="gimp")
>>> lines = install.put("gimp", folder, {"gradewright.py": path_or_bytes}, executable=["gradewright.py"])
>>> install.look(folder)      # -> State("current" | "outdated" | "changed" | "damaged" | "absent", ...)
>>> lines = install.remove(folder)
>>> install.add_line(luarc, 'require "gradewright/gradewright"'); install.remove_line(luarc, ...)

Rules: a file is replaced at once or not at all; a file that we did not install is never overwritten;
uninstalling removes what was installed and is still as it was installed, and says what it left.

A host's adapter is found when the module ``gradewright.hosts.NAME.adapter`` has an ``ADAPTER`` with the
shape of :class:`gradewright.core.hookspecs.HostAdapter` (or when another package brings one through the
hook ``gradewright_hosts``).
"""

from .lines import add_line, remove_line
from .manifest import Installed, State, installed, look
from .places import config_folders, config_places
from .transfer import put, remove

__all__ = [
    "Installed",
    "State",
    "add_line",
    "config_folders",
    "config_places",
    "installed",
    "look",
    "put",
    "remove",
    "remove_line",
]
