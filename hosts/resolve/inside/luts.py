"""Putting a .cube file where Resolve finds it, without ever replacing one.

``Graph.SetLUT`` resolves paths in the master LUT folder and in the custom LUT paths of the project
settings, and nowhere else: not in the user's own LUT folder, not by an absolute path outside (observed live
on 19.1.3 and 21.0.2).
"""

import hashlib
import os
import sys
import tempfile
from typing import Dict, List, Optional

from .errors import ResolveError
from .nodes import FOLDER

MASTER = {
    "darwin": ["/Library/Application Support/Blackmagic Design/DaVinci Resolve/LUT"],
    "win32": ["{PROGRAMDATA}\\Blackmagic Design\\DaVinci Resolve\\Support\\LUT"],
    "linux": ["/opt/resolve/LUT", "/home/resolve/LUT"],
}
_HELP = {
    "darwin": "in Terminal: sudo mkdir -p '{folder}' && sudo chown $USER '{folder}'",
    "win32": 'as administrator: mkdir "{folder}" and icacls "{folder}" /grant %USERNAME%:(OI)(CI)M',
    "linux": "in a terminal: sudo mkdir -p '{folder}' && sudo chown $USER '{folder}'",
}
SANDBOXES = "Library/Containers/com.blackmagic-design."  # what the App Store's editions live in
_HEX = 8  # digits of the digest in a name


def roots(facts: Dict[str, object], platform: str = sys.platform) -> List[str]:
    """The LUT folders in which Resolve looks, existing ones only, the configured ones first.

    Parameters
    ----------
    facts : ``lut_folders`` lists custom LUT paths (Project Settings, Color Management, Lookup Tables)
    """
    own = facts.get("lut_folders")
    listed = [str(path) for path in own] if isinstance(own, list) else []
    listed.append(os.environ.get("BMD_RESOLVE_LUT_DIR", ""))  # isolates an instance
    program_data = os.environ.get("PROGRAMDATA", "C:\\ProgramData")
    listed += [path.format(PROGRAMDATA=program_data) for path in MASTER.get(platform, MASTER["linux"])]
    return [path for path in listed if path and os.path.isdir(path)]


class Placed:
    """A LUT file that Resolve can find: its path, and its name relative to the LUT folder."""

    def __init__(self, path: str, root: str) -> None:
        self.path, self.root = path, root
        self.relative = os.path.relpath(path, root).replace(os.sep, "/")

    def is_named_by(self, answer: Optional[str]) -> bool:
        """Whether ``Graph.GetLUT`` names this file; it gives a relative path with either slash."""
        said = (answer or "").replace("\\", "/")
        return said == self.relative or said == self.path.replace("\\", "/")


def place(source: str, name: str, found: List[str], platform: str = sys.platform) -> Placed:
    """Copy a finished .cube into ``<LUT folder>/gradewright/<name>-<digest>.cube``.

    A file that is there already is used when it holds the same bytes, and never replaced.

    Raises
    ------
    ResolveError : there is no LUT folder, or none that can be written
    """
    with open(source, "rb") as file:
        data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    if not found:
        raise ResolveError(
            "no LUT folder of Resolve was found: start Resolve once, or add a custom LUT path in the project "
            "settings (Color Management) and tell us: gradewright resolve folder PATH"
        )
    refusal = ""
    for root in found:
        for digits in (_HEX, 16, len(digest)):
            path = os.path.join(root, FOLDER, "%s-%s.cube" % (name, digest[:digits]))
            try:
                if _write_new(path, data):
                    return Placed(path, root)
            except OSError as error:
                refusal = refusal or _explained(os.path.join(root, FOLDER), error, platform)
                break
    raise ResolveError(refusal or "no free name for the LUT in %s" % ", ".join(found))


def _write_new(path: str, data: bytes) -> bool:
    """Write a file whole under a free name; True too when it stands there with these very bytes."""
    if os.path.lexists(path):
        with open(path, "rb") as file:
            return file.read() == data
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle, temporary = tempfile.mkstemp(suffix=".part", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        _name(temporary, path)
    except FileExistsError:
        return _write_new(path, data)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return True


def _name(temporary: str, path: str) -> None:
    """Give a finished file its name; FileExistsError when that has been taken meanwhile."""
    if os.name != "nt":
        try:
            os.link(temporary, path)
            return
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            if os.path.lexists(path):
                raise FileExistsError(path) from None
    os.rename(temporary, path)


def how_to_own(folder: str, platform: str = sys.platform) -> str:
    """The command that gives a LUT folder to the user."""
    return _HELP.get(platform, _HELP["linux"]).format(folder=folder)


def _explained(folder: str, error: OSError, platform: str) -> str:
    tell = "add a custom LUT path of your own in the project settings (Color Management) and tell us: "
    tell += "gradewright resolve folder PATH"
    if SANDBOXES in os.path.abspath(__file__):
        way = "The App Store's edition may write in its container and in ~/Movies only: make a folder there, "
        way += tell
    else:
        way = "Either %s - or %s" % (how_to_own(folder, platform), tell)
    return "the LUT folder %s cannot be written (%s). %s" % (folder, error.strerror or error, way)
