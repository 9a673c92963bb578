"""What the stub lacks or has wrong: newer methods, forgotten defaults, results that may be None.

``METHODS`` : (class, method, fewest and most arguments). ``SIGNATURES`` : lines that replace the stub's for
the type check of the adapter.
"""

from __future__ import annotations

METHODS = (
    # README, 24 July 2026 (21.0.4)
    ("Timeline", "GetSelectedClips", 0, 0),
    # .pyi of 21.1, through the LuaLS file generated from it
    ("Resolve", "IsStudio", 0, 0),
    ("Resolve", "GetCurrentProject", 0, 0),
    ("Resolve", "GetCurrentTimeline", 0, 0),
    ("Resolve", "GetGallery", 0, 0),
    ("Resolve", "ValidateDCTL", 1, 1),
    ("Project", "GetSettings", 0, 0),
    ("Project", "SetSettings", 1, 1),
    ("Timeline", "GetSettings", 0, 0),
    ("Timeline", "SetSettings", 1, 1),
    # README: "Returns value of timeline setting ... indicated by settingName"; the key may be left out: a
    # dict
    ("Project", "GetSetting", 0, 1),
    ("Timeline", "GetSetting", 0, 1),
    # README: start, end and duration take the subframe flag since 19; it may be left out
    ("TimelineItem", "GetStart", 0, 1),
    ("TimelineItem", "GetEnd", 0, 1),
    ("TimelineItem", "GetDuration", 0, 1),
    ("MediaPoolItem", "GetMetadata", 0, 1),
    ("MediaPoolItem", "GetClipProperty", 0, 1),
)

SIGNATURES = {
    ("Resolve", "GetCurrentPage"): "def GetCurrentPage(self) -> str | None: ...",
    ("Resolve", "GetProjectManager"): "def GetProjectManager(self) -> ProjectManager | None: ...",
    ("ProjectManager", "GetCurrentProject"): "def GetCurrentProject(self) -> Project | None: ...",
    ("Project", "GetCurrentTimeline"): "def GetCurrentTimeline(self) -> Timeline | None: ...",
    ("Project", "GetSetting"): "def GetSetting(self, settingName: str = ...) -> str: ...",
    ("Project", "GetGallery"): "def GetGallery(self) -> Gallery | None: ...",
    ("Gallery", "GetCurrentStillAlbum"): "def GetCurrentStillAlbum(self) -> GalleryStillAlbum | None: ...",
    ("Timeline", "GetSetting"): "def GetSetting(self, settingName: str = ...) -> str: ...",
    ("Timeline", "GetCurrentVideoItem"): "def GetCurrentVideoItem(self) -> TimelineItem | None: ...",
    (
        "Timeline",
        "GetCurrentClipThumbnailImage",
    ): "def GetCurrentClipThumbnailImage(self) -> dict[str, Any] | None: ...",
    ("Timeline", "GetItemListInTrack"): (
        "def GetItemListInTrack(self, trackType: str, index: int) -> list[TimelineItem] | None: ..."
    ),
    ("TimelineItem", "GetMediaPoolItem"): "def GetMediaPoolItem(self) -> MediaPoolItem | None: ...",
    ("TimelineItem", "GetCurrentVersion"): "def GetCurrentVersion(self) -> dict[str, Any] | None: ...",
    (
        "TimelineItem",
        "GetVersionNameList",
    ): "def GetVersionNameList(self, versionType: int) -> list[str] | None: ...",
    ("TimelineItem", "GetNodeGraph"): "def GetNodeGraph(self, layerIdx: int = ...) -> Graph: ...",
    ("TimelineItem", "SetCDL"): "def SetCDL(self, cdlMap: dict[str, Any]) -> bool: ...",
    ("Graph", "GetToolsInNode"): "def GetToolsInNode(self, nodeIndex: int) -> list[str] | None: ...",
    ("Graph", "GetLUT"): "def GetLUT(self, nodeIndex: int) -> str | None: ...",
    ("Timeline", "GetMarkers"): "def GetMarkers(self) -> dict[float, Any] | None: ...",
    (
        "MediaPool",
        "ImportMedia",
    ): "def ImportMedia(self, items: list[Any]) -> list[MediaPoolItem] | None: ...",
    ("GalleryStillAlbum", "ExportStills"): (
        "def ExportStills(self, galleryStills: list[GalleryStill], folderPath: str, filePrefix: str, "
        "format: str) -> bool: ..."
    ),
}
