"""The state of one Resolve: projects, timelines, clips, versions, nodes, LUT folders, pages."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from . import cube_grammar, pixels
from .profiles import STUDIO_20_3, Profile

START, FPS = 86400, 24  # 01:00:00:00
SIZE = (36, 64)
_ids = count(1)


@dataclass
class Node:
    label: str = ""
    lut: str = ""
    cdl: dict | None = None
    tools: list[str] = field(default_factory=list)
    enabled: bool = True


@dataclass
class Clip:
    """An item on a track; ``picture`` holds values of the timeline's working space, (36, 64, 3) float32."""

    name: str
    start: int
    end: int
    picture: np.ndarray
    kind: str = "footage"  # "title", "transition"
    metadata: dict[str, str] = field(default_factory=dict)
    enabled: bool = True
    versions: dict[str, list[Node]] = field(default_factory=lambda: {"Version 1": [Node()]})
    version: str = "Version 1"
    remote: dict[str, list[Node]] = field(default_factory=dict)
    version_type: int = 0  # of the loaded one: 0 local, 1 remote (README)
    uid: str = field(default_factory=lambda: f"clip-{next(_ids)}")

    @property
    def nodes(self) -> list[Node]:
        return self.named(self.version_type)[self.version]

    def named(self, kind: int) -> dict[str, list[Node]]:
        """The versions of a type."""
        return self.remote if kind == 1 else self.versions

    def state(self) -> Any:
        """Everything that a grade consists of, for before-and-after comparisons."""
        return copy.deepcopy((self.versions, self.version, self.remote, self.version_type))


