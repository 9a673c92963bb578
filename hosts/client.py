"""The client of the grading service: the only module of gradewright that a host imports.

Standard library only, Python 3.6 and later; the installers copy this file into each host's adapter
folder, with ``gradewright.json`` beside it::

    {"command": ["/path/to/python", "-m", "gradewright.cli"], "version": "0.1.0"}

which says how the service is started in gradewright's own environment. Usage::

    client = Client.connect()                     # starts the service when it is not running
    answer = client.grade({"photo": "/photos/a.jpg", "prompt": "warm, lifted shadows", "preview": 512})
    answer["grades"][0]["files"]["cube"]          # a file to load

Large pictures that are not files go through :func:`write_pixels` and :func:`read_pixels_header`.
Everything that fails raises :class:`ClientError` with one line that can be shown to the user.
docs/service.md describes the protocol.
"""

import contextlib
import json
import os
import socket
import stat
import struct
import sys
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

PROTOCOL = 1
SOCKET_NAME = "service.sock"
ADDRESS_NAME = "service.json"  # where the service says who it is and, for TCP, its port and token
LOG_NAME = "service.log"

Progress = Optional[Callable[[float, str], Any]]
Cancelled = Optional[Callable[[], bool]]

_SILENCE = 30.0  # seconds without a line after which the service counts as dead; it sends several a second
_LONGEST_LINE = 64 * 1024 * 1024
_MOST_SENT = 1024 * 1024  # bytes, which the service takes
_HEADER = struct.Struct("<4sBBBBII")
_MAGIC = b"GWPX"
_KINDS = ("uint8", "uint16", "float32")
_BYTES = {"uint8": 1, "uint16": 2, "float32": 4}
PIXELS_SUFFIX = ".gwpx"
PIXELS_OFFSET = _HEADER.size  # 16: where the pixels start
# What a host sets for its own interpreter and libraries must not reach ours.
_FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "LD_LIBRARY_PATH", "LD_PRELOAD")
_started = []  # type: List[Any]  # processes this one started, kept so that they are reaped


class ClientError(Exception):
    """What went wrong, in one line that a user can read.

    ``kind``: "input" (wrong request), "busy" (queue full), "cancelled", "unreachable" (none), "hung" (it runs
    but does not answer), "fault" (ours).
    """

    def __init__(self, message: str, kind: str = "fault") -> None:
        super().__init__(message)
        self.kind = kind


