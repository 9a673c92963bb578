-- gradewright's courier for the free edition of DaVinci Resolve 21.1, which runs Lua scripts only.
--
-- It reads one job that `gradewright resolve courier` has written, and calls the same few methods as the Python
-- adapter: a new colour version, refresh, SetLUT, read-back, marker. It uses nothing of Lua but the language:
-- no io, os, package, ffi or require. The job's path below is filled in by the installer.
--
-- Not verified on a real free 21.1: whether its script menu offers dofile. Without it this script says so, and
-- the LUT is loaded by hand: right-click the node, LUT, gradewright.

local JOB = "@JOB@"
local LABEL = "gradewright"

local function say(text)
    print("gradewright: " .. text)
end

local function refuse(text)
    error({ message = text }, 0)
end

local function find_resolve()
    local found = resolve
    if found == nil and bmd ~= nil then
        found = bmd.scriptapp("Resolve")
    end
    if found == nil and app ~= nil then
        found = app:GetResolve()
    end
    return found or refuse("start this from Resolve's menu Workspace > Scripts")
end

local function read_job()
    if dofile == nil then
        refuse("this Resolve gives scripts no dofile: load the LUT by hand (right-click the node, LUT, gradewright)")
    end
    local done, job = pcall(dofile, JOB)
    if not done or type(job) ~= "table" or job.format ~= 1 then
        refuse("there is no job: run 'gradewright resolve courier' in a terminal first")
    end
    return job
end

-- The LUT was baked for one space: another timeline must not get it.
local function check_colour(project, timeline, job)
    local own = timeline:GetSetting("useCustomSettings") == "1"
    local function setting(key)
        local value = own and timeline:GetSetting(key) or ""
        if value == nil or value == "" then
            value = project:GetSetting(key)
        end
        return value or ""
    end
    local here = { mode = setting("colorScienceMode"), gamut = setting("colorSpaceTimeline"), gamma = "", luts = "" }
    if setting("separateColorSpaceAndGamma") == "1" then
        here.gamma = setting("colorSpaceTimelineGamma")
    end
    if string.sub(here.mode, 1, 4) == "aces" then
        here.gamut, here.luts = "", setting("colorAcesNodeLUTProcessingSpace")
    end
    for _, known in ipairs(job.timelines) do
        if known.mode == here.mode and known.gamut == here.gamut and known.gamma == here.gamma and known.luts == here.luts then
            return
        end
    end
    refuse("the LUT was baked for " .. job.space .. "; this timeline is " .. here.mode .. " " .. here.gamut .. " "
        .. here.gamma .. here.luts .. ": run 'gradewright resolve courier' with its --space")
end

local function is_ours(lut)
    return string.find("/" .. string.gsub(lut, "\\", "/"), "/gradewright/", 1, true) ~= nil
end

local function choose_node(graph)
    local count = graph and graph:GetNumNodes() or 0
    local ours, empty, free
    for index = 1, count do
        local lut = graph:GetLUT(index) or ""
        local label = string.lower(graph:GetNodeLabel(index) or "")
        if string.match(label, "^%s*(.-)%s*$") == LABEL then
            if lut ~= "" and not is_ours(lut) then
                refuse("the node labelled 'gradewright' holds the LUT " .. lut .. ", which is not ours")
            end
            return index
        end
        local tools = graph:GetToolsInNode(index)
        if lut ~= "" and is_ours(lut) then
            ours = ours or index
        elseif lut == "" and (tools == nil or next(tools) == nil) then
            empty = empty or index
        elseif lut == "" then
            free = free or index
        end
    end
    return ours or empty or free
        or refuse("every node holds a LUT already, or there is none: add a node and label it 'gradewright'")
end

local function taken_names(item)
    local taken = {}
    for _, name in pairs(item:GetVersionNameList(0) or {}) do
        taken[name] = true
    end
    return taken
end

local function loaded(item)
    local version = item:GetCurrentVersion()
    return version and version.versionName or ""
end

