"""One order from the picture to the result, without any window."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from gi.repository import Gegl, Gimp

from . import geometry, layers, pixels
from .service import ClientError, client, job
from .wish import Unusable, Wish

# A grade is made for 0..1: beyond, some of GIMP's filters turn white into other colours.
WITHIN_RANGE = {
    "operation": "gegl:rgb-clip",
    "name": "Gradewright: Range",
    "mode": None,
    "updates": [{"clip-low": True, "clip-high": True, "low-limit": 0.0, "high-limit": 1.0}],
}
HOST = "gimp-3.2" if Gimp.MINOR_VERSION >= 2 else "gimp-3.0"  # which filters may be used


class Order:
    """A wish for a drawable of an image, with where its news go.

    ``progress(fraction, text)`` and ``cancelled()`` are called as the work goes on.
    """

    def __init__(
        self,
        image: Any,
        drawable: Any,
        progress: Callable[[float, str], Any],
        cancelled: Callable[[], bool] = lambda: False,
        run: Callable[..., dict[str, Any]] = job,
    ) -> None:
        self.image, self.drawable = image, drawable
        self.progress, self.cancelled = progress, cancelled
        self._job = run

    def candidates(self, wish: Wish, folder: str, preview: int | None = None) -> list[dict[str, Any]]:
        """The grades that gradewright offers, best first, with their files in ``folder``."""
        if wish.kind == "look":
            return [{"files": {"cube": wish.file}, "notes": [], "title": os.path.basename(wish.file or "")}]
        photo = os.path.join(folder, "proxy.gwpx")
        pixels.write_proxy(self.drawable, photo)
        request = wish.request(photo, folder, preview)
        return list(self._job("grade", request, self.progress, self.cancelled)["grades"])

    def carry_out(
        self, wish: Wish, grades: list[dict[str, Any]] | None = None, fitted: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Grade and put the result into the image: {"result": drawable, "residual": dE, "notes": [line]}.

        ``grades`` : the candidates, where they have been asked for already; ``fitted`` : likewise the
        filters of the one that is wanted

        Raises
        ------
        Unusable, ClientError : with one line for the user; the image is as it was
        """
        wish.checked()
        check_mode(self.image, wish)
        check_place(self.image, self.drawable)
        with scratch() as folder:
            grades = grades or self.candidates(wish, folder)
            chosen = grades[min(wish.variation, len(grades)) - 1]
            order = lut_order(wish, chosen)
            if wish.editable:
                done = self._filters(fitted or self._fitted(order, folder))
            else:
                done = self._layer(wish, order, folder)
        return {**done, "notes": [*chosen.get("notes", []), *done["notes"]]}

    def _layer(self, wish: Wish, order: dict[str, Any], folder: str) -> dict[str, Any]:
        source = layers.source_layer(self.image, self.drawable, wish.title)
        try:
            graded, opaque = self._graded(source, order, folder)
        except BaseException:
            source.delete()
            raise
        notes = []
        with layers.one_undo_step(self.image):
            if convert(self.image):  # a layer outside the image is not converted with it
                source.delete()
                source = layers.source_layer(self.image, self.drawable, wish.title)
            layers.insert_above(self.image, self.drawable, source)
            layers.write(source, graded)
            layers.copy_mask(self.drawable, source)
            if not (opaque and layers.is_plain(self.drawable)):
                self.drawable.set_visible(False)
                notes.append("the original layer is hidden: it would show through its graded copy")
        return {"result": source, "residual": 0.0, "notes": notes}

    def _graded(self, source: Any, order: dict[str, Any], folder: str) -> tuple[Any, bool]:
        count = pixels.channels(source)
        size = source.get_width(), source.get_height()
        Gegl.init(None)  # libgimp has not, and a buffer of our own needs it
        graded = Gegl.Buffer.new(pixels.FORMATS[count], 0, 0, *size)
        opaque = pixels.through_lut(source.get_buffer(), graded, size, count, folder, self._strip(order))
        return graded, opaque

    def _strip(self, order: dict[str, Any]) -> Callable[[str, str, float], Any]:
        """How one strip, ``done`` of the picture from its top, gets from a file to a file."""

        def run(before: str, after: str, done: float) -> None:
            self.progress(done, "applying the grade")
            request = {**order, "photo": before, "output": after, "overwrite": True}
            self._job("apply", request, None, self.cancelled)

        return run

    def _fitted(self, order: dict[str, Any], folder: str) -> dict[str, Any]:
        photo = os.path.join(folder, "fit.gwpx")
        pixels.write_proxy(self.drawable, photo)
        asked = filters_request(order, photo, pixels.primaries(self.image))
        return self._job("filters", asked, self.progress, self.cancelled)

    def _filters(self, found: dict[str, Any]) -> dict[str, Any]:
        with layers.one_undo_step(self.image):
            convert(self.image)
            within = [WITHIN_RANGE] if layers.may_exceed(self.image, self.drawable) else []
            layers.add_filters(self.image, self.drawable, [*within, *found["operations"]])
        residual = float(found["residual_de"])
        return {"result": self.drawable, "residual": residual, "notes": [nearness(found)]}


