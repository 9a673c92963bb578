"""The API's objects over a :class:`~.world.World`."""

from __future__ import annotations

import base64
import copy
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from .strict import Strict
from .world import FPS, SIZE, START, Clip, Node, World

COLOURS = frozenset(
    [
        "Blue",
        "Cyan",
        "Green",
        "Yellow",
        "Red",
        "Pink",
        "Purple",
        "Fuchsia",
        "Rose",
        "Lavender",
        "Sky",
        "Mint",
        "Lemon",
        "Sand",
        "Cocoa",
        "Cream",
    ]
)  # README, AddMarker
PAGES = frozenset(["media", "photo", "cut", "edit", "fusion", "color", "fairlight", "deliver"])
_NEWER = {"GetSettings", "SetSettings"}
_21_1 = {"IsStudio", "GetCurrentProject", "GetCurrentTimeline", "GetGallery", "ValidateDCTL"}


class Thing(Strict):
    """An object of one world."""

    def __init__(self, world: World, of: Any = None) -> None:
        self._world, self._of = world, of

    def absent(self) -> frozenset[str]:
        world = self._world
        gone = set() if world.profile.settings_dict else set(_NEWER)
        if self.api == "Resolve" and world.profile.version < (21, 1, 0):
            gone |= _21_1
        return frozenset(gone)

    def called(self, name: str, args: tuple[Any, ...]) -> None:
        self._world.calls.append((f"{self.api}.{name}", args))
        hook = self._world.hooks.get(name)
        if hook is not None:
            hook()


class ResolveObject(Thing):
    api = "Resolve"
    EXPORT_LUT_17PTCUBE, EXPORT_LUT_33PTCUBE, EXPORT_LUT_65PTCUBE = 0, 1, 2

    def _GetProductName(self) -> str:
        return self._world.profile.product

    def _GetVersion(self) -> list:
        return [*self._world.profile.version, 7, ""]

    def _GetVersionString(self) -> str:
        return ".".join(map(str, self._world.profile.version))

    def _GetCurrentPage(self) -> str | None:
        return self._world.page

    def _OpenPage(self, page: str) -> bool:
        if page not in PAGES or self._world.modal:
            return False
        self._world.page = page
        return True

    def _GetProjectManager(self) -> Any:
        return ManagerObject(self._world)


class ManagerObject(Thing):
    api = "ProjectManager"

    def _GetCurrentProject(self) -> Any:
        world = self._world
        if world.busy > 0:  # LEDGER: None while Resolve is busy
            world.busy -= 1
            return None
        return ProjectObject(world) if world.has_project else None

    def _SaveProject(self) -> bool:
        raise AssertionError("SaveProject hangs for ever on an untitled project with -nogui (LEDGER)")


class Settings(Thing):
    def settings(self) -> dict[str, str]:
        raise NotImplementedError

    def get(self, key: str | None = None) -> Any:
        return dict(self.settings()) if key is None else self.settings().get(key, "")


class ProjectObject(Settings):
    api = "Project"

    def settings(self) -> dict[str, str]:
        return self._world.settings

    def _GetSetting(self, key: str | None = None) -> Any:
        return self.get(key)

    def _GetSettings(self) -> dict[str, str]:
        return dict(self.settings())

    def _GetName(self) -> str:
        return "Untitled Project"

    def _GetUniqueId(self) -> str:
        return "project-1"

    def _GetCurrentTimeline(self) -> Any:
        return TimelineObject(self._world) if self._world.has_timeline else None

    def _GetTimelineCount(self) -> int:
        return int(self._world.has_timeline)

    def _RefreshLUTList(self) -> bool:
        if self._world.modal:
            return False
        self._world.refresh()
        return True

    def _ExportCurrentFrameAsStill(self, path: str) -> bool:
        world = self._world
        suffix = Path(path).suffix.lower()
        if (
            not world.exports
            or world.modal
            or not world.has_timeline
            or suffix not in {".png", ".jpg", ".tif"}
        ):
            return False
        if not Path(path).parent.is_dir():
            return False
        Path(path).write_bytes(world.still())
        return True

    def _GetGallery(self) -> Any:
        return GalleryObject(self._world)

    def _GetMediaPool(self) -> Any:
        return MediaPoolObject(self._world)


