"""The colour settings of a project and its timeline, as Resolve prints them. Read, never written."""

from typing import TYPE_CHECKING, Any, Dict

if TYPE_CHECKING:
    import fusionscript

# What a situation depends on, and what helps to read the record of a self-test.
KEYS = (
    "colorScienceMode",
    "separateColorSpaceAndGamma",
    "colorSpaceTimeline",
    "colorSpaceTimelineGamma",
    "colorSpaceOutput",
    "colorSpaceOutputGamma",
    "isAutoColorManage",
    "rcmPresetMode",
    "inputDRT",
    "outputDRT",
    "acesVersion",
    "colorAcesODT",
    "colorAcesNodeLUTProcessingSpace",
    "nodeStackLayers",
    "videoDataLevels",
    "timelineFrameRate",
)


def read(project: "fusionscript.Project", timeline: "fusionscript.Timeline") -> Dict[str, str]:
    """The settings that are in force: the timeline's where it has its own, else the project's."""
    found = _all(project)
    own = _all(timeline)
    if own.get("useCustomSettings") == "1":
        found.update({key: value for key, value in own.items() if value})
    return found


def _all(owner: Any) -> Dict[str, str]:
    # 21.1 deprecates GetSetting for GetSettings. hasattr() is of no use: Resolve has every name.
    every = owner.GetSettings() if "GetSettings" in dir(owner) else None
    found: Dict[str, str] = {}
    for key in KEYS + ("useCustomSettings",):
        value = every.get(key) if isinstance(every, dict) else owner.GetSetting(key)
        if value not in (None, ""):
            found[key] = str(value)
    return found


def footage_hints(clip: "fusionscript.TimelineItem") -> Dict[str, str]:
    """What the clip's own metadata says about its encoding: hints, nothing more."""
    media = clip.GetMediaPoolItem()
    if media is None:
        return {}
    wanted = {"Input Color Space": media.GetClipProperty("Input Color Space")}
    metadata = media.GetMetadata()
    if isinstance(metadata, dict):
        wanted.update({key: metadata.get(key) for key in ("Gamma Notes", "Color Space Notes", "Camera Type")})
    return {key: str(value) for key, value in wanted.items() if value}
