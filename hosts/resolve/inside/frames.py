"""The frame under the playhead as a file."""

import base64
import hashlib
import os
import struct
import zlib
from typing import TYPE_CHECKING, Optional

from .errors import ResolveError
from .host import Host

if TYPE_CHECKING:
    import fusionscript

_POLLS, _PAUSE = 10, 0.1


class Frames:
    """Exports frames into a folder, and notices when Resolve hands out an old one.

    From 21.1 on only one new still per script run was reported, of the frame that was shown before the run
    moved the playhead: later exports repeat it. The thumbnail of the Color page then serves, which is small
    but true.
    """

    def __init__(self, host: Host, project: "fusionscript.Project", folder: str) -> None:
        self.host, self.project, self.folder = host, project, folder
        self._seen = host.stills

    def export(self, name: str, item: "fusionscript.TimelineItem", timeline: "fusionscript.Timeline") -> str:
        """Write the frame to ``<name>.png`` and return the path.

        Parameters
        ----------
        name : stem of the file
        item : what should be seen; two clips, or two versions of one, never look byte for byte alike
        timeline : for the thumbnail, where the still is an old one

        Raises
        ------
        ResolveError : neither a still nor a thumbnail can be had
        """
        path = os.path.join(self.folder, name + ".png")
        if self._still(path, item, timeline) or self._thumbnail(path, timeline):
            return path
        raise ResolveError(
            "Resolve exported no frame to %s: close its dialogs, bring it to the front and try again" % path
        )

    def again(self, name: str) -> Optional[str]:
        """The frame once more, as it is now; None where Resolve gives none, or may have given an old one."""
        path = os.path.join(self.folder, name + ".png")
        if self._too_late or not self.project.ExportCurrentFrameAsStill(path) or not os.path.isfile(path):
            return None
        if self._may_repeat and _digest(path) in self._seen:
            return None
        return path

    def _still(self, path: str, item: "fusionscript.TimelineItem", timeline: "fusionscript.Timeline") -> bool:
        """Export a still; whether it is one, and not an old one."""
        if self._too_late or not self.project.ExportCurrentFrameAsStill(path) or not os.path.isfile(path):
            return False
        version = (item.GetCurrentVersion() or {}).get("versionName")
        shows = "%s/%s/%s" % (item.GetUniqueId(), version, timeline.GetCurrentTimecode())
        old = self._may_repeat and self._seen.setdefault(_digest(path), shows) != shows
        return os.path.getsize(path) > 0 and not old

    @property
    def _too_late(self) -> bool:
        """The playhead was moved by this run: a still may show what stood there before."""
        return self._may_repeat and self.host.moved

    @property
    def _may_repeat(self) -> bool:
        from .host import ONE_STILL_A_RUN

        return self.host.version >= ONE_STILL_A_RUN

    def _thumbnail(self, path: str, timeline: "fusionscript.Timeline") -> bool:
        """Write the Color page's thumbnail of the current clip, where Resolve gives it."""
        self.host.to_color_page()
        for _ in range(_POLLS):
            found = timeline.GetCurrentClipThumbnailImage()
            if isinstance(found, dict) and found.get("data"):
                width, height = int(found["width"]), int(found["height"])
                pixels = base64.b64decode(found["data"])
                if len(pixels) == 3 * width * height:
                    write_png(path, width, height, pixels)
                    return True
            self.host.sleep(_PAUSE)
        return False


def write_png(path: str, width: int, height: int, rgb: bytes) -> None:
    """An 8-bit RGB PNG from rows of bytes; Resolve's Python has no imaging library."""
    rows = b"".join(b"\0" + rgb[3 * width * y : 3 * width * (y + 1)] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(data)) + kind + data)
            file.write(struct.pack(">I", zlib.crc32(kind + data) & 0xFFFFFFFF))


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
