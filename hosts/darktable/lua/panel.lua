-- The panel: widgets, and what they remember.

local dt = require "darktable"
local session = require "gradewright/session"
local settings = require "gradewright/settings"

local panel = {}

local OUTPUTS = { "lut", "modules" }
local WIDTH = 32 -- characters of a status line; the darkroom's panel is narrow
local MOST_VARIATIONS = 6
local remembered -- the id of the image that serves as a reference

local widgets = {}

-- Text broken into lines that fit the panel.
local function wrapped(text)
  local lines = {}
  for paragraph in (text .. "\n"):gmatch("(.-)\n") do
    local line = ""
    for word in paragraph:gmatch("%S+") do
      if line ~= "" and utf8.len(line, 1, -1, true) + utf8.len(word, 1, -1, true) + 1 > WIDTH then
        lines[#lines + 1], line = line, word
      else
        line = line == "" and word or line .. " " .. word
      end
    end
    lines[#lines + 1] = line
  end
  return table.concat(lines, "\n")
end

function panel.say(text, aloud)
  widgets.status.label = wrapped(text)
  widgets.status.tooltip = text
  if aloud then dt.print("gradewright: " .. text) end
end

local function slider(label, tooltip)
  return dt.new_widget("slider") {
    label = label, tooltip = tooltip,
    soft_min = 0, soft_max = 100, hard_min = 0, hard_max = 100, step = 1, digits = 0,
  }
end

local function store()
  settings.write {
    prompt = widgets.prompt.text, reference_kind = widgets.reference.selected,
    reference_file = widgets.file.value or "", strength = widgets.strength.value, luma = widgets.luma.value,
    chroma = widgets.chroma.value, output = widgets.output.selected, scope = widgets.scope.selected,
    variations = math.floor(widgets.variations.value + 0.5), auto = widgets.auto.value,
  }
end

local function show_history()
  local history = settings.history()
  while #widgets.history > 1 do widgets.history[#widgets.history] = nil end
  for number, prompt in ipairs(history) do widgets.history[number + 1] = prompt end
  widgets.history.selected = 1
end

-- What the widgets ask for, or nil and what is missing.
local function wish()
  local asked = {
    prompt = widgets.prompt.text:match("^%s*(.-)%s*$"), auto = widgets.auto.value,
    strength = widgets.strength.value / 100, luma = widgets.luma.value / 100, chroma = widgets.chroma.value / 100,
    output = OUTPUTS[widgets.output.selected], each = widgets.scope.selected == 2,
    variations = math.floor(widgets.variations.value + 0.5),
  }
  if widgets.reference.selected == 2 then
    asked.reference = widgets.file.value
    if not asked.reference or asked.reference == "" then return nil, "choose a reference file first" end
  elseif widgets.reference.selected == 3 then
    asked.reference = remembered
    if not remembered then return nil, "select a reference image and press 'selected image is the reference'" end
  end
  if asked.prompt == "" and not asked.auto and not asked.reference then
    return nil, "type what you want, choose a reference, or tick 'auto'"
  end
  return asked
end

-- Progress in darktable's own bar, whose cross cancels, as the button does.
local function watch()
  local stop = false
  local bar = dt.gui.create_job("gradewright", true, function() stop = true end)
  panel.cancel = function() stop = true end
  return {
    cancelled = function() return stop end,
    progress = function(fraction, words)
      if bar.valid then bar.percent = math.max(0, math.min(1, fraction)) end
      if words ~= "" then panel.say(words .. " ...") end
    end,
    close = function()
      if bar.valid then bar.valid = false end
      panel.cancel = nil
    end,
  }
end

local function free()
  if session.busy then panel.say("gradewright is still working: wait, or cancel", true) end
  return not session.busy
end

-- Run `action`; whatever it raises is shown.
local function busy(action)
  session.busy = true
  dt.control.dispatch(function()
    local ran, text, worked = pcall(action)
    if not ran then
      dt.print_error("gradewright: " .. tostring(text))
      text = "a fault in the panel: " .. tostring(text)
    end
    pcall(panel.say, text, true)
    session.busy = false -- last: darktable lets others run while a widget changes
    if ran and not worked then dt.print_log("gradewright: " .. text) end
  end)
end

function panel.grade()
  if not free() then return end
  local asked, missing = wish()
  local images = session.images()
  if asked and #images == 0 then asked, missing = nil, "select the images to grade first" end
  if not asked then
    panel.say(missing, true)
    return
  end
  store()
  settings.remember_prompt(asked.prompt)
  show_history()
  local watching = watch() -- now: what is started can be cancelled, whenever it begins
  busy(function()
    local ran, text, worked = pcall(session.grade, images, asked, watching)
    watching.close()
    if not ran then error(text, 0) end
    return text, worked
  end)
end

function panel.undo()
  if free() then busy(session.undo) end
end

function panel.remove()
  if not free() then return end
  local images = session.images()
  busy(function() return session.remove(images) end)
end

function panel.stop()
  if panel.cancel then
    panel.cancel()
    panel.say("cancelling ...")
  else
    panel.say("nothing is running")
  end
end

function panel.take_reference()
  local image = session.reference()
  if not image then
    panel.say("select exactly one image to be the reference", true)
    return
  end
  remembered = image.id
  widgets.reference.selected = 3
  panel.say("the reference is " .. image.filename .. "; now select the images to grade")
end

local function button(label, tooltip, action)
  return dt.new_widget("button") { label = label, tooltip = tooltip, clicked_callback = action }
end

local function combobox(label, tooltip, ...)
  return dt.new_widget("combobox") { label = label, tooltip = tooltip, ... }
end

local function build()
  widgets.prompt = dt.new_widget("entry") {
    placeholder = "what you want, in words", tooltip = "e.g. warm golden hour, lifted teal shadows",
  }
  widgets.history = combobox("history", "earlier prompts", "(earlier prompts)")
  widgets.reference = combobox("reference", "a picture whose look is wanted", "none", "a file", "an image of the library")
  widgets.file = dt.new_widget("file_chooser_button") { title = "reference picture", is_directory = false }
  widgets.take = button("selected image is the reference", "then select the images to grade", panel.take_reference)
  widgets.strength = slider("strength", "how much of the look")
  widgets.luma = slider("light", "weight of the change in lightness")
  widgets.chroma = slider("colour", "weight of the change in hue and saturation")
  widgets.output = combobox("result", "what is added to the history", "LUT 3D (exact)", "modules (editable)")
  widgets.scope = combobox("several images", "how selected images are graded", "one look for all", "each its own")
  widgets.variations = slider("variations", "more than one: each on a duplicate, to compare")
  widgets.variations.soft_min, widgets.variations.hard_min = 1, 1
  widgets.variations.soft_max, widgets.variations.hard_max = MOST_VARIATIONS, MOST_VARIATIONS
  widgets.auto = dt.new_widget("check_button") { label = "auto: from the photo alone" }
  widgets.status = dt.new_widget("label") { label = "", halign = "start" }
  -- Only now: a slider clamps to the range it has when its value is set.
  for _, name in ipairs({ "strength", "luma", "chroma", "variations", "auto" }) do
    widgets[name].value = settings.read(name)
  end
  for name, saved in pairs({ output = "output", scope = "scope", reference = "reference_kind" }) do
    widgets[name].selected = settings.read(saved)
  end
  if widgets.reference.selected == 3 then widgets.reference.selected = 1 end -- the image is not remembered
  widgets.prompt.text = settings.read("prompt") or ""
  local file = settings.read("reference_file")
  if file and file ~= "" then widgets.file.value = file end
  show_history()
  widgets.history.changed_callback = function(box)
    if box.selected and box.selected > 1 then widgets.prompt.text = box.value end
  end
end

local function row(...)
  return dt.new_widget("box") { orientation = "horizontal", ... }
end

-- The widget of the whole panel.
function panel.widget()
  build()
  panel.widgets = widgets
  return dt.new_widget("box") {
    orientation = "vertical",
    widgets.prompt, widgets.history, widgets.auto, widgets.reference, widgets.file, widgets.take,
    widgets.strength, widgets.luma, widgets.chroma, widgets.output, widgets.scope, widgets.variations,
    row(button("grade", "grade the selected images", panel.grade), button("cancel", "stop", panel.stop)),
    row(
      button("undo", "take the last grading back", panel.undo),
      button("remove gradewright", "switch every module of gradewright's off", panel.remove)
    ),
    widgets.status,
  }
end

return panel
