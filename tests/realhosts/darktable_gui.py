"""The real darktable under Xvfb, driven by Lua: our panel as it is installed, a script, and its log."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from gradewright.hosts import install
from gradewright.hosts.darktable import adapter, params

from . import jail
from .chroots import Suite

END = "TEST END"


def product(*environment: str) -> tuple[str, ...]:
    """The product outside the chroot, started as darktable starts it on a user's machine."""
    return (*("/usr/sbin/chroot", "/host", "/usr/bin/env", "HOME=/root"), *environment, sys.executable)


ALONE = product("GRADEWRIGHT_NO_SERVICE=1")

_START = r"""
set +e
export DISPLAY=:77 XDG_RUNTIME_DIR=/tmp
Xvfb :77 -nolisten local -screen 0 1600x1000x24 > /dev/null 2>&1 &
for _ in $(seq 50); do xdpyinfo > /dev/null 2>&1 && break; sleep 0.1; done
openbox > /dev/null 2>&1 &
darktable --configdir "$1/config" --cachedir /tmp/cache --library "$1/config/library.db" --tmpdir "$1/tmp" \
  --disable-opencl -t 1 -d lua > "$1/log" 2>&1 &
pid=$!
for _ in $(seq $((2 * $2))); do
  sleep 0.5
  grep -q "TEST END" "$1/log" && break
  kill -0 $pid 2> /dev/null || break
done
xdotool key ctrl+q # settings are written at the end
for _ in $(seq 40); do kill -0 $pid 2> /dev/null || break; sleep 0.25; done
kill -9 $pid 2> /dev/null
exit 0
"""

_DRIVER = r"""
local dt = require "darktable"
W = "@FOLDER@"
function say(...)
  local parts = { "TEST" }
  for _, value in ipairs({ ... }) do parts[#parts + 1] = tostring(value) end
  print((table.concat(parts, " "):gsub("\n", " ")))
  io.stdout:flush()
end
local function drive()
  dt.control.dispatch(function()
    dt.control.sleep(1500)
    panel, session = require "gradewright/panel", require "gradewright/session"
    while not panel.widgets do dt.control.sleep(200) end
    dt.control.sleep(1000)
    widgets = panel.widgets
    -- Wait until the panel is done and tell its status line.
    function wait(name)
      for _ = 1, 600 do
        dt.control.sleep(100)
        if not session.busy then break end
      end
      say(name, widgets.status.label)
    end
    function export(image, name)
      local format = dt.new_format("png")
      format.bpp = 16
      format:write_image(image, W .. "/" .. name .. ".png", false)
    end
    function shot(name)
      dt.control.sleep(700)
      dt.control.execute("import -window root '" .. W .. "/" .. name .. ".png'")
    end
    -- What the last job was asked, saw and answered.
    function keep(name)
      local newest = "$(ls -td " .. W .. "/tmp/gradewright-* | head -1)"
      for _, file in ipairs({ "request.json", "result.json", "photo1.jpg" }) do
        dt.control.execute("cp " .. newest .. "/" .. file .. " " .. W .. "/" .. name .. "-" .. file)
      end
    end
    -- Select images. 5.0.1 loses its collection now and then, with or without us: it is read again.
    function choose(images)
      for _ = 1, 8 do
        dt.gui.selection(images)
        dt.control.sleep(300)
        if #dt.gui.selection() == #images then return end
        dt.gui.libs.collect.filter(dt.gui.libs.collect.filter())
        dt.control.sleep(700)
      end
      error("cannot select", 0)
    end
    function pick(name)
      for _, image in ipairs(dt.database) do if image.filename == name then return image end end
    end
    dt.database.import(W .. "/photos")
    dt.control.sleep(1000)
    dt.gui.libs.gradewright.expanded = true
    local ran, message = pcall(function()
@SCRIPT@
    end)
    say("ran", ran, message)
    say("END")
  end)
end
local begun = false
local function begin()
  if not begun then begun = true drive() end
end
if dt.gui.current_view().id == "lighttable" then
  begin()
else
  dt.register_event("driver", "view-changed", function(_, _, new)
    if new.id == "lighttable" then begin() end
  end)
end
"""


