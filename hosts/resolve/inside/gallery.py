"""Gallery stills as reference pictures."""

import os
from typing import TYPE_CHECKING, List

from .errors import ResolveError

if TYPE_CHECKING:
    import fusionscript


def labels(project: "fusionscript.Project") -> List[str]:
    """The labels of the stills in the current album, in its order."""
    gallery = project.GetGallery()
    album = gallery.GetCurrentStillAlbum() if gallery is not None else None
    if album is None:
        return []
    return [str(album.GetLabel(still) or number) for number, still in enumerate(album.GetStills() or [], 1)]


def export(project: "fusionscript.Project", index: int, folder: str) -> str:
    """Write the still at a place (from 0) of the current album as a picture; its path.

    Raises
    ------
    ResolveError : there is none, or Resolve does not export it
    """
    gallery = project.GetGallery()
    album = gallery.GetCurrentStillAlbum() if gallery is not None else None
    stills = list(album.GetStills() or []) if album is not None else []
    if album is None or not 0 <= index < len(stills):
        raise ResolveError("the gallery's current album has no such still: open the album and try again")
    before = set(os.listdir(folder))
    done = album.ExportStills([stills[index]], folder, "reference", "png")
    found = sorted(name for name in set(os.listdir(folder)) - before if name.endswith(".png"))
    if not done or not found:
        # Resolve exports stills only while the Gallery panel is open.
        raise ResolveError(
            "Resolve exported no still: open the Gallery panel on the Color page and try again"
        )
    return os.path.join(folder, found[0])