class TimelineObject(Settings):
    api = "Timeline"

    def settings(self) -> dict[str, str]:
        return self._world.own_settings

    def _GetSetting(self, key: str | None = None) -> Any:
        return self.get(key)

    def _GetSettings(self) -> dict[str, str]:
        return dict(self.settings())

    def _GetName(self) -> str:
        return "Timeline 1"

    def _GetUniqueId(self) -> str:
        return "timeline-1"

    def _GetStartFrame(self) -> int:
        return START

    def _GetEndFrame(self) -> int:
        return max((clip.end for row in self._world.tracks for clip in row), default=START)

    def _GetStartTimecode(self) -> str:
        return _code(START)

    def _GetTrackCount(self, kind: str) -> int:
        return len(self._world.tracks) if kind == "video" else 1

    def _GetItemListInTrack(self, kind: str, index: int) -> list | None:
        rows = self._world.tracks
        if kind != "video" or not 1 <= index <= len(rows):  # 1-based (README)
            return None
        return [ItemObject(self._world, clip) for clip in rows[index - 1]]

    def _GetCurrentTimecode(self) -> str:
        code = _code(self._world.playhead)
        self._world.playhead += self._world.playing
        return code

    def _SetCurrentTimecode(self, code: str) -> bool:
        found = re.fullmatch(r"(\d\d):(\d\d):(\d\d):(\d\d)", code)
        if not found or self._world.frozen:
            return False
        hours, minutes, seconds, frames = map(int, found.groups())
        frame = ((hours * 60 + minutes) * 60 + seconds) * FPS + frames
        if frames >= FPS or not START <= frame <= self._GetEndFrame():
            return False
        # Report on 21.1: the one fresh still shows the frame from before the run moved the playhead ("set
        # the timecode in an earlier run").
        if self._world.profile.one_still:
            self._world.still()
        self._world.playhead = frame
        return True

    def _GetCurrentVideoItem(self) -> Any:
        clip = self._world.clip_at(self._world.playhead)
        return None if clip is None else ItemObject(self._world, clip)

    def _GetCurrentClipThumbnailImage(self) -> dict | None:
        # LEDGER: Color page and Resolve frontmost, else None
        world = self._world
        if world.page != "color" or not world.foreground:
            return None
        shown = np.rint(world.render(world.clip_at(world.playhead)) * 255).astype(np.uint8)
        data = base64.b64encode(shown.tobytes()).decode()
        return {"width": SIZE[1], "height": SIZE[0], "format": "RGB 8 bit", "data": data}

    def _GetMarkers(self) -> dict:
        return copy.deepcopy(self._world.markers)

    def _AddMarker(
        self, frame: float, colour: str, name: str, note: str, duration: float, custom: str = ""
    ) -> bool:
        # README: frames are offsets from the timeline's start; one marker a frame
        world = self._world
        inside = 0 <= frame < self._GetEndFrame() - START
        if world.frozen or colour not in COLOURS or frame in world.markers or not inside or duration < 1:
            return False
        world.markers[int(frame)] = {"color": colour, "name": name, "note": note, "customData": custom}
        return True

    def _DeleteMarkerByCustomData(self, custom: str) -> bool:
        found = [frame for frame, marker in self._world.markers.items() if marker["customData"] == custom]
        for frame in found[:1]:
            del self._world.markers[frame]
        return bool(found)


class ItemObject(Thing):
    api = "TimelineItem"
    _of: Clip

    def _GetName(self) -> str:
        return self._of.name

    def _GetUniqueId(self) -> str:
        return self._of.uid

    def _GetStart(self, _subframe: bool = False) -> int:
        return self._of.start

    def _GetEnd(self, _subframe: bool = False) -> int:
        return self._of.end

    def _GetClipEnabled(self) -> bool:
        return self._of.enabled

    def _GetProperty(self, _key: str | None = None) -> dict:
        return {} if self._of.kind == "transition" else {"Pan": 0.0}  # LEDGER: transitions give {}

    def _GetMediaPoolItem(self) -> Any:
        return MediaObject(self._world, self._of) if self._of.kind == "footage" else None

    def _GetNodeGraph(self, layer: int = 1) -> Any:
        return GraphObject(self._world, self._of) if layer == 1 else None

    def _SetCDL(self, values: dict) -> bool:
        # README: {"NodeIndex", "Slope", "Offset", "Power", "Saturation"}; strings there, numbers in 21.1's
        # .pyi
        index, saturation = values.get("NodeIndex"), values.get("Saturation")
        texts = isinstance(index, str) and isinstance(saturation, str)
        if self._world.frozen or (texts == self._world.profile.typed_cdl):
            return False
        if not 1 <= int(index) <= len(self._of.nodes):
            return False
        triples = {key.lower(): _triple(values.get(key)) for key in ("Slope", "Offset", "Power")}
        if None in triples.values():
            return False
        self._of.nodes[int(index) - 1].cdl = dict(triples, saturation=float(saturation))
        return True

    # Versions: "Color page; fails from Edit" (Aedelon/davinci-mcp, tool text).

    def _may_version(self) -> bool:
        return self._world.page == "color" and not self._world.frozen

    def _GetCurrentVersion(self) -> dict:
        return {"versionName": self._of.version, "versionType": self._of.version_type}

    def _GetVersionNameList(self, kind: int) -> list:
        return list(self._of.named(kind))

    def _AddVersion(self, name: str, kind: int) -> bool:
        clip = self._of
        if not self._may_version() or kind not in (0, 1) or not name or name in clip.named(kind):
            return False
        # Whether a new version copies the grade is not in the README: both are modelled.
        clip.named(kind)[name] = [Node()] if self._world.empty_versions else copy.deepcopy(clip.nodes)
        clip.version, clip.version_type = name, kind
        return True

    def _LoadVersionByName(self, name: str, kind: int) -> bool:
        if not self._may_version() or name not in self._of.named(kind):
            return False
        self._of.version, self._of.version_type = name, kind
        return True

    def _DeleteVersionByName(self, name: str, kind: int) -> bool:
        clip = self._of
        # The loaded version cannot be deleted (LEDGER).
        loaded = (name, kind) == (clip.version, clip.version_type)
        if not self._may_version() or name not in clip.named(kind) or loaded:
            return False
        del clip.named(kind)[name]
        return True

    def _CopyGrades(self, _items: list) -> bool:
        raise AssertionError(
            "CopyGrades replaces whole grades without a version (LEDGER): grades would be lost"
        )