class Client:
    """Talks to the user's grading service. Make one with :meth:`connect`; it holds no connection open."""

    def __init__(self, folder: str, command: Optional[List[str]] = None) -> None:
        self.folder = folder
        self._command = command  # with which a service that has gone meanwhile is started again

    @classmethod
    def connect(
        cls, command: Optional[List[str]] = None, start: bool = True, timeout: float = 20.0
    ) -> "Client":
        """A client of a running service.

        Parameters
        ----------
        command : how gradewright's command line is started; None takes it from ``gradewright.json``
            beside this file
        start : start the service when none runs, and replace one of another version or of an
            installation that has changed since it was started
        timeout : seconds to wait for a service that starts

        Raises
        ------
        ClientError : no service and none could be started in time, or the runtime folder is unsafe
        """
        facts = _facts()
        command = command or facts.get("command")
        client = cls(facts.get("runtime") or runtime_folder(), command if start else None)
        status = client._probe()
        if status is not None and (not start or _fits(status, command, facts.get("version"))):
            return client
        if not start:
            raise ClientError(
                "the grading service is not running: start it with 'gradewright serve'", "unreachable"
            )
        if not command:
            raise ClientError(
                "gradewright.json is missing beside the adapter: run 'gradewright install' again",
                "unreachable",
            )
        deadline = time.monotonic() + timeout
        if status is not None:
            client._retire(status, deadline)
        client._start(command, deadline)
        return client

    # -- what a host asks

    def status(self) -> Dict[str, Any]:
        """``version``, ``pid``, ``protocol``, ``stale`` and ``jobs`` (running, queued, done, failed)."""
        return self._simple("GET", "/v1/status")

    def grade(
        self, request: Dict[str, Any], progress: Progress = None, cancelled: Cancelled = None
    ) -> Dict[str, Any]:
        """Grades, best first.

        Parameters
        ----------
        request : any of ``photo`` (absolute path, or a ``.gwpx`` file of :func:`write_pixels`),
            ``prompt``, ``reference`` (path), ``pair`` ([before, after]), ``params`` ({name: value}),
            ``auto`` (bool), ``from`` (path of a LUT to start from), ``strength``, ``luma``, ``chroma``
            (0..1), ``seed``, ``variations`` (1..16), ``engine``, ``space`` (working space to bake for),
            ``size`` (17, 33 or 65), ``folder`` (absolute path of an existing folder to write into; None:
            a private one of the service, kept for an hour), ``name`` (stem of the files; "grade"),
            ``formats`` (["cube"]), ``preview`` (longer side in pixels of a graded PNG; needs ``photo``),
            ``describe`` (true; false leaves out ``recipe``, ``residual_de`` and ``report``, which is faster)
        progress : called with a fraction 0..1 and a text as the work goes on
        cancelled : asked several times a second; True stops the job

        Returns
        -------
        {"grades": [{"title", "files": {"cube": path, "preview": path}, "recipe": {name: value},
        "residual_de": mean CIEDE2000 of the recipe against the LUT, "report": {...}, "notes": [line],
        "engine"}]}
        """
        return self.job("grade", request, progress, cancelled)

    def apply(
        self,
        lut_path: str,
        in_path: str,
        out_path: str,
        progress: Progress = None,
        cancelled: Cancelled = None,
        **options: Any,
    ) -> Dict[str, Any]:
        """Run a LUT over a picture; absolute paths. A ``.gwpx`` file gives a ``.gwpx`` file.

        ``options``: ``strength``, ``luma``, ``chroma`` 0..1; ``overwrite`` (false). Values outside 0..1
        keep their excess, alpha passes through. Returns {"path": out_path, "notes": [line]}.
        """
        request = {"lut": lut_path, "photo": in_path, "output": out_path}
        return self.job("apply", dict(request, **options), progress, cancelled)

    def review(self, photo: str) -> Dict[str, Any]:
        """What the image critic says about a photo: ``score`` 0..100, ``findings``, ``suggestions``."""
        return self.job("review", {"photo": photo})

    def shutdown(self) -> None:
        """Ask the service to finish its job and exit."""
        self._simple("POST", "/v1/shutdown")

    def job(
        self,
        kind: str,
        request: Dict[str, Any],
        progress: Progress = None,
        cancelled: Cancelled = None,
        **more: Any,
    ) -> Dict[str, Any]:
        """Run a job ("grade", "apply", "review") and wait for its result; see :meth:`grade`.

        A service that has exited since :meth:`connect` is started again; one that ends at work is not.
        """
        asked = dict(more, kind=kind, request=request)
        heard = []  # type: List[str]
        try:
            return self._job(asked, progress, cancelled, heard)
        except ClientError as error:
            if error.kind != "unreachable" or heard or self._command is None:
                raise
        self._start(self._command, time.monotonic() + 20.0)
        return self._job(asked, progress, cancelled, heard)

    def _job(
        self, asked: Dict[str, Any], progress: Progress, cancelled: Cancelled, heard: List[str]
    ) -> Dict[str, Any]:
        with self._answer("POST", "/v1/jobs", asked, _SILENCE) as response:
            while True:
                event = _event(response)
                heard[:] = [str(event.get("event"))]
                name = event.get("event")
                if name == "result":
                    return _object(event.get("result"))
                if name == "error":
                    raise ClientError(str(event.get("message")), str(event.get("kind")))
                if name == "progress" and progress is not None:
                    progress(float(event["fraction"]), str(event["text"]))
                if cancelled is not None and cancelled():
                    raise ClientError("cancelled", "cancelled")  # closing the connection stops the job

    # -- how it gets there

    def _simple(self, method: str, path: str, timeout: float = 5.0) -> Dict[str, Any]:
        with self._answer(method, path, {} if method == "POST" else None, timeout) as response, _reaching():
            return _object(_parsed(response.read(_LONGEST_LINE)))

    @contextlib.contextmanager
    def _answer(self, method: str, path: str, body: Any, timeout: float) -> Iterator[Any]:
        """The open response to one request; refusals of the service become ClientError."""
        data = None if body is None else json.dumps(body).encode("utf-8")
        if data is not None and len(data) > _MOST_SENT:
            raise ClientError("the request is too large: large pictures go as files", "input")
        connection, headers = self._connection(timeout)
        try:
            if data is not None:
                headers["Content-Type"] = "application/json"
            with _reaching():
                connection.request(method, path, data, headers)
                response = connection.getresponse()
            with contextlib.closing(response):  # it has the socket, not the connection
                if response.status != 200:
                    raise _refusal(response)
                yield response
        finally:
            connection.close()

    def _connection(self, timeout: float) -> Tuple[Any, Dict[str, str]]:
        """A connection and the headers that it needs."""
        import http.client  # not above: the command line imports this module and looks for a socket first

        path = os.path.join(self.folder, SOCKET_NAME)
        if hasattr(socket, "AF_UNIX") and os.path.exists(path):
            connection = http.client.HTTPConnection("localhost", timeout=timeout)
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.settimeout(timeout)
            try:
                with _reaching():
                    connection.sock.connect(path)
            except ClientError:
                connection.close()
                raise
            return connection, {}
        address = _read_json(os.path.join(self.folder, ADDRESS_NAME))
        if not isinstance(address.get("port"), int):
            raise ClientError("the grading service is not running", "unreachable")
        headers = {"Authorization": "Bearer %s" % address.get("token")}
        return http.client.HTTPConnection("127.0.0.1", address["port"], timeout=timeout), headers

    def _probe(self) -> Optional[Dict[str, Any]]:
        """The status of a service that runs; None when there is none."""
        check_folder(self.folder)
        try:
            return self.status()
        except ClientError as error:
            if error.kind != "unreachable":
                raise
            return None

    def _retire(self, status: Dict[str, Any], deadline: float) -> None:
        """Have a service that does not fit exit, and wait until it has."""
        with contextlib.suppress(ClientError):
            self.shutdown()
        while time.monotonic() < deadline:
            now = self._probe()
            if now is None or now.get("pid") != status.get("pid"):
                return
            time.sleep(0.05)
        raise ClientError("the grading service of another version is busy: try again when it is done", "busy")

    def _start(self, command: List[str], deadline: float) -> None:
        """Start the service and wait until it answers. Of several that are started at once, one stays."""
        process = _spawn([*command, "serve"], self.folder)
        while time.monotonic() < deadline:
            if self._probe() is not None:
                return
            if process.poll() not in (None, 0):
                raise ClientError("the grading service did not start: " + self._last_words(), "unreachable")
            time.sleep(0.05)
        raise ClientError("the grading service did not answer in time: " + self._last_words(), "unreachable")

    def _last_words(self) -> str:
        """The last line of the service's log."""
        lines = []  # type: List[str]
        path = os.path.join(self.folder, LOG_NAME)
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as log:
            lines = [line.strip() for line in log if line.strip()]
        return lines[-1] if lines else "run 'gradewright doctor'"


