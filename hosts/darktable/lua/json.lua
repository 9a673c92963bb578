-- JSON for the panel: encodes plain tables, decodes strictly. No darktable in here.

local json = {}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local PLAIN = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", n = "\n", r = "\r", t = "\t", b = "\b", f = "\f" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c)
    return ESCAPES[c] or string.format("\\u%04x", c:byte())
  end) .. '"'
end

-- A table with a first element, or an empty one, is an array; every other table is an object.
function json.encode(value)
  local kind = type(value)
  if kind == "string" then return quoted(value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "number" then
    if value == math.floor(value) and math.abs(value) < 2 ^ 53 then return string.format("%d", value) end
    return (string.format("%.6f", value):gsub(",", "."))
  end
  assert(kind == "table", "json: cannot encode a " .. kind)
  local parts = {}
  if value[1] ~= nil or next(value) == nil then
    for _, item in ipairs(value) do parts[#parts + 1] = json.encode(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do parts[#parts + 1] = quoted(name) .. ":" .. json.encode(value[name]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local read_value

local function skip(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function fail(at, wanted)
  error(string.format("json: %s expected at byte %d", wanted, at), 0)
end

local function read_string(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('["\\]', from)
    if not stop then fail(from, "a closing quote") end
    parts[#parts + 1] = text:sub(from, stop - 1)
    if text:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
    local mark = text:sub(stop + 1, stop + 1)
    if mark == "u" then
      local code = tonumber(text:match("^%x%x%x%x", stop + 2) or fail(stop, "four hex digits"), 16)
      from = stop + 6
      if code >= 0xD800 and code < 0xDC00 then
        local low = tonumber(text:match("^\\u(%x%x%x%x)", from) or fail(from, "the other half of a character"), 16)
        code, from = 0x10000 + (code - 0xD800) * 1024 + (low - 0xDC00), from + 6
      end
      parts[#parts + 1] = utf8.char(code)
    else
      parts[#parts + 1] = PLAIN[mark] or fail(stop, "a known escape")
      from = stop + 2
    end
  end
end

-- Items up to `close`; `read` takes one and returns where it ended.
local function read_items(text, at, close, read)
  at = skip(text, at + 1)
  if text:sub(at, at) == close then return at + 1 end
  while true do
    at = skip(text, read(at))
    local mark = text:sub(at, at)
    if mark == close then return at + 1 end
    if mark ~= "," then fail(at, "',' or '" .. close .. "'") end
    at = skip(text, at + 1)
  end
end

local function read_array(text, at)
  local found = {}
  local stop = read_items(text, at, "]", function(where)
    local value, after = read_value(text, where)
    found[#found + 1] = value
    return after
  end)
  return found, stop
end

local function read_object(text, at)
  local found = {}
  local stop = read_items(text, at, "}", function(where)
    if text:sub(where, where) ~= '"' then fail(where, "a name") end
    local name, after = read_string(text, where)
    after = skip(text, after)
    if text:sub(after, after) ~= ":" then fail(after, "':'") end
    found[name], after = read_value(text, skip(text, after + 1))
    return after
  end)
  return found, stop
end

local WORDS = { ["true"] = true, ["false"] = false }

read_value = function(text, at)
  local mark = text:sub(at, at)
  if mark == '"' then return read_string(text, at) end
  if mark == "{" then return read_object(text, at) end
  if mark == "[" then return read_array(text, at) end
  local word = text:match("^%l+", at)
  if word == "null" then return nil, at + 4 end
  if WORDS[word] ~= nil then return WORDS[word], at + #word end
  local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  local value = number and tonumber(number)
  if not value then fail(at, "a value") end
  return value, at + #number
end

-- The value of a JSON text; null becomes nil. Raises a message for anything else.
function json.decode(text)
  local value, stop = read_value(text, skip(text, 1))
  if skip(text, stop) <= #text then fail(stop, "the end") end
  return value
end

return json
