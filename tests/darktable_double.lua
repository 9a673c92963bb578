-- A strict double of darktable's Lua API: members that darktable_api.json does not name are errors.
-- `host` (from Python): api (name -> members), folder, sleep(ms), log(text).

local host = ...

local function names(kind)
  local found = {}
  for name in host.api[kind]:gmatch("%S+") do found[name] = true end
  return found
end

-- An object of a kind: reading or setting what the kind has not is an error. Integers are items.
local function strict(kind, values, more)
  local known = names(kind)
  for _, other in ipairs(more or {}) do
    for name in pairs(names(other)) do known[name] = true end
  end
  local function check(name)
    if type(name) ~= "number" and not known[name] then
      error("the double: " .. kind .. " has no member '" .. tostring(name) .. "'", 3)
    end
  end
  for name in pairs(values) do check(name) end
  return setmetatable({}, {
    __index = function(_, name) check(name) return values[name] end,
    __newindex = function(_, name, value) check(name) values[name] = value end,
    __len = function() return #values end,
    __pairs = function() return pairs(values) end,
  })
end

local world = { printed = {}, events = {}, preferences = {}, applied = {}, jobs = {}, deleted = {}, renders = {} }
local dt = {}

local function widget(kind)
  return function(given)
    local values = {}
    if kind == "slider" then values = { value = 0 } end
    if kind == "combobox" then values = { selected = 1 } end
    if kind == "entry" then values = { text = "" } end
    for name, value in pairs(given) do values[name] = value end
    local object = strict(kind, values, { "widget" })
    if kind ~= "combobox" then return object end
    -- Setting what is selected sets the value and calls back, as the real one does.
    return setmetatable({}, {
      __index = function(_, name) if name == "value" then return values[values.selected] end return object[name] end,
      __newindex = function(box, name, value)
        object[name] = value
        if name == "selected" and values.changed_callback then values.changed_callback(box) end
      end,
      __len = function() return #values end,
    })
  end
end

-- Images

local images, next_id = {}, 0

local function tag(name) return strict("tag", { name = name }) end

function world.image(filename, raw)
  next_id = next_id + 1
  local id, tags, image = next_id, {}, nil
  local values = { id = id, filename = filename, path = host.folder, is_raw = raw or false, is_hdr = false, is_ldr = not raw, duplicate_index = 0 }
  values.get_tags = function()
    local found = {}
    for name in pairs(tags) do found[#found + 1] = tag(name) end
    return found
  end
  values.attach_tag = function(_, one) tags[one.name] = true end
  values.detach_tag = function(_, one) tags[one.name] = nil end
  values.duplicate = function()
    local copy, index = world.image(filename, raw), 0
    for _, other in pairs(images) do
      if other.filename == filename then index = math.max(index, other.duplicate_index + 1) end
    end
    copy.duplicate_index = index
    copy.sidecar = string.format("%s/%s_%02d.xmp", host.folder, filename, index)
    local file = assert(io.open(copy.sidecar, "wb"))
    file:close()
    return copy
  end
  local object = strict("image", values)
  values.delete = function()
    world.deleted[#world.deleted + 1] = id
    images[id] = nil
  end
  -- The real darktable waits for ever for an image that has left the library.
  image = setmetatable({}, {
    __index = function(_, name)
      if not images[id] then error("the double: image " .. id .. " is gone", 2) end
      return object[name]
    end,
    __newindex = function(_, name, value) object[name] = value end,
  })
  images[id] = image
  return image
end

-- Styles

local styles = {}

local function new_style(name)
  local style
  style = strict("style", {
    name = name,
    delete = function()
      for place, other in ipairs(styles) do if other == style then table.remove(styles, place) end end
    end,
  })
  return style
end

local function import_style(path)
  local file = assert(io.open(path, "rb"), "no style " .. path)
  local text = file:read("a")
  file:close()
  local name = text:match("<name>(.-)</name>")
  for _, style in ipairs(styles) do assert(style.name ~= name, "a style of this name exists: " .. name) end
  styles[#styles + 1] = new_style(name)
end

-- The rest

local view = { lighttable = strict("view", { id = "lighttable", name = "lighttable" }) }
view.darkroom = strict("darkroom", { id = "darkroom", name = "darkroom", display_image = function() return world.displayed end })
world.view, world.selected, world.hovered = "lighttable", {}, {}
world.styles = styles

dt = strict("darktable", {
  print = function(text) world.printed[#world.printed + 1] = text end,
  print_error = function(text) host.log(text) end,
  print_log = function() end,
  register_event = function(name, event, action, label) world.events[name] = { event = event, action = action, label = label } end,
  register_lib = function(name, label, expandable, resetable, places, content)
    world.lib = { name = name, label = label, places = places, content = content }
  end,
  new_widget = function(kind) return widget(kind) end,
  new_format = function(kind)
    assert(kind == "jpeg", "a format the panel does not use")
    local values = { plugin_name = kind }
    values.write_image = function(_, image, path)
      world.renders[#world.renders + 1] = image.id
      if world.cannot_render then return false end
      local file = assert(io.open(path, "wb"))
      file:write("picture")
      file:close()
      return true
    end
    return strict("format", values)
  end,
  configuration = strict("configuration", {
    tmp_dir = host.folder, config_dir = host.folder .. "/config", cache_dir = host.folder, api_version_major = 9,
    api_version_minor = 4, api_version_patch = 0, has_gui = true, running_os = "linux",
  }),
  preferences = strict("preferences", {
    read = function(space, name, kind)
      local value = world.preferences[space .. "/" .. name]
      if value == nil then value = ({ bool = false, integer = 0, float = 0.0 })[kind] end
      if value == nil then value = "" end
      return value
    end,
    write = function(space, name, kind, value)
      local wanted = ({ bool = "boolean", integer = "number", float = "number" })[kind] or "string"
      assert(type(value) == wanted, name .. " is no " .. kind)
      world.preferences[space .. "/" .. name] = value
    end,
  }),
  styles = setmetatable({}, {
    __len = function() return #styles end,
    __index = function(_, name)
      if type(name) == "number" then return styles[name] end
      if name == "import" then return import_style end
      if name == "apply" then
        return function(style, image)
          world.applied[#world.applied + 1] = { image = image.id, style = style.name }
        end
      end
      error("the double: styles has no member '" .. tostring(name) .. "'", 2)
    end,
  }),
  tags = strict("tags", {
    create = tag,
    attach = function(one, image) image:attach_tag(one) end,
    detach = function(one, image) image:detach_tag(one) end,
  }),
  database = strict("database", { get_image = function(one) return images[one] end }),
  control = strict("control", {
    ending = false,
    dispatch = function(action) action() end,
    sleep = function(ms) host.sleep(ms) if world.while_waiting then world.while_waiting() end end,
    execute = function(command) local _, _, code = os.execute(command) return code end,
  }),
  gui = strict("gui", {
    selection = function() return world.selected end,
    action_images = world.hovered,
    current_view = function() return view[world.view] end,
    views = strict("views", view),
    libs = {
      collect = {
        filter = function(rules)
          if rules then world.collected = rules end
          return "the rules"
        end,
      },
    },
    create_job = function(text, has_progress, cancel)
      local job = strict("job", { percent = 0.0, valid = true })
      world.jobs[#world.jobs + 1] = { text = text, cancel = cancel, job = job }
      return job
    end,
  }),
})

package.loaded["darktable"] = dt
return world
