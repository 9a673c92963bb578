-- What the panel remembers between sessions, in darktable's own preferences.

local dt = require "darktable"

local settings = {}

local SPACE = "gradewright"
local HISTORY = 12
local KINDS = {
  prompt = "string", history = "string", reference_kind = "integer", reference_file = "string",
  strength = "float", luma = "float", chroma = "float", output = "integer", variations = "integer",
  auto = "bool", scope = "integer", seen = "bool",
}
-- darktable answers 0, false or "" for what has never been written; `seen` tells the first time.
local FIRST = { strength = 100, luma = 100, chroma = 100, output = 1, variations = 1, scope = 1, reference_kind = 1 }

function settings.read(name)
  local known = dt.preferences.read(SPACE, "seen", "bool")
  if not known and FIRST[name] ~= nil then return FIRST[name] end
  return dt.preferences.read(SPACE, name, KINDS[name])
end

function settings.write(values)
  for name, value in pairs(values) do dt.preferences.write(SPACE, name, KINDS[name], value) end
  dt.preferences.write(SPACE, "seen", "bool", true)
end

-- The last prompts, newest first.
function settings.history()
  local found = {}
  for line in (settings.read("history") or ""):gmatch("[^\n]+") do found[#found + 1] = line end
  return found
end

function settings.remember_prompt(prompt)
  local line = prompt:gsub("%s+", " ")
  if line == "" or line == " " then return end
  local kept = { line }
  for _, old in ipairs(settings.history()) do
    if old ~= line and #kept < HISTORY then kept[#kept + 1] = old end
  end
  dt.preferences.write(SPACE, "history", KINDS.history, table.concat(kept, "\n"))
end

-- Where LUT 3D takes its files from, or nil when darktable has no setting.
function settings.lut_root()
  local folder = dt.preferences.read("darktable", "plugins/darkroom/lut3d/def_path", "directory")
  if folder and folder ~= "" then return folder end
end

return settings
