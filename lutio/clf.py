"""CLF and CTF through OpenColorIO, whose implementation is the reference one."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gradewright.core.errors import LutFileError

from . import ocio_log, source
from .approximated import warn
from .options import checked

if TYPE_CHECKING:
    import PyOpenColorIO
    from gradewright.core.lut import Lut

BAKED_SIZE = 65
_FOREIGN = (
    (re.compile(rb"<!DOCTYPE"), "a document type"),
    (re.compile(rb"<!ENTITY"), "an entity"),
    (re.compile(rb"<(?:[A-Za-z][\w.-]*:)?Reference[\s/>]"), "a reference"),
)


class ProcessListFormat:
    """An XML ``ProcessList``: CLF (SMPTE ST 2136-1) or CTF, which differ in what they may hold."""

    def __init__(self, name: str, summary: str, ocio_name: str) -> None:
        self.name, self.summary = name, summary
        self.suffixes: tuple[str, ...] = (f".{name}",)
        self._ocio_name = ocio_name

    def read(self, path: Path) -> Lut:
        """The file's transform.

        A chain of matrices and ranges, a 1D LUT and a 3D LUT is taken over exactly; interpolation
        is tetrahedral whatever the file asks for. Any other chain is sampled over 0..1 on 65^3,
        with a :class:`LutApproximated` warning.

        Raises
        ------
        LutFileError : with OpenColorIO's reason, on one line
        """
        import numpy as np
        from gradewright.core.errors import BadInput

        from .clf_chain import sampled, to_lut

        group = _load(path, self.name)
        title = group.getFormatMetadata().getName()
        try:
            with np.errstate(all="ignore"):  # what overflows is refused as not finite
                lut = to_lut(group)
                exact = lut is not None
                lut = lut or sampled(group, BAKED_SIZE)
            if not exact:
                warn(path, f"holds more than a shaper and a cube: sampled to {BAKED_SIZE}^3 over 0..1")
        except BadInput as error:
            raise LutFileError(path, f"cannot be used as a LUT ({error})") from error
        return lut.titled(" ".join(title.split()))

    def write(self, lut: Lut, path: Path, **options: Any) -> None:
        """Write to ``path``; option ``description``. Numbers are kept to eight digits."""
        path.write_bytes(self.encode(lut, **checked(self.encode, options, self.name)))

    def encode(self, lut: Lut, *, description: str = "") -> bytes:
        """A LUT as XML text. The same LUT always gives the same bytes.

        Parameters
        ----------
        description : free text, kept in the file's ``Description`` element
        """
        import PyOpenColorIO as ocio
        from gradewright.core.ocio import group
        from gradewright.core.ocio_lut import transforms

        chain = group(transforms(lut))
        chain.getFormatMetadata().setName(_printable(lut.title))
        if description:
            chain.getFormatMetadata().addChildElement("Description", _printable(description))
        text: str = chain.write(formatName=self._ocio_name, config=ocio.Config.CreateRaw())
        return text.encode("utf-8")


CLF = ProcessListFormat("clf", "SMPTE ST 2136-1 common LUT format", "Academy/ASC Common LUT Format")
CTF = ProcessListFormat("ctf", "Autodesk colour transform format", "Color Transform Format")


def _load(path: Path, kind: str) -> PyOpenColorIO.GroupTransform:
    """The file's operators, by OpenColorIO.

    It reads a copy under a neutral name: a ``$`` or ``%`` in a path means a variable to
    OpenColorIO, and its file cache goes by name, so that a file that changed would come back old.
    """
    import PyOpenColorIO as ocio

    data = source.load(path)
    _refuse_foreign(path, data, kind)
    with tempfile.TemporaryDirectory(prefix="gradewright-") as folder:
        copy = Path(folder) / f"lut.{kind}"
        copy.write_bytes(data)
        try:
            with ocio_log.caught() as log:
                config = ocio.Config.CreateRaw()
                group = config.getProcessor(ocio.FileTransform(str(copy))).createGroupTransform()
        except (ocio.Exception, UnicodeDecodeError) as error:
            _fail(path, str(error))
        finally:
            ocio.ClearAllCaches()  # every read has a new name: the cache would only grow
    _refuse_skipped(path, log)
    return group


def _refuse_skipped(path: Path, log: list[str]) -> None:
    """Refuse a file of which OpenColorIO left out an element, which it only mentions in its log."""
    for message in log:
        found = re.search(r"\((\d+)\): (Unrecognized element '[^']*')", message)
        if found:
            raise LutFileError(path, found.group(2), "OpenColorIO would leave it out", int(found.group(1)))


def _refuse_foreign(path: Path, data: bytes, kind: str) -> None:
    """Refuse what OpenColorIO would read as another format, or would fetch from elsewhere."""
    if not source.PROCESS_LIST.search(data):
        what = source.sniff(data) or "not XML with a ProcessList"
        raise LutFileError(path, f"is {what}", f"a .{kind} file is a <ProcessList> document")
    for pattern, what in _FOREIGN:
        if found := pattern.search(data):
            line = data.count(b"\n", 0, found.start()) + 1
            raise LutFileError(path, f"holds {what}", "a LUT file stands alone, without it", line)


def _fail(path: Path, reason: str) -> NoReturn:
    """Refuse with the last, innermost reason of OpenColorIO's message."""
    reason = re.split(r"failed with: |Error is: ", reason)[-1]
    found = re.search(r"\s*At line \(?(\d+)\)?:?", reason)
    line = int(found.group(1)) if found else None
    if found:
        reason = reason[: found.start()] + reason[found.end() :]
    reason = _printable(reason).removeprefix("CTF/CLF parsing error: ").rstrip(" .")[:240]
    raise LutFileError(path, reason, "OpenColorIO refuses it", line)


def _printable(text: str) -> str:
    return "".join(c for c in " ".join(text.split()) if c.isprintable())
