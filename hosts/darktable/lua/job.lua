-- One job of `gradewright darktable run`: a folder with a request in, progress and a result out.

local dt = require "darktable"
local json = require "gradewright/json"
local system = require "gradewright/system"

local job = {}

local POLL, SILENCE = 100, 180 -- milliseconds; seconds without news after which a job counts as dead

local count = 0

-- A new folder for one job, or nil and why not.
function job.folder()
  local base = dt.configuration.tmp_dir
  if os.getenv("FLATPAK_ID") then base = dt.configuration.cache_dir end -- seen from outside the sandbox, too
  count = count + 1
  local name = string.format("gradewright-%d-%d-%d", os.time(), math.random(1000000), count)
  local path = system.join(base, name)
  dt.control.execute(system.make_folder(path))
  if not system.write(system.join(path, "request.json"), "") then
    return nil, "the temporary folder " .. base .. " cannot be written"
  end
  return path
end

local function started_by(adapter)
  local text = system.read(system.join(adapter, "gradewright.json"))
  local known, facts = pcall(json.decode, text or "")
  if not known or type(facts) ~= "table" or type(facts.command) ~= "table" or not facts.command[1] then
    return nil, "gradewright.json is missing beside the panel: run 'gradewright install darktable' again"
  end
  return facts.command
end

local function failure(folder, command)
  local code = system.read(system.join(folder, "exit")) or "?"
  local said = system.last_line(system.read(system.join(folder, "err")))
  if tonumber(code) == 127 or tonumber(code) == 126 or tonumber(code) == 9009 then
    return "gradewright is not where it was (" .. command[1] .. "): run 'gradewright install darktable' again"
  end
  return said or ("gradewright stopped with exit code " .. code:gsub("%s", ""))
end

local function wait(folder, watch)
  local news, last = os.time(), nil
  while not system.exists(system.join(folder, "exit")) do
    dt.control.sleep(POLL)
    local text = system.read(system.join(folder, "progress"))
    if text and text ~= last then
      news, last = os.time(), text
      local fraction, words = text:match("^(%S+) ?(.*)$")
      watch.progress(tonumber(fraction) or 0, words or "")
    end
    if watch.cancelled() or dt.control.ending then system.write(system.join(folder, "cancel"), "") end
    if dt.control.ending then return false, "darktable is closing" end
    if os.time() - news > SILENCE then
      system.write(system.join(folder, "cancel"), "")
      return false, "gradewright has not answered for " .. SILENCE .. " seconds"
    end
  end
  return true
end

-- Run a request. `adapter`: the folder of the panel. `watch`: {progress(fraction, words), cancelled()}.
-- Returns the result, or nil and a line for the user. Call it in a dispatched function: it sleeps.
function job.run(folder, request, adapter, watch)
  local command, missing = started_by(adapter)
  if not command then return nil, missing end
  assert(system.write(system.join(folder, "request.json"), json.encode(request)))
  local arguments = { table.unpack(command) }
  for _, word in ipairs({ "darktable", "run", folder }) do arguments[#arguments + 1] = word end
  dt.control.execute(system.background(arguments, folder))
  local ended, why = wait(folder, watch)
  if not ended then return nil, why end
  local known, result = pcall(json.decode, system.read(system.join(folder, "result.json")) or "")
  if not known or type(result) ~= "table" then return nil, failure(folder, command) end
  if result.error then return nil, result.error, result.cancelled end
  return result
end

return job