class GraphObject(Thing):
    api = "Graph"
    _of: Clip

    def _node(self, index: Any) -> Node | None:
        """1-based since 16.2 (README)."""
        nodes = self._of.nodes
        return nodes[index - 1] if isinstance(index, int) and 1 <= index <= len(nodes) else None

    def _GetNumNodes(self) -> int:
        return len(self._of.nodes)

    def _GetNodeLabel(self, index: int) -> str:
        node = self._node(index)
        return node.label if node else ""

    def _GetToolsInNode(self, index: int) -> list | None:
        node = self._node(index)
        return list(node.tools) if node and node.tools else None  # LEDGER: None where there are none

    def _GetLUT(self, index: int) -> str:
        node = self._node(index)
        return node.lut if node else ""

    def _SetLUT(self, index: int, path: str) -> bool:
        node = self._node(index)
        if node is None or self._world.frozen:
            return False
        name = self._world.find_lut(path) if path else ""
        if name is None:  # not in a LUT folder, or not discovered yet: RefreshLUTList first (README)
            return False
        node.lut = name
        return True

    def _SetNodeEnabled(self, index: int, enabled: bool) -> bool:
        node = self._node(index)
        if node is not None:
            node.enabled = enabled
        return node is not None

    def _ResetAllGrades(self) -> bool:
        raise AssertionError("ResetAllGrades destroys a grade")

    def _ApplyGradeFromDRX(self, _path: str, _mode: int) -> bool:
        raise AssertionError("ApplyGradeFromDRX replaces the whole graph")


class MediaObject(Thing):
    api = "MediaPoolItem"
    _of: Clip

    def _GetName(self) -> str:
        return self._of.name

    def _GetClipProperty(self, key: str | None = None) -> Any:
        return self._of.metadata.get(key, "") if key else dict(self._of.metadata)

    def _GetMetadata(self, key: str | None = None) -> Any:
        return self._of.metadata.get(key, "") if key else dict(self._of.metadata)


class MediaPoolObject(Thing):
    api = "MediaPool"

    def _ImportMedia(self, items: list) -> list | None:
        from PIL import Image

        found = []
        for path in items:
            if not os.path.isfile(path):
                return None
            small = Image.open(path).convert("RGB").resize((SIZE[1], SIZE[0]))
            picture = np.asarray(small, np.float32) / 255
            found.append(MediaObject(self._world, Clip(Path(path).name, 0, 24, picture)))
        return found

    def _CreateTimelineFromClips(self, _name: str, *clips: Any) -> Any:
        items = clips[0] if len(clips) == 1 and isinstance(clips[0], list) else clips
        self._world.has_timeline = True
        self._world.tracks = [[]]
        for media in items:
            clip = self._world.add(media._of.name, length=24)
            clip.picture = media._of.picture
        return TimelineObject(self._world)


class GalleryObject(Thing):
    api = "Gallery"

    def _GetCurrentStillAlbum(self) -> Any:
        return AlbumObject(self._world)


class StillObject(Thing):
    api = "GalleryStill"


class AlbumObject(Thing):
    api = "GalleryStillAlbum"

    def _GetStills(self) -> list:
        return [StillObject(self._world, picture) for picture in self._world.stills]

    def _GetLabel(self, still: StillObject) -> str:
        return f"1.{1 + next(i for i, s in enumerate(self._world.stills) if s is still._of)}.1"

    def _ExportStills(self, stills: list, folder: str, prefix: str, form: str) -> bool:
        from PIL import Image

        # False unless the Gallery panel is open (LEDGER); a .drx comes with every picture.
        if not self._world.gallery_open or form not in {"png", "jpg", "tif"} or not Path(folder).is_dir():
            return False
        for number, still in enumerate(stills, 1):
            shown = np.rint(still._of * 255).astype(np.uint8)
            Image.fromarray(shown).save(Path(folder) / f"{prefix}_{number}.{number}.1.{form}")
            (Path(folder) / f"{prefix}_{number}.{number}.1.drx").write_text("<Drx/>")
        return True


def _code(frame: int) -> str:
    seconds, frames = divmod(frame, FPS)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def _triple(text: Any) -> list[float] | None:
    try:
        values = [float(part) for part in str(text).split(" ")]
    except ValueError:
        return None
    return values if len(values) == 3 else None
