-- Files and processes: the only place that knows operating systems. No darktable in here.

local system = {}

system.windows = package.config:sub(1, 1) == "\\"
system.slash = system.windows and "\\" or "/"

-- What darktable sets for itself (AppImage, macOS bundle) must not reach gradewright's Python.
local FOREIGN = { "PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH" }

function system.join(...)
  return table.concat({ ... }, system.slash)
end

function system.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

function system.write(path, text)
  local file, message = io.open(path, "wb")
  if not file then return nil, message end
  local done = file:write(text)
  return file:close() and done
end

function system.exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end

-- An argument as the shell takes it literally.
function system.quote(text)
  if system.windows then return '"' .. text:gsub('"', '""'):gsub("%%", "%%%%") .. '"' end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

function system.command(arguments)
  local parts = {}
  for _, argument in ipairs(arguments) do parts[#parts + 1] = system.quote(argument) end
  return table.concat(parts, " ")
end

function system.make_folder(path)
  if system.windows then return "mkdir " .. system.quote(path) end
  return "mkdir -p -m 700 " .. system.quote(path)
end

function system.remove_folder(path)
  if system.windows then return "rmdir /s /q " .. system.quote(path) end
  return "rm -rf " .. system.quote(path)
end

-- The commands inside a flatpak are the sandbox's; gradewright lives outside.
local function outside(arguments)
  if not os.getenv("FLATPAK_ID") then return arguments end
  return { "flatpak-spawn", "--host", table.unpack(arguments) }
end

local function posix_background(arguments, folder)
  local unset = {}
  for _, name in ipairs(FOREIGN) do unset[#unset + 1] = "-u " .. name end
  local here = system.quote(folder)
  return string.format(
    "( cd %s && env %s %s > out 2> err < /dev/null; echo $? > exit.part; mv exit.part exit ) > /dev/null 2>&1 &",
    here, table.concat(unset, " "), system.command(outside(arguments)))
end

local function windows_background(arguments, folder)
  local lines = { "@echo off", "chcp 65001 > nul" }
  for _, name in ipairs(FOREIGN) do lines[#lines + 1] = "set " .. name .. "=" end
  lines[#lines + 1] = "cd /d " .. system.quote(folder)
  lines[#lines + 1] = system.command(arguments) .. " > out 2> err < nul"
  lines[#lines + 1] = "echo %errorlevel%> exit.part"
  lines[#lines + 1] = "move /y exit.part exit > nul"
  local script = system.join(folder, "run.bat")
  assert(system.write(script, table.concat(lines, "\r\n") .. "\r\n"))
  return 'start "" /b cmd /c ' .. system.quote(script)
end

-- The shell line that starts a program in the background: its output goes to `out` and `err` in
-- `folder`, and its exit code to `exit` when it has ended.
function system.background(arguments, folder)
  if system.windows then return windows_background(arguments, folder) end
  return posix_background(arguments, folder)
end

-- The last line of a text that says something.
function system.last_line(text)
  local last
  for line in (text or ""):gmatch("[^\r\n]+") do
    if line:find("%S") then last = line end
  end
  return last
end

return system