class World:
    """One running Resolve with a project, a timeline and its clips."""

    def __init__(self, folder: Path, profile: Profile = STUDIO_20_3, science: str = "davinciYRGB") -> None:
        self.profile = profile
        self.master = folder / "LUT"
        self.user_luts = folder / "user" / "LUT"
        self.custom: list[Path] = []
        for made in (self.master, self.user_luts):
            made.mkdir(parents=True, exist_ok=True)
        self.listed: dict[str, Path] = {}
        self.page: str | None = "edit"
        self.has_project = self.has_timeline = True
        self.busy = 0
        self.playing = self.modal = self.empty_versions = False
        self.foreground, self.gallery_open, self.exports = True, False, True
        self.bypass = False  # grades are switched off in the viewer
        self.playhead = START
        self.tracks: list[list[Clip]] = [[]]
        self.markers: dict[int, dict] = {}
        self.stills: list[np.ndarray] = []
        self.settings = dict(_SCIENCE[science], colorScienceMode=science, timelineFrameRate=str(FPS))
        self.own_settings: dict[str, str] = {"useCustomSettings": "0"}
        self.calls: list[tuple[str, tuple]] = []
        self.hooks: dict[str, Callable[[], None]] = {}
        self._still: bytes | None = None

    def new_run(self) -> None:
        """The script has ended; the next one starts."""
        self._still = None

    # -- making

    def add(
        self, name: str, srgb: np.ndarray | None = None, length: int = 48, track: int = 1, **more: Any
    ) -> Clip:
        """A clip at the end of a track, that looks like an sRGB picture through the timeline's output."""
        while len(self.tracks) < track:
            self.tracks.append([])
        row = self.tracks[track - 1]
        start = more.pop("start", row[-1].end if row else START)
        picture = np.zeros((*SIZE, 3), np.float32) if srgb is None else self.footage(srgb)
        clip = Clip(name, start, start + length, picture, **more)
        row.append(clip)
        return clip

    def footage(self, srgb: np.ndarray) -> np.ndarray:
        space = self.space
        if space is None:  # the timeline holds display values
            return pixels.convert(srgb, "sRGB - Display", self.display) if self.display else srgb
        return pixels.from_picture(srgb, space)

    # -- colour

    @property
    def space(self) -> str | None:
        """OpenColorIO's name for what nodes work in; None for display values."""
        if self.settings["colorScienceMode"].startswith("aces"):
            return pixels.SPACES[self.settings["colorScienceMode"], ""]
        gamut, gamma = self.settings["colorSpaceTimeline"], self.settings.get("colorSpaceTimelineGamma", "")
        return pixels.SPACES.get((gamut, gamma))

    @property
    def display(self) -> str | None:
        aces = self.settings["colorScienceMode"].startswith("aces")
        key = "colorAcesODT" if aces else "colorSpaceOutput"
        return pixels.DISPLAYS.get(self.settings.get(key, ""))

    def render(self, clip: Clip | None) -> np.ndarray:
        """What the viewer shows, (36, 64, 3) float 0..1."""
        if clip is None:
            return np.zeros((*SIZE, 3), np.float32)
        values = clip.picture
        for node in clip.nodes if not self.bypass else ():
            if node.enabled:
                values = self._through(node, values)
        managed = self.settings["colorScienceMode"] != "davinciYRGB"
        if managed and self.space is not None and self.display is not None:
            values = pixels.viewed(values, self.space, self.display)
        return np.clip(values, 0, 1)

    def _through(self, node: Node, values: np.ndarray) -> np.ndarray:
        if node.cdl is not None:
            values = pixels.cdl(values, node.cdl)
        if not node.lut or node.lut not in self.listed:
            return values
        path = str(self.listed[node.lut])
        if not self.settings["colorScienceMode"].startswith("aces") or self.space is None:
            return pixels.lut(values, path)
        # MANUAL, project settings for ACES: node LUTs run in "ACEScc AP1 timeline space" or "ACES AP0
        # linear".
        linear = self.settings.get("colorAcesNodeLUTProcessingSpace") == "acesAp0Linear"
        there = "ACES2065-1" if linear else "ACEScc"
        return pixels.convert(pixels.lut(pixels.convert(values, self.space, there), path), there, self.space)

    # -- LUT folders

    @property
    def roots(self) -> list[Path]:
        """Where SetLUT looks: the master folder and custom paths. Not the user's (LEDGER, PR #90, #223)."""
        return [self.master, *self.custom]

    def refresh(self) -> None:
        """Read the folders again; files that Blackmagic's grammar does not allow are not listed."""
        self.listed = {}
        for root in self.roots:
            for path in sorted(root.rglob("*.cube")):
                if not cube_grammar.fault(path):
                    self.listed.setdefault(path.relative_to(root).as_posix(), path)

    def find_lut(self, said: str) -> str | None:
        """The relative name of a listed LUT given by relative or absolute path."""
        plain = said.replace("\\", "/")
        by_path = {str(path): name for name, path in self.listed.items()}
        return plain if plain in self.listed else by_path.get(plain)

    # -- time

    @property
    def frozen(self) -> bool:
        """Writes fail: playback runs (LEDGER), or a modal waits for a human (LEDGER: Studio upsell)."""
        return self.playing or self.modal

    def clip_at(self, frame: int) -> Clip | None:
        """The topmost enabled item under the playhead."""
        for row in reversed(self.tracks):
            for clip in row:
                if clip.start <= frame < clip.end and clip.enabled and clip.kind != "transition":
                    return clip
        return None

    def still(self) -> bytes:
        """The bytes of an exported still; on 21.1 the first one of the script run again."""
        if self.profile.one_still and self._still is not None:
            return self._still
        return self.fresh_still()

    def fresh_still(self) -> bytes:
        """What is shown now, as PNG."""
        from io import BytesIO

        out = BytesIO()
        shown = np.rint(self.render(self.clip_at(self.playhead)) * 255).astype(np.uint8)
        Image.fromarray(shown).save(out, "PNG")
        self._still = out.getvalue()
        return self._still

    # -- connecting

    @property
    def resolve(self) -> Any:
        from .objects import ResolveObject

        return ResolveObject(self)

    def scriptapp(self, name: str) -> Any:
        """From outside Resolve: Studio only (README, Preferences > General > External scripting)."""
        return self.resolve if name == "Resolve" and self.profile.external else None


_RCM = {
    "separateColorSpaceAndGamma": "1",
    "colorSpaceTimeline": "DaVinci WG",
    "colorSpaceTimelineGamma": "DaVinci Intermediate",
    "colorSpaceOutput": "Rec.709",
    "colorSpaceOutputGamma": "Gamma 2.4",
}
_ACES = {"colorAcesODT": "sRGB", "acesVersion": "aces_2.0", "colorAcesNodeLUTProcessingSpace": "acesccAp1"}
_SCIENCE: dict[str, dict[str, str]] = {
    "davinciYRGB": {
        "separateColorSpaceAndGamma": "0",
        "colorSpaceTimeline": "Rec.709 Gamma 2.4",
        "colorSpaceOutput": "Rec.709 Gamma 2.4",
    },
    "davinciYRGBColorManagedv2": _RCM,
    "acescct": _ACES,
    "acescc": _ACES,
    "filmlightTCAM": {},
}
