"""The two results: a new layer, or filters on the layer itself. One undo step each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from gi.repository import Gegl, Gimp

from . import chain

_FLOATING = tuple(
    getattr(Gimp.Precision, f"{depth}_{curve}")
    for depth in ("HALF", "FLOAT", "DOUBLE")
    for curve in ("LINEAR", "NON_LINEAR", "PERCEPTUAL")
)


@contextlib.contextmanager
def one_undo_step(image: Any) -> Iterator[None]:
    """Everything inside is undone together."""
    image.undo_group_start()
    try:
        yield
    finally:
        image.undo_group_end()


def source_layer(image: Any, drawable: Any, title: str) -> Any:
    """A layer, not yet in the image, with what the drawable shows: the copy that will be graded."""
    if drawable.is_group():
        return _flat_copy(image, drawable, title)
    copy = drawable.copy()
    copy.set_name(title)
    copy.merge_filters()
    if hasattr(copy, "rasterize"):  # 3.2 renders texts, paths and linked files anew when it likes
        copy.rasterize()
    return copy


def _flat_copy(image: Any, group: Any, title: str) -> Any:
    kind = Gimp.ImageType.RGBA_IMAGE
    with as_shown(group) as shown:
        size = shown.get_width(), shown.get_height()
        layer = Gimp.Layer.new(image, title, *size, kind, group.get_opacity(), group.get_mode())
        rectangle = Gegl.Rectangle.new(0, 0, *size)
        buffer = layer.get_buffer()
        shown.get_buffer().copy(rectangle, Gegl.AbyssPolicy.NONE, buffer, rectangle)
        buffer.flush()
        offsets = shown.get_offsets()
        layer.set_offsets(offsets.offset_x, offsets.offset_y)
    return layer


@contextlib.contextmanager
def as_shown(drawable: Any) -> Iterator[Any]:
    """The drawable with its own filters in its pixels: a copy for so long, where it has any.

    A drawable's own buffer holds its pixels without its filters, a group's what its layers show.
    """
    if not drawable.get_filters():
        yield drawable
    elif drawable.is_group():  # only in an image can a group be made one layer
        twin = drawable.get_image().duplicate()
        try:
            yield _merged(_counterpart(twin, drawable))
        finally:
            twin.delete()
    else:
        copy = drawable.copy()
        try:
            copy.merge_filters()
            yield copy
        finally:
            copy.delete()


def _merged(group: Any) -> Any:
    """The group as a layer, as it is before opacity, mode and mask."""
    group.set_opacity(100)
    group.set_mode(Gimp.LayerMode.NORMAL)
    group.set_visible(True)
    if group.get_mask() is not None:
        group.remove_mask(Gimp.MaskApplyMode.DISCARD)
    return group.merge()


def _counterpart(twin: Any, item: Any) -> Any:
    """The same item in a duplicate of its image."""
    parent = item.get_parent()
    siblings = twin.get_layers() if parent is None else _counterpart(twin, parent).get_children()
    return siblings[item.get_image().get_item_position(item)]


def insert_above(image: Any, drawable: Any, layer: Any) -> None:
    """Put the layer above the drawable, in the same group."""
    parent = drawable.get_parent()
    image.insert_layer(layer, parent, image.get_item_position(drawable))
    for lock in ("content", "position", "alpha"):
        getattr(layer, "set_lock_" + lock)(False)


def copy_mask(drawable: Any, layer: Any) -> None:
    """The mask of a group for its flat copy, which is in the image by now; other copies have theirs."""
    mask = drawable.get_mask()
    if mask is None or layer.get_mask() is not None:
        return
    own = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(own)
    size, theirs, ours = (layer.get_width(), layer.get_height()), drawable.get_offsets(), layer.get_offsets()
    place = ours.offset_x - theirs.offset_x, ours.offset_y - theirs.offset_y
    buffer = own.get_buffer()
    mask.get_buffer().copy(
        Gegl.Rectangle.new(*place, *size), Gegl.AbyssPolicy.NONE, buffer, Gegl.Rectangle.new(0, 0, *size)
    )
    buffer.flush()
    own.update(0, 0, *size)
    layer.set_apply_mask(drawable.get_apply_mask())
    layer.set_edit_mask(False)


def write(layer: Any, graded: Any) -> None:
    """Merge a Gegl.Buffer into the layer where the selection allows, as something that can be undone."""
    width, height = layer.get_width(), layer.get_height()
    rectangle = Gegl.Rectangle.new(0, 0, width, height)
    shadow = layer.get_shadow_buffer()
    graded.copy(rectangle, Gegl.AbyssPolicy.NONE, shadow, rectangle)
    shadow.flush()
    layer.merge_shadow(True)
    layer.update(0, 0, width, height)


def is_plain(drawable: Any) -> bool:
    """A copy above hides it completely where it is opaque."""
    plain = drawable.get_mode() in (Gimp.LayerMode.NORMAL, Gimp.LayerMode.NORMAL_LEGACY)
    return plain and drawable.get_opacity() >= 100 and drawable.get_mask() is None


def may_exceed(image: Any, drawable: Any) -> bool:
    """Whether the values that new filters get may lie outside 0..1."""
    return bool(drawable.get_filters()) or image.get_precision() in _FLOATING


def add_filters(image: Any, drawable: Any, operations: list[dict[str, Any]]) -> list[Any]:
    """The editable result; takes back what it has added when GIMP refuses one of the filters."""
    with one_undo_step(image):
        added: list[Any] = []
        try:
            for operation in operations:
                added += chain.append(drawable, [operation])
        except Exception:
            for made in added:
                made.delete()
            raise
    return added