# -- pictures that are not files


def scratch_folder(size: int = 0) -> str:
    """A new private folder for ``.gwpx`` files, in memory if ``size`` bytes fit twice; remove it yourself."""
    import tempfile

    where = _facts().get("scratch")
    if where is None and os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK):
        room = os.statvfs("/dev/shm")
        where = "/dev/shm" if room.f_bavail * room.f_frsize > 2 * size else None
    return tempfile.mkdtemp(prefix="gradewright-", dir=where)


def write_pixels(
    path: str, width: int, height: int, channels: int, kind: str, chunks: Iterable[bytes]
) -> None:
    """Write a picture for the service: sRGB-encoded RGB or RGBA, rows from the top.

    Parameters
    ----------
    path : a name ending in ``.gwpx``
    width, height : in pixels
    channels : 3 or 4
    kind : "uint8", "uint16" or "float32" (0..1), little-endian
    chunks : the pixels' bytes in order, in pieces of any length

    Raises ClientError when the chunks do not make up the picture.
    """
    if kind not in _KINDS or channels not in (3, 4):
        raise ClientError("pixels are uint8, uint16 or float32 with 3 or 4 channels", "input")
    expected, written = width * height * channels * _BYTES[kind], 0
    with open(path, "wb") as out:
        out.write(_HEADER.pack(_MAGIC, 1, _KINDS.index(kind), channels, 0, width, height))
        for chunk in chunks:
            written += out.write(chunk)
    if written != expected:
        raise ClientError("%s: %d bytes of pixels, not %d" % (path, written, expected), "input")


