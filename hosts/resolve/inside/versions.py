"""Colour versions: every change goes into a new one, and undo loads the old one again."""

from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from .errors import ResolveError

if TYPE_CHECKING:
    import fusionscript

LOCAL = 0  # version type; 1 is remote
PREFIX = "gradewright "


def current(item: "fusionscript.TimelineItem") -> str:
    """The name of the loaded version."""
    return str((item.GetCurrentVersion() or {}).get("versionName") or "")


def begin(item: "fusionscript.TimelineItem") -> "Version":
    """Add a version and make sure that it is the one loaded.

    Raises
    ------
    ResolveError : Resolve refused; the clip is as it was
    """
    info = item.GetCurrentVersion() or {}
    before, kind = str(info.get("versionName") or ""), int(info.get("versionType") or LOCAL)
    if not before:
        raise ResolveError(
            "Resolve does not say which version of '%s' is loaded: nothing was changed" % item.GetName()
        )
    names = set(item.GetVersionNameList(LOCAL) or [])
    number = 1
    while PREFIX + str(number) in names:
        number += 1
    name = PREFIX + str(number)
    if not item.AddVersion(name, LOCAL):
        raise ResolveError(
            "Resolve added no colour version to '%s': there would be no undo, so nothing was changed"
            % item.GetName()
        )
    version = Version(item, name, before, kind)
    if current(item) != name and not (item.LoadVersionByName(name, LOCAL) and current(item) == name):
        version.discard()
        raise ResolveError("Resolve did not load the new colour version of '%s'" % item.GetName())
    return version


class Version:
    """A version of ours on a clip, and the one that was loaded before it."""

    def __init__(self, item: "fusionscript.TimelineItem", name: str, before: str, kind: int) -> None:
        self.item, self.name, self.before, self.kind = item, name, before, kind

    def discard(self) -> bool:
        """Load the version from before and delete ours; True when the clip is as it was."""
        if current(self.item) == self.name and not self.item.LoadVersionByName(self.before, self.kind):
            return False  # the loaded version cannot be deleted
        if self.name in (self.item.GetVersionNameList(LOCAL) or []):
            return bool(self.item.DeleteVersionByName(self.name, LOCAL))
        return True

    def entry(self) -> Dict[str, Any]:
        """For the journal."""
        return {
            "clip": self.item.GetUniqueId(),
            "name": self.item.GetName(),
            "version": self.name,
            "before": self.before,
            "kind": self.kind,
        }


def undo_entry(item: "fusionscript.TimelineItem", entry: Dict[str, Any]) -> Tuple[bool, str]:
    """Take one journal entry back: whether nothing is left to do, and a line for the user."""
    version = Version(item, str(entry["version"]), str(entry["before"]), int(entry.get("kind") or LOCAL))
    name = item.GetName()
    if version.name not in (item.GetVersionNameList(LOCAL) or []):
        return True, "%s: the version '%s' is gone already" % (name, version.name)
    if version.discard():
        return True, "%s: back to '%s'" % (name, version.before)
    return (
        False,
        "%s: Resolve did not go back to '%s'; load it by hand (right-click the clip, Local Versions)"
        % (
            name,
            version.before,
        ),
    )


def names_in(entries: List[Dict[str, Any]]) -> str:
    """The clips of some journal entries, for messages."""
    return ", ".join(str(entry.get("name")) for entry in entries)
