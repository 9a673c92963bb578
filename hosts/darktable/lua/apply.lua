-- Looks on images: applied as styles under our own instance name, so that the user's modules stay.

local dt = require "darktable"
local system = require "gradewright/system"

local apply = {}

-- Tags of this form are darktable's own: hidden, never exported. They remember which modules are ours.
local TAG = "darktable|gradewright|"

local function style_named(name)
  for i = 1, #dt.styles do
    if dt.styles[i].name == name then return dt.styles[i] end
  end
end

-- Apply a style file and leave no style behind. Returns true, or nil and why not.
local function apply_file(image, path, name)
  local stale = style_named(name)
  if stale then stale:delete() end
  dt.styles.import(path)
  local style = style_named(name)
  if not style then return nil, "darktable did not take the style " .. path end
  dt.styles.apply(style, image)
  style:delete()
  return true
end

-- The modules of ours that an image has, by name.
function apply.modules(image)
  local found = {}
  for _, tag in ipairs(image:get_tags()) do
    local module = tag.name:match("^darktable|gradewright|(.+)$")
    if module then found[module] = tag end
  end
  return found
end

local function remember(image, modules)
  for _, tag in pairs(apply.modules(image)) do dt.tags.detach(tag, image) end
  for _, module in ipairs(modules) do dt.tags.attach(dt.tags.create(TAG .. module), image) end
end

-- Switch our modules off, but for those in `kept` (a list).
local function switch_off(image, adapter, kept)
  local keep = {}
  for _, module in ipairs(kept) do keep[module] = true end
  for module in pairs(apply.modules(image)) do
    if not keep[module] then
      local name = "gradewright-off-" .. module
      local done, why = apply_file(image, system.join(adapter, "off", name .. ".dtstyle"), name)
      if not done then return nil, why end
    end
  end
  return true
end

-- Put a look ({path, name, modules}) on an image in place of any of ours; nil takes ours off.
-- Returns true, or nil and why not.
function apply.look(image, look, adapter)
  local modules = look and look.modules or {}
  local done, why = switch_off(image, adapter, modules)
  if done and look then done, why = apply_file(image, look.path, look.name) end
  if not done then return nil, why end
  remember(image, modules)
  return true
end

-- A style without modules makes the darkroom save what the user has just changed.
function apply.save_darkroom(adapter)
  local image = dt.gui.views.darkroom.display_image()
  if image then apply_file(image, system.join(adapter, "off", "gradewright-nothing.dtstyle"), "gradewright-nothing") end
end

return apply
