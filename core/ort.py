"""onnxruntime, told before it is loaded to report nothing.

Its official builds send events about processes, sessions and errors to Microsoft unless the
environment says otherwise before the library starts (onnxruntime's Privacy.md); a switch in its API
comes after the first event. Every other module takes it from here.
"""

from __future__ import annotations

import os

for _name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):  # the second in builds of mid-2026
    os.environ[_name] = "1"

import onnxruntime  # noqa: E402

onnxruntime.disable_telemetry_events()  # Windows builds that do not read the environment

__all__ = ["onnxruntime"]
