-- Grading the chosen images: proxies, the job, looks on images or duplicates, and undo.

local dt = require "darktable"
local apply = require "gradewright/apply"
local job = require "gradewright/job"
local settings = require "gradewright/settings"
local system = require "gradewright/system"

local session = {}

local PROXY = 640 -- pixels along the longer side; the engines look at 512
local undos = {} -- newest last: {{id = of an image, before = look or nil}..., duplicates = {id...}}
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

-- An image by its id; nil when it has left the library. What is kept beyond a moment is kept as an id: darktable
-- may wait for ever for an image that is gone.
function session.image(id)
  return dt.database.get_image(id)
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
local function proxies(ids, folder, watch)
  if dt.gui.current_view().id == "darkroom" then apply.save_darkroom(session.adapter) end
  local paths = {}
  for number, id in ipairs(ids) do
    if watch.cancelled() then return nil, "cancelled", true end
    local image = session.image(id)
    if not image then return nil, "an image has left the library: select the others again" end
    watch.progress(0.1 * (number - 1) / #ids, "rendering " .. image.filename)
    local path, why = proxy(image, folder, "photo" .. number)
    if not path then return nil, why end
    paths[number] = path
  end
  return paths
end

-- What is sent to gradewright. `wish`: prompt, reference (path or image id), auto, strength..., each, output.
local function request(wish, ids, raw, folder, watch)
  local looked_at = wish.each and ids or { ids[1] }
  local photos, why, cancelled = proxies(looked_at, folder, watch)
  if not photos then return nil, why, cancelled end
  local sent = {
    photos = photos, raw = raw, each = wish.each, auto = wish.auto, output = wish.output,
    strength = wish.strength, luma = wish.luma, chroma = wish.chroma, variations = wish.variations,
    prompt = wish.prompt ~= "" and wish.prompt or nil, lut_root = settings.lut_root(),
  }
  if type(wish.reference) == "string" then
    sent.reference = wish.reference
  elseif wish.reference then
    local image = session.image(wish.reference)
    if not image then return nil, "the reference image has left the library: select another" end
    sent.reference, why = proxy(image, folder, "reference")
    if not sent.reference then return nil, why end
  end
  return sent
end

local function put(image, look, undo)
  local before = current[image.id]
  local done, why = apply.look(image, look, session.adapter)
  if not done then return nil, why end
  current[image.id] = look
  undo[#undo + 1] = { id = image.id, before = before }
  return true
end

-- Variations of one image go on duplicates, the image itself stays; a single look goes on the image.
local function put_looks(image, found, undo)
  for _, look in ipairs(found) do
    local target = image
    if #found > 1 then
      target = image:duplicate()
      undo.duplicates[#undo.duplicates + 1] = target.id
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

local function put_all(ids, result, wish, watch, undo)
  for number, id in ipairs(ids) do
    if watch.cancelled() then return nil, "cancelled after " .. (number - 1) .. " images", true end
    local image = session.image(id) -- it may have gone in the meantime
    if image then
      watch.progress(0.95 + 0.05 * (number - 1) / #ids, "applying to " .. image.filename)
      local done, why = put_looks(image, looks_for(result, number, wish.each), undo)
      if not done then return nil, why end
    end
  end
  return true
end

local function summary(images, result, wish)
  local look = result.looks[1]
  local words, variations, furthest = look.title, #looks_for(result, 1, wish.each), 0
  for _, one in ipairs(result.looks) do furthest = math.max(furthest, one.residual_de) end
  if variations > 1 then words = variations .. " variations on duplicates" end
  if #images > 1 then words = words .. ", " .. #images .. " images" end
  if look.kind == "modules" then
    words = words .. string.format(" (darktable's modules, %.1f dE from the look)", furthest)
  end
  for _, note in ipairs(result.notes) do words = words .. "\n" .. note end
  return words
end

-- Grade images. Returns a line for the user and whether it worked. Call it in a dispatched function.
function session.grade(images, wish, watch)
  local folder, why = job.folder()
  if not folder then return why, false end
  folders[#folders + 1] = folder
  local ids, raw = {}, {}
  for number, image in ipairs(images) do ids[number], raw[number] = image.id, image.is_raw or image.is_hdr end
  local sent, result, cancelled
  sent, why, cancelled = request(wish, ids, raw, folder, watch)
  if sent then
    local function progress(fraction, words) watch.progress(0.1 + 0.85 * fraction, words) end
    result, why, cancelled = job.run(folder, sent, session.adapter, { progress = progress, cancelled = watch.cancelled })
  end
  local done = result ~= nil
  if done and #result.looks == 0 then done, why = false, "gradewright has no answer to this" end
  if done then
    local undo = { duplicates = {} }
    undos[#undos + 1] = undo -- whatever happens from here on can be undone
    done, why, cancelled = put_all(ids, result, wish, watch, undo)
    if #undo == 0 and #undo.duplicates == 0 then table.remove(undos) end
    if done and #undo == 0 then done, why = false, "the images have left the library" end
  end
  if cancelled then return why, false end
  if not done then return why or "something went wrong", false end
  return summary(images, result, wish), true
end

-- A duplicate goes with its sidecar, which would be a duplicate again when the folder is next imported.
local function drop(duplicate)
  local sidecar = duplicate.duplicate_index > 0 and duplicate.sidecar
  duplicate:delete()
  if sidecar then os.remove(sidecar) end
end

-- darktable 5.0 goes on showing images that are gone, as skulls, until its collection is read again.
local function reread_collection()
  local collect = dt.gui.libs.collect
  pcall(function() collect.filter(collect.filter()) end)
end

-- Take the last grading back: what was there before it is there again, its duplicates go.
function session.undo()
  local last = table.remove(undos)
  if not last then return "nothing to undo", false end
  local duplicate, deleted, count = {}, 0, 0
  for _, id in ipairs(last.duplicates) do duplicate[id] = true end
  for index = #last, 1, -1 do
    local entry = last[index]
    local image = not duplicate[entry.id] and session.image(entry.id)
    if image then
      local done, why = apply.look(image, entry.before, session.adapter)
      if not done then return why, false end
      current[entry.id] = entry.before
      count = count + 1
    end
  end
  for _, id in ipairs(last.duplicates) do
    local image = session.image(id)
    if image then
      drop(image)
      deleted = deleted + 1
    end
  end
  if deleted > 0 then
    reread_collection()
    return "undone: " .. deleted .. (deleted == 1 and " duplicate" or " duplicates") .. " removed", true
  end
  if count == 0 then return "nothing to undo: the images have left the library", false end
  return "undone on " .. count .. (count == 1 and " image" or " images"), true
end

-- Switch everything of ours off.
function session.remove(images)
  local undo, count = { duplicates = {} }, 0
  for _, image in ipairs(images) do
    if next(apply.modules(image)) then
      undo[#undo + 1] = { id = image.id, before = current[image.id] }
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
