-- Grading the chosen images: proxies, the job, looks on images or duplicates, and undo.

local dt = require "darktable"
local apply = require "gradewright/apply"
local job = require "gradewright/job"
local settings = require "gradewright/settings"
local system = require "gradewright/system"

local session = {}

local PROXY = 640 -- pixels along the longer side; the engines look at 512
local undos = {} -- newest last: {{image, before = look or nil}..., duplicates = {...}}
local current = {} -- image id -> the look it has from this session
local folders = {}

session.adapter = nil -- the panel's folder, set by gradewright.lua
session.busy = false

-- The images that are meant: the one in the darkroom, else the selected ones, else those under the mouse.
function session.images()
  if dt.gui.current_view().id == "darkroom" then
    local shown = dt.gui.views.darkroom.display_image()
    return shown and { shown } or {}
  end
  local chosen = dt.gui.selection()
  if #chosen == 0 then chosen = dt.gui.action_images end
  local found = {}
  for _, image in ipairs(chosen) do found[#found + 1] = image end
  return found
end

-- The image that is meant as a reference: the chosen one; in the darkroom another one chosen in the
-- filmstrip goes before the one that is shown. Returns nil when it is not exactly one.
function session.reference()
  local chosen = session.images()
  if dt.gui.current_view().id == "darkroom" then
    local others = {}
    for _, image in ipairs(dt.gui.selection()) do
      if not chosen[1] or image.id ~= chosen[1].id then others[#others + 1] = image end
    end
    if #others > 0 then chosen = others end
  end
  return #chosen == 1 and chosen[1] or nil
end

-- The image as darktable renders it now, small. Returns the path, or nil and why not.
local function proxy(image, folder, name)
  local path = system.join(folder, name .. ".jpg")
  local format = dt.new_format("jpeg")
  format.quality = 95
  format.max_width, format.max_height = PROXY, PROXY
  format:write_image(image, path, false) -- what it returns has changed its meaning between versions
  if not system.exists(path) then return nil, "darktable could not render " .. image.filename end
  return path
end

-- Proxies of every photo that is looked at. Returns paths, or nil and why not.
local function proxies(images, folder, watch)
  if dt.gui.current_view().id == "darkroom" then apply.save_darkroom(session.adapter) end
  local paths = {}
  for number, image in ipairs(images) do
    if watch.cancelled() then return nil, "cancelled", true end
    watch.progress(0.1 * (number - 1) / #images, "rendering " .. image.filename)
    local path, why = proxy(image, folder, "photo" .. number)
    if not path then return nil, why end
    paths[number] = path
  end
  return paths
end

local function raws(images)
  local found = {}
  for number, image in ipairs(images) do found[number] = image.is_raw or image.is_hdr end
  return found
end

-- What is sent to gradewright. `wish`: prompt, reference (path or image), auto, strength..., each, output.
local function request(wish, images, folder, watch)
  local looked_at = wish.each and images or { images[1] }
  local photos, why, cancelled = proxies(looked_at, folder, watch)
  if not photos then return nil, why, cancelled end
  local sent = {
    photos = photos, raw = raws(images), each = wish.each, auto = wish.auto, output = wish.output,
    strength = wish.strength, luma = wish.luma, chroma = wish.chroma, variations = wish.variations,
    prompt = wish.prompt ~= "" and wish.prompt or nil, lut_root = settings.lut_root(),
  }
  if type(wish.reference) == "string" then
    sent.reference = wish.reference
  elseif wish.reference then
    sent.reference, why = proxy(wish.reference, folder, "reference")
    if not sent.reference then return nil, why end
  end
  return sent
end

local function put(image, look, undo)
  local before = current[image.id]
  local done, why = apply.look(image, look, session.adapter)
  if not done then return nil, why end
  current[image.id] = look
  undo[#undo + 1] = { image = image, before = before }
  return true
end

-- Variations of one image go on duplicates, the image itself stays; a single look goes on the image.
local function put_looks(image, found, undo)
  for _, look in ipairs(found) do
    local target = image
    if #found > 1 then
      target = image:duplicate()
      undo.duplicates[#undo.duplicates + 1] = target
    end
    local done, why = put(target, look, undo)
    if not done then return nil, why end
  end
  return true
end

local function looks_for(result, number, each)
  local found = {}
  for _, look in ipairs(result.looks) do
    if look.photo == (each and number - 1 or 0) then found[#found + 1] = look end
  end
  return found
end

local function put_all(images, result, wish, watch)
  local undo = { duplicates = {} }
  undos[#undos + 1] = undo
  for number, image in ipairs(images) do
    if watch.cancelled() then return nil, "cancelled after " .. (number - 1) .. " images", true end
    watch.progress(0.95 + 0.05 * (number - 1) / #images, "applying to " .. image.filename)
    local done, why = put_looks(image, looks_for(result, number, wish.each), undo)
    if not done then return nil, why end
  end
  return true
end

local function summary(images, result, wish)
  local look = result.looks[1]
  local words = look.title
  if #result.looks > 1 and not wish.each then words = #result.looks .. " variations on duplicates" end
  if #images > 1 then words = words .. ", " .. #images .. " images" end
  if look.kind == "modules" then
    words = words .. string.format(" (darktable's modules, %.1f dE from the look)", look.residual_de)
  end
  for _, note in ipairs(result.notes) do words = words .. "\n" .. note end
  return words
end

-- Grade images. Returns a line for the user and whether it worked. Call it in a dispatched function.
function session.grade(images, wish, watch)
  local folder, why = job.folder()
  if not folder then return why, false end
  folders[#folders + 1] = folder
  local sent, result, cancelled
  sent, why, cancelled = request(wish, images, folder, watch)
  if sent then
    local function progress(fraction, words) watch.progress(0.1 + 0.85 * fraction, words) end
    result, why, cancelled = job.run(folder, sent, session.adapter, { progress = progress, cancelled = watch.cancelled })
  end
  local done = result ~= nil
  if done and #result.looks == 0 then done, why = false, "gradewright has no answer to this" end
  if done then done, why, cancelled = put_all(images, result, wish, watch) end
  if cancelled then return why, false end
  if not done then return why or "something went wrong", false end
  return summary(images, result, wish), true
end

-- Take the last grading back: what was there before it is there again, its duplicates go.
function session.undo()
  local last = table.remove(undos)
  if not last then return "nothing to undo", false end
  local duplicate = {}
  for _, image in ipairs(last.duplicates) do duplicate[image.id] = true end
  local count = 0
  for index = #last, 1, -1 do
    local entry = last[index]
    if not duplicate[entry.image.id] then
      local done, why = apply.look(entry.image, entry.before, session.adapter)
      if not done then return why, false end
      current[entry.image.id] = entry.before
      count = count + 1
    end
  end
  for _, image in ipairs(last.duplicates) do image:delete() end
  if #last.duplicates > 0 then return "undone: " .. #last.duplicates .. " duplicates removed", true end
  return "undone on " .. count .. (count == 1 and " image" or " images"), true
end

-- Switch everything of ours off.
function session.remove(images)
  local undo, count = { duplicates = {} }, 0
  for _, image in ipairs(images) do
    if next(apply.modules(image)) then
      undo[#undo + 1] = { image = image, before = current[image.id] }
      local done, why = apply.look(image, nil, session.adapter)
      if not done then return why, false end
      current[image.id] = nil
      count = count + 1
    end
  end
  if count == 0 then return "no look of gradewright's on these images", false end
  undos[#undos + 1] = undo
  return "removed from " .. count .. (count == 1 and " image" or " images"), true
end

-- At exit: the jobs' folders go.
function session.close()
  for _, folder in ipairs(folders) do os.execute(system.remove_folder(folder)) end
  folders = {}
end

return session