def _settings(darktablerc: Path) -> dict[str, str]:
    text = darktablerc.read_text() if darktablerc.exists() else ""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


class Session:
    """One start of darktable on ``folder``: photos/, luts/, config/, tmp/."""

    def __init__(self, suite: Suite, folder: Path, command: tuple[str, ...] = ALONE, **settings: str) -> None:
        """A second one on a folder is darktable started again, with other settings of its own perhaps."""
        self.suite, self.folder = suite, folder
        for name in ("photos", "luts", "config", "tmp"):
            (folder / name).mkdir(exist_ok=True)
        lines = {"plugins/darkroom/lut3d/def_path": f"{folder}/luts", **settings}
        # 5.0.1 starts with a filter on the module order, which hides what has been developed.
        filtering = {"num_rules": "1", "item0": "0", "mode0": "0", "off0": "0", "string0": "%", "top0": "0"}
        lines |= {f"plugins/lighttable/filtering/{key}": value for key, value in filtering.items()}
        kept = _settings(folder / "config" / "darktablerc")
        text = "".join(f"{name}={value}\n" for name, value in {**kept, **lines}.items())
        (folder / "config" / "darktablerc").write_text(text)
        ours = folder / "config" / "lua" / "gradewright"
        install.put("darktable", ours, adapter.panel_files(), command=[*command, "-m", "gradewright.cli"])
        (folder / "config" / "luarc").unlink(missing_ok=True)
        install.add_line(folder / "config" / "luarc", adapter.LINE)
        (folder / "config" / "shortcutsrc").write_text("g=lua/gradewright: grade\n")
        self.log = ""

    def run(self, script: str, seconds: int = 500) -> dict[str, str]:
        """Run a script in darktable; what it said, by first word."""
        with open(self.folder / "config" / "luarc", "a") as luarc:
            luarc.write(_DRIVER.replace("@FOLDER@", str(self.folder)).replace("@SCRIPT@", script))
        words = ["bash", "-c", _START, "darktable", self.folder, str(seconds)]
        jail.run(self.suite, words, binds=[self.folder], timeout=seconds + 60)
        self.log = (self.folder / "log").read_text(errors="replace")
        said = [line[5:] for line in self.log.splitlines() if line.startswith("TEST ")]
        assert f"TEST {said[-1]}" == END if said else False, self.log[-4000:]
        return {line.partition(" ")[0]: line.partition(" ")[2] for line in said}

    def ours(self, filename: str) -> list[tuple[int, str, bool]]:
        """(version, module, enabled) of every history entry under our name, newest state of each module."""
        query = (
            "select i.version, h.operation, h.enabled from history h join images i on i.id = h.imgid "
            "where i.filename = ? and h.multi_name = 'gradewright' and h.num < i.history_end order by h.num"
        )
        state = {}
        for version, module, enabled in self._ask(query, filename):
            state[version, module] = bool(enabled)
        return [(version, module, enabled) for (version, module), enabled in state.items()]

    def lut_of(self, filename: str) -> str:
        """The file that the last LUT 3D of an image names."""
        query = (
            "select h.op_params from history h join images i on i.id = h.imgid "
            "where i.filename = ? and h.operation = 'lut3d' and h.enabled order by h.num desc limit 1"
        )
        return str(params.unpack("lut3d", self._ask(query, filename)[0][0])["filepath"])

    def theirs(self, filename: str, module: str) -> list[bytes]:
        """Parameters of a module's entries that are not ours, oldest first."""
        query = (
            "select h.op_params from history h join images i on i.id = h.imgid "
            "where i.filename = ? and h.operation = ? and h.multi_name != 'gradewright' order by h.num"
        )
        return [row[0] for row in self._ask(query, filename, module)]

    def _ask(self, query: str, *values: object) -> list[tuple]:
        with sqlite3.connect(self.folder / "config" / "library.db") as library:
            return library.execute(query, values).fetchall()
