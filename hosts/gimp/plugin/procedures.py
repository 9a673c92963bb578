"""The procedures that GIMP lists under Colors > Gradewright, for the menu and for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gi.repository import Gimp, GLib, GObject

from .wish import VARIATIONS, Wish

MENU = "<Image>/Colors/_Gradewright"
PREFIX = "plug-in-gradewright-"
_RW = GObject.ParamFlags.READWRITE


@dataclass(frozen=True)
class Entry:
    """A procedure: what it is called and which arguments it has."""

    kind: str
    label: str
    blurb: str
    prompt: str = ""
    file: str = ""
    many: bool = True  # several candidates to choose from

    @property
    def title(self) -> str:
        """Its label without mnemonic and dots."""
        return self.label.replace("_", "").rstrip(".")

    @property
    def name(self) -> str:
        """Its name in the procedure database."""
        return PREFIX + self.kind


ENTRIES = (
    Entry("words", "Grade with _Words...", "Grades the layer the way you say it", "What do you _want?"),
    Entry(
        "match",
        "_Match a Reference...",
        "Gives the layer the grade of another picture",
        file="Reference _picture",
    ),
    Entry("auto", "_Auto Grade...", "Grades the layer from what is seen in it"),
    Entry(
        "look",
        "Apply _Look File...",
        "Applies a LUT: .cube, .3dl, .clf, .ctf, Hald PNG",
        file="_Look file",
        many=False,
    ),
    Entry("explain", "_Explain This Photo...", "Says what the image critic sees in the layer"),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}


def declare(procedure: Any, entry: Entry) -> None:
    """Menu, texts, arguments and return values."""
    procedure.set_image_types("*")
    procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE)
    procedure.set_menu_label(entry.label)
    procedure.add_menu_path(MENU)
    procedure.set_documentation(
        entry.blurb, entry.blurb + ". Works through gradewright, on this machine.", None
    )
    procedure.set_attribution("The gradewright authors", "The gradewright authors", "2026")
    if entry.kind == "explain":
        procedure.add_double_return_value("score", "Score", "0 to 100", 0, 100, 0, _RW)
        procedure.add_string_return_value("report", "Report", "One finding a line", "", _RW)
        return
    _arguments(procedure, entry)
    procedure.add_drawable_return_value("result", "Result", "New layer, or the layer with filters", True, _RW)
    residual = "Mean CIEDE2000 between the filters and the grade; 0 for a new layer"
    procedure.add_double_return_value("residual", "Residual", residual, 0, 1000, 0, _RW)
    procedure.add_string_return_value("notes", "Notes", "What you should know, one note a line", "", _RW)


def _arguments(procedure: Any, entry: Entry) -> None:
    if entry.prompt:
        procedure.add_string_argument("prompt", entry.prompt, "In your own words", "", _RW)
    if entry.file:
        kind = Gimp.FileChooserAction.OPEN
        procedure.add_file_argument("file", entry.file, entry.file.replace("_", ""), kind, True, None, _RW)
    amounts = (("strength", "_Strength"), ("luma", "L_uma"), ("chroma", "C_hroma"))
    blurbs = ("How much of the grade", "How much of its lightness", "How much of its colour")
    for (name, label), blurb in zip(amounts, blurbs, strict=False):
        procedure.add_double_argument(name, label, blurb, 0.0, 1.0, 1.0, _RW)
    if entry.many:
        blurb = "Which of the candidates, the best first"
        procedure.add_int_argument("variation", "_Variation", blurb, 1, VARIATIONS, 1, _RW)
        procedure.add_int_argument("seed", "Seed", "Another number, other candidates", 0, 2**31 - 1, 0, _RW)
    output = Gimp.Choice.new()
    output.add("layer", 0, "New layer (exact)", "A graded copy above the layer")
    output.add("filters", 1, "Filters (editable)", "GIMP's own filters on the layer, close to the grade")
    procedure.add_choice_argument("output", "_Output", "What becomes of the grade", output, "layer", _RW)
    blurb = "Convert a grayscale or indexed image to RGB; without it such an image is refused"
    procedure.add_boolean_argument("convert-gray", "Convert to _RGB", blurb, False, _RW)


def wish_of(entry: Entry, config: Any) -> Wish:
    """What the arguments say."""
    names = {spec.name for spec in config.list_properties()}

    def value(name: str, default: Any) -> Any:
        return config.get_property(name) if name in names else default

    file = value("file", None)
    return Wish(
        kind=entry.kind,
        prompt=value("prompt", "") or "",
        file=file.get_path() if file is not None else None,
        strength=value("strength", 1.0),
        luma=value("luma", 1.0),
        chroma=value("chroma", 1.0),
        seed=value("seed", 0),
        variation=value("variation", 1),
        editable=value("output", "layer") == "filters",
        convert_gray=value("convert-gray", False),
    )


def failure(procedure: Any, message: str, status: Any = Gimp.PDBStatusType.EXECUTION_ERROR) -> Any:
    """The return values of a procedure that could not do its work."""
    error = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), message, 0)
    return procedure.new_return_values(status, error)


def success(procedure: Any, done: dict[str, Any]) -> Any:
    """The return values of one that did."""
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    for position, value in enumerate(done.values(), 1):
        values.remove(position)
        values.insert(position, _gvalue(value))
    return values


def _gvalue(value: Any) -> Any:
    kinds = {float: GObject.TYPE_DOUBLE, str: GObject.TYPE_STRING}
    return GObject.Value(kinds.get(type(value), Gimp.Drawable), value)