-- What a version holds, to see that a new one has started as a copy.
local function contents(item)
    local graph, parts = item:GetNodeGraph(), {}
    for index = 1, graph and graph:GetNumNodes() or 0 do
        parts[#parts + 1] = graph:GetLUT(index) or ""
        for _, tool in ipairs(graph:GetToolsInNode(index) or {}) do
            parts[#parts + 1] = " " .. tool
        end
        parts[#parts + 1] = "|"
    end
    return table.concat(parts)
end

local function back_to(item, before, name)
    if loaded(item) == name and not item:LoadVersionByName(before.versionName, before.versionType or 0) then
        say("Resolve did not go back to the version '" .. before.versionName .. "': load it by hand")
    else
        item:DeleteVersionByName(name, 0)
    end
end

local function new_version(item)
    local before, taken, number = item:GetCurrentVersion(), taken_names(item), 1
    if not before or (before.versionName or "") == "" then
        refuse("Resolve does not say which version of the clip is loaded: nothing was changed")
    end
    while taken["gradewright " .. number] do
        number = number + 1
    end
    local name, had = "gradewright " .. number, contents(item)
    if not item:AddVersion(name, 0) then
        refuse("Resolve added no colour version, so nothing was changed")
    end
    if loaded(item) ~= name then
        item:LoadVersionByName(name, 0)
    end
    if loaded(item) ~= name then
        back_to(item, before, name)
        refuse("Resolve did not load the new colour version")
    end
    if contents(item) ~= had then
        back_to(item, before, name)
        refuse("the new version did not start as a copy of the grade: make one by hand (right-click the clip, "
            .. "Local Versions, Create New Version) and try again")
    end
    return name, before
end

local function set_lut(project, item, job)
    if not project:RefreshLUTList() then
        refuse("Resolve did not read its LUT folder again: close its dialogs and try again")
    end
    local graph = item:GetNodeGraph()
    local node = choose_node(graph)
    if not graph:SetLUT(node, job.lut) then
        refuse("Resolve did not take the LUT " .. job.lut .. " on node " .. node)
    end
    local said = string.gsub(graph:GetLUT(node) or "", "\\", "/")
    if said ~= job.lut then
        refuse("node " .. node .. " should hold " .. job.lut .. ", Resolve says '" .. said .. "'")
    end
    return node
end

local function mark(timeline, item, job, version)
    local first, taken = item:GetStart() - timeline:GetStartFrame(), timeline:GetMarkers() or {}
    local stop = item:GetEnd() - timeline:GetStartFrame()
    while taken[first] do
        first = first + 1
    end
    if first >= stop then
        return
    end
    local custom = "gradewright:" .. job.digest .. ":" .. first
    timeline:AddMarker(first, "Sand", "gradewright", job.note .. "\nversion: " .. version, 1, custom)
end

-- Where the menu host can wait; a loop would keep Resolve from doing anything meanwhile.
local function pause()
    if bmd ~= nil and bmd.wait ~= nil then
        bmd.wait(0.2)
    end
end

local function find_project(host)
    for _ = 1, 4 do -- none while Resolve is busy
        local manager = host:GetProjectManager()
        local project = manager and manager:GetCurrentProject()
        if project then
            return project
        end
        pause()
    end
    refuse("Resolve gives no project: it is busy, or none is open. Close its dialogs, open one, try again")
end

local function must_not_play(timeline)
    local first = timeline:GetCurrentTimecode()
    pause()
    if timeline:GetCurrentTimecode() ~= first then
        refuse("playback is running: stop it and try again")
    end
end

local function deliver()
    local job = read_job()
    local host = find_resolve()
    local project = find_project(host)
    local timeline = project:GetCurrentTimeline() or refuse("the project has no timeline open: open one")
    must_not_play(timeline)
    local item = timeline:GetCurrentVideoItem()
        or refuse("the playhead stands in a gap, or the timeline is empty: move it onto a clip")
    if item:GetMediaPoolItem() == nil then
        refuse("'" .. item:GetName() .. "' is a title or a generator: move the playhead onto a clip")
    end
    check_colour(project, timeline, job)
    choose_node(item:GetNodeGraph()) -- refuse before anything is changed
    local page = host:GetCurrentPage()
    if page ~= "color" and not host:OpenPage("color") then
        refuse("Resolve did not open the Color page: close its dialogs and try again")
    end
    local done, problem = pcall(function()
        local version, before = new_version(item)
        local placed, node = pcall(set_lut, project, item, job)
        if not placed then
            back_to(item, before, version)
            error(node, 0)
        end
        mark(timeline, item, job, version)
        say(item:GetName() .. ": " .. job.lut .. " on node " .. node .. ", version '" .. version
            .. "'; the version before is '" .. before.versionName .. "'")
    end)
    if page ~= nil and host:GetCurrentPage() ~= page then
        host:OpenPage(page)
    end
    if not done then
        error(problem, 0)
    end
end

local done, problem = pcall(deliver)
if not done then
    say(type(problem) == "table" and problem.message or tostring(problem))
end