def lut_order(wish: Wish, chosen: dict[str, Any]) -> dict[str, Any]:
    """Which LUT, and how much of it; a predicted one has its amounts in it already."""
    return {"lut": chosen["files"]["cube"], **(wish.amounts if wish.kind == "look" else {})}


def filters_request(order: dict[str, Any], photo: str, primaries: list[float] | None) -> dict[str, Any]:
    """The request for the filters that come nearest to a LUT."""
    return {**order, "host": HOST, "photo": photo, **({"primaries": primaries} if primaries else {})}


def nearness(found: dict[str, Any]) -> str:
    """How near the filters come, as a line."""
    residual = float(found["residual_de"])
    return f"the filters come within a mean of {residual:.1f} dE (CIEDE2000) of the grade"


def check_mode(image: Any, wish: Wish) -> None:
    """Refuse what is not RGB unless it may be converted. Raises Unusable."""
    if image.get_base_type() != Gimp.ImageBaseType.RGB and not wish.convert_gray:
        raise Unusable("the image is not RGB: allow the conversion (convert-gray), or use Image > Mode > RGB")


def check_place(image: Any, drawable: Any) -> None:
    """Refuse where a result could not be put or would not be seen. Raises Unusable."""
    if image.get_floating_sel() is not None:
        raise Unusable("there is a floating selection: anchor it, or make it a layer, before grading")
    if not drawable.mask_intersect()[0]:
        raise Unusable("the selection lies outside the layer: nothing would be graded")


def convert(image: Any) -> bool:
    """Make the image RGB; whether it was something else."""
    if image.get_base_type() == Gimp.ImageBaseType.RGB:
        return False
    image.convert_rgb()
    return True


def review(drawable: Any, run: Callable[..., dict[str, Any]] = job) -> dict[str, Any]:
    """What the image critic says."""
    with scratch() as folder:
        return reviewed(review_proxy(drawable, folder), run)


def review_proxy(drawable: Any, folder: str) -> str:
    """The picture that the critic gets."""
    photo = os.path.join(folder, "proxy.gwpx")
    pixels.write_proxy(drawable, photo, 1024)
    return photo


def reviewed(photo: str, run: Callable[..., dict[str, Any]] = job) -> dict[str, Any]:
    """What the image critic says about a file."""
    return run("review", {"photo": photo}, None, None)


def review_lines(found: dict[str, Any]) -> list[str]:
    """A review as lines of text: the score, what was found, what would help."""
    lines = ["Score: {:.0f} of 100".format(found["score"])]
    for part in ("findings", "suggestions"):
        lines += texts(found.get(part, []))
    return lines


def texts(items: list[Any]) -> list[str]:
    """Findings or suggestions as lines."""
    return [_text(item) for item in items]


def _text(item: Any) -> str:
    if isinstance(item, dict):
        return str(item.get("text") or item.get("message") or item)
    return str(item)


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """A private folder for the pictures that go to and fro, in memory where it can be."""
    folder = client.scratch_folder(8 * geometry.STRIP_PIXELS * 16)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


__all__ = ["HOST", "ClientError", "Order", "Unusable", "convert", "review", "review_lines", "scratch"]
