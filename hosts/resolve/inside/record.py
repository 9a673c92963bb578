"""Every call to Resolve on record, as JSON lines, so that a test can replay what a real Resolve answered.

One line a call: object, method, arguments, result, and the bytes of an exported picture. The last line
holds the SHA-256 of all lines before it.
"""

import base64
import hashlib
import json
import os
from typing import Any, Dict, List

_MOST = 8 * 1024 * 1024  # bytes of a picture that is kept
_PLAIN = (str, int, float, bool, type(None))
_LISTED = ("GetSettings",)  # what the adapter looks up with dir()


class Journal:
    """The lines of a record."""

    def __init__(self) -> None:
        self.lines: List[str] = []
        self.known: Dict[str, int] = {}

    def add(self, entry: Dict[str, Any]) -> None:
        """Append an entry."""
        self.lines.append(json.dumps(entry, ensure_ascii=True, sort_keys=True))

    def name(self, kind: str) -> str:
        """A new object's name, such as "GetCurrentTimeline#2": by the call that gave it."""
        self.known[kind] = self.known.get(kind, 0) + 1
        return "%s#%d" % (kind, self.known[kind])

    def write(self, path: str) -> None:
        """Write the lines and their digest."""
        body = "\n".join(self.lines) + "\n"
        digest = hashlib.sha256(body.encode("ascii")).hexdigest()
        with open(path, "w", encoding="ascii", newline="\n") as file:
            file.write(body + json.dumps({"sha256": digest}) + "\n")


class Recorded:
    """Stands before one of Resolve's objects and writes down what is asked of it."""

    def __init__(self, thing: Any, name: str, journal: Journal) -> None:
        self._thing, self._name, self._journal = thing, name, journal

    def __dir__(self) -> List[str]:
        names = set(dir(self._thing))
        found = [name for name in _LISTED if name in names]
        self._journal.add({"object": self._name, "method": "dir", "args": [], "result": found})
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        value = getattr(self._thing, name)
        if not callable(value):
            self._journal.add({"object": self._name, "method": name, "args": None, "result": value})
            return value

        def call(*args: Any) -> Any:
            answer = value(*[_bare(arg) for arg in args])
            entry = {"object": self._name, "method": name, "args": [self._shown(arg) for arg in args]}
            returned = self._wrapped(answer, name)
            entry["result"] = self._shown(returned)
            entry.update(_picture(name, args, answer))
            self._journal.add(entry)
            return returned

        return call

    def _wrapped(self, value: Any, by: str) -> Any:
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, (list, tuple)):
            return [self._wrapped(item, by) for item in value]
        if isinstance(value, dict):
            return {key: self._wrapped(item, by) for key, item in value.items()}
        return Recorded(value, self._journal.name(by), self._journal)

    def _shown(self, value: Any) -> Any:
        if isinstance(value, Recorded):
            return {"$object": value._name}
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, (list, tuple)):
            return [self._shown(item) for item in value]
        if isinstance(value, dict):
            return {str(key): self._shown(item) for key, item in value.items()}
        return repr(value)


def _bare(value: Any) -> Any:
    if isinstance(value, Recorded):
        return value._thing
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _picture(method: str, args: Any, answer: Any) -> Dict[str, str]:
    """The picture that a call has written."""
    if method != "ExportCurrentFrameAsStill" or not answer or not os.path.isfile(args[0]):
        return {}
    with open(args[0], "rb") as file:
        data = file.read(_MOST + 1)
    return {"file": base64.b64encode(data).decode("ascii")} if len(data) <= _MOST else {}
