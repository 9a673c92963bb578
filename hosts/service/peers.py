"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import os
import socket
import struct
import sys


def is_own_user(connection: socket.socket) -> bool:
    """The process at the other end runs as the same user.

    The folder's permissions keep others out already; this holds where those do not (a socket passed
    on, a file system without permissions). TCP connections have a token instead.
    """
    if getattr(socket, "AF_UNIX", None) != connection.family:
        return True
    return uid_of_peer(connection) == os.getuid()


def uid_of_peer(connection: socket.socket) -> int:
    """The user id that the kernel noted when the peer connected. Raises OSError."""
    if sys.platform == "linux":
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", found)[1])
    import ctypes

    uid, gid = ctypes.c_uint32(), ctypes.c_uint32()
    libc = ctypes.CDLL(None, use_errno=True)  # macOS and the BSDs have getpeereid(3)
    if libc.getpeereid(connection.fileno(), ctypes.byref(uid), ctypes.byref(gid)):
        raise OSError(ctypes.get_errno(), "getpeereid")
    return uid.value
