--[[
  gradewright for darktable: grades from words, a reference or the photo alone, as ordinary history.

  USAGE
  * installed by `gradewright install darktable`, which adds `require "gradewright/gradewright"` to luarc
  * lighttable: right panel; darkroom: left panel
  * needs darktable 5.0 or later and gradewright itself, which runs outside darktable
]]

local dt = require "darktable"

local NAME = "gradewright"
local OLDEST_API = { 9, 4, 0 } -- darktable 5.0
local SETTLED = 1000 -- milliseconds

local function older()
  local known = dt.configuration
  local found = { known.api_version_major, known.api_version_minor, known.api_version_patch }
  for place, wanted in ipairs(OLDEST_API) do
    if found[place] ~= wanted then return found[place] < wanted end
  end
  return false
end

if older() then
  dt.print_error("gradewright needs darktable 5.0 or later")
  return
end

local session = require "gradewright/session"
local panel = require "gradewright/panel"
local system = require "gradewright/system"

session.adapter = system.join(dt.configuration.config_dir, "lua", NAME)

local places = {
  [dt.gui.views.lighttable] = { "DT_UI_CONTAINER_PANEL_RIGHT_CENTER", 100 },
  [dt.gui.views.darkroom] = { "DT_UI_CONTAINER_PANEL_LEFT_CENTER", 100 },
}
local shown = false

local function show()
  if shown then return end
  shown = true
  dt.register_lib(NAME, "gradewright", true, false, places, panel.widget())
end

-- Panels can only be made once the lighttable stands, and a moment later: while darktable is still starting,
-- a widget that is made in a thread of Lua's can stop it for good (seen in 5.0.1 on a busy machine).
if dt.gui.current_view().id == "lighttable" then
  show()
else
  dt.register_event(NAME, "view-changed", function(_, _, new)
    if new.id ~= "lighttable" or shown then return end
    dt.control.dispatch(function()
      dt.control.sleep(SETTLED)
      show()
    end)
  end)
end

for name, action in pairs({ grade = panel.grade, undo = panel.undo, remove = panel.remove, cancel = panel.stop }) do
  dt.register_event(NAME .. "_" .. name, "shortcut", function()
    if shown then action() end
  end, "gradewright: " .. name)
end
dt.register_event(NAME .. "_exit", "exit", session.close)

-- For darktable's script manager.
return {
  metadata = { name = NAME, purpose = "colour grades from words", author = "the gradewright authors" },
  destroy = function() dt.gui.libs[NAME].visible = false end,
  restart = function() dt.gui.libs[NAME].visible = true end,
  destroy_method = "hide",
  show = function() dt.gui.libs[NAME].visible = true end,
}