def read_pixels_header(path: str) -> Tuple[int, int, int, str]:
    """(width, height, channels, kind) of a ``.gwpx`` file; its pixels start at byte ``PIXELS_OFFSET``."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for its other end
            raise ClientError("%s: is a folder, a pipe or a device, not a file of pixels" % path, "input")
        with open(path, "rb") as file:
            head = file.read(_HEADER.size)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise ClientError("%s: %s" % (path, error.strerror or "cannot be read"), "input") from None
    if len(head) < _HEADER.size or not head.startswith(_MAGIC):
        raise ClientError("%s: not a .gwpx file of pixels" % path, "input")
    _, version, kind, channels, _, width, height = _HEADER.unpack(head)
    if version != 1 or kind >= len(_KINDS) or channels not in (3, 4) or not width or not height:
        raise ClientError("%s: its header is not one of version 1" % path, "input")
    expected = _HEADER.size + width * height * channels * _BYTES[_KINDS[kind]]
    if size != expected:
        raise ClientError("%s: %d bytes long, not %d" % (path, size, expected), "input")
    return width, height, channels, _KINDS[kind]


# -- where the service is


def runtime_folder() -> str:
    """The folder of this user's service: its socket, address, lock and log. May not exist yet.

    ``GRADEWRIGHT_RUNTIME`` names another one.
    """
    own = os.environ.get("GRADEWRIGHT_RUNTIME")
    if own:
        return os.path.abspath(own)
    if os.name == "nt":
        local = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
        return os.path.join(local, "Temp", "gradewright")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/TemporaryItems/gradewright")
    for base in (os.environ.get("XDG_RUNTIME_DIR", ""), "/run/user/%d" % os.getuid()):
        # One of another user (after su) would lock that user out.
        if os.path.isabs(base) and os.path.isdir(base) and os.stat(base).st_uid == os.getuid():
            return os.path.join(base, "gradewright")
    return "/tmp/gradewright-%d" % os.getuid()


def check_folder(folder: str) -> None:
    """Refuse, by ClientError, a runtime folder that another user could have made or can look into."""
    try:
        found = os.lstat(folder)
    except OSError:
        return  # not there: nobody has prepared anything
    if not stat.S_ISDIR(found.st_mode):
        raise ClientError("%s is not a folder: remove it" % folder)
    if os.name == "nt":
        return  # below the user's own profile, which Windows protects
    if found.st_uid != os.getuid():
        raise ClientError("%s belongs to another user: set GRADEWRIGHT_RUNTIME to a folder of yours" % folder)
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise ClientError("%s is open to other users: chmod 700 it" % folder)


def make_folder(folder: str) -> None:
    """Make the runtime folder, for its owner only, and check it; see :func:`check_folder`."""
    with contextlib.suppress(FileExistsError):
        if not os.path.isdir(os.path.dirname(folder)):
            os.makedirs(os.path.dirname(folder), exist_ok=True)
        os.mkdir(folder, 0o700)
    check_folder(folder)


def _facts() -> Dict[str, Any]:
    """What the installer wrote beside this file."""
    return _read_json(os.path.join(os.path.dirname(os.path.abspath(__file__)), "gradewright.json"))


def _read_json(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _fits(status: Dict[str, Any], command: Optional[List[str]], version: Optional[str]) -> bool:
    """The service is current, and of the host's version or what a restart would give (our own command)."""
    if status.get("stale") or status.get("protocol") != PROTOCOL:
        return False
    ours = status.get("python") in (command or ())
    return ours or version is None or status.get("version") == version


def _spawn(command: List[str], folder: str) -> Any:
    import subprocess

    make_folder(folder)
    clean = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    clean["GRADEWRIGHT_RUNTIME"] = folder
    options = {}  # type: Dict[str, Any]
    if os.name == "nt":
        options["creationflags"] = 0x00000200 | 0x08000000  # CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW
    else:
        options["start_new_session"] = True
    _started[:] = [process for process in _started if process.poll() is None]
    with open(os.path.join(folder, LOG_NAME), "ab") as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=clean,
                cwd=folder,
                **options,
            )
        except OSError as error:
            raise ClientError(
                "%s cannot be started (%s): run 'gradewright install' again" % (command[0], error.strerror),
                "unreachable",
            ) from None
    _started.append(process)
    return process


# -- answers


@contextlib.contextmanager
def _reaching() -> Iterator[None]:
    """Turn what sockets and HTTP raise into one line."""
    from http.client import HTTPException

    try:
        yield
    except socket.timeout:
        message = "the grading service does not answer: 'gradewright serve --stop' ends it"
        raise ClientError(message, "hung") from None
    except (OSError, HTTPException):
        raise ClientError(
            "the grading service is not there, or ended while it worked", "unreachable"
        ) from None


def _refusal(response: Any) -> ClientError:
    with _reaching():
        answer = _parsed(response.read(_LONGEST_LINE))
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        kind = "busy" if response.status == 503 else "fault"
        return ClientError("the grading service answered %d %s" % (response.status, response.reason), kind)
    return ClientError(str(error.get("message")), str(error.get("kind")))


def _event(response: Any) -> Dict[str, Any]:
    with _reaching():
        line = response.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise ClientError("the grading service ended while it worked: try again", "unreachable")
    return _object(_parsed(line))


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
    except ValueError:
        return None


def _object(value: Any) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise ClientError("the grading service answered something else than JSON")
    return value
