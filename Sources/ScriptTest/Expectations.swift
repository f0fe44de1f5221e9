/// The Lua source of `test` and `expect`, which test files have besides `world`.
enum Expectations {
    /// The chunk name of this source, by which its levels are removed from tracebacks.
    static let chunkName = "perigee-test"

    /// Defines the globals `test` and `expect` of a test file's environment, and `__run(name)`, with which the host
    /// runs a test.
    ///
    /// The host provides `__declare(name, line)` and `__probe(proxy)`. The latter returns "table" or "other", and
    /// whether the proxy's entity is on the map.
    static let source = #"""
        local declare, probe = __declare, __probe
        __declare, __probe = nil, nil

        local tests, running = {}, false
        local failure -- the message of the expectation that failed, so that no pcall of ours swallows it

        local function line_of_caller()
          return tonumber(string.match(debug.traceback("", 3), ":(%d+):"))
        end

        function test(name, body)
          if running then error("test(…) can't stand inside a test", 2) end
          if type(name) ~= "string" or type(body) ~= "function" then
            error("test(name, function) takes a string and a function, got " .. type(name) .. " and " .. type(body), 2)
          end
          if tests[name] then error("this file has two tests named '" .. name .. "'", 2) end
          tests[name] = body
          declare(name, line_of_caller())
        end

        function __run(name)
          local test = tests[name]
          running = true
          test()
        end

        -- Entities, `objects` and the like: one value each, and nothing to look into. A json component and
        -- `entity.components` are tables to us.
        local function is_opaque(value)
          if type(value) ~= "table" or getmetatable(value) ~= false then return false end
          local name = tostring(value)
          if name == "table" or name == "userdata: table" then return false end
          local good, kind = pcall(probe, value)
          -- Components of a removed entity: looking into them says so.
          return good and kind ~= "table"
        end

        local function is_table(value)
          return type(value) == "table" and not is_opaque(value)
        end

        local function sorted_keys(t)
          local list = {}
          for key in pairs(t) do list[#list + 1] = key end
          table.sort(list, function(a, b)
            if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
            return type(a) == "number" and type(b) ~= "number" or type(a) == "string" and type(b) ~= "number" and type(b) ~= "string"
          end)
          return list
        end

        local show

        local function show_key(key)
          if type(key) == "string" and string.find(key, "^[%a_][%w_]*$") then return key end
          return "[" .. show(key) .. "]"
        end

        local function show_table(t, depth)
          if depth > 5 then return "{…}" end
          local parts, length = {}, #t
          for index, key in ipairs(sorted_keys(t)) do
            if index > 40 then
              parts[#parts + 1] = "…"
              break
            end
            local text = show(t[key], depth + 1)
            if index == key and index <= length then parts[index] = text
            else parts[#parts + 1] = show_key(key) .. " = " .. text end
          end
          return "{" .. table.concat(parts, ", ") .. "}"
        end

        function show(value, depth)
          if type(value) == "string" then
            local text = #value > 400 and string.sub(value, 1, 400) .. "…" or value
            return '"' .. string.gsub(string.gsub(text, '[\\"]', "\\%0"), "\n", "\\n") .. '"'
          elseif type(value) == "number" then
            return string.format("%.14g", value)
          elseif is_table(value) then
            return show_table(value, depth or 1)
          end
          return (string.gsub(tostring(value), "^userdata: ", ""))
        end

        -- Where two values differ, as a path below them; nil when they are equal.
        local function difference(a, b, path, is_part)
          if a == b or a ~= a and b ~= b then return nil end
          if not is_table(a) or not is_table(b) then return path end
          for key, value in pairs(b) do
            local where = difference(a[key], value, path .. "." .. tostring(key), is_part)
            if where then return where end
          end
          if is_part then return nil end
          for key, value in pairs(a) do
            if b[key] == nil and value ~= nil then return path .. "." .. tostring(key) end
          end
        end

        local function is_found(text, pattern)
          if string.find(text, pattern, 1, true) then return true end
          local good, at = pcall(string.find, text, pattern)
          return good and at ~= nil
        end

        local function contains(value, wanted)
          if type(value) == "string" and type(wanted) == "string" then
            return string.find(value, wanted, 1, true) ~= nil
          end
          if not is_table(value) then return false end
          for _, element in pairs(value) do
            if not difference(element, wanted, "", true) then return true end
          end
          return false
        end

        local function is_alive(value)
          if not is_opaque(value) then return true end
          local _, alive = probe(value)
          return alive
        end

        local function raised(body, pattern)
          if type(body) ~= "function" then
            error("raises needs expect(function() … end), got expect(" .. show(body) .. ")", 3)
          end
          local good, message = pcall(body)
          if not good and failure and message == failure then error(message, 0) end
          if good then return false, "no error" end
          return pattern == nil or is_found(tostring(message), pattern), "the error " .. show(tostring(message))
        end

        local function numbers(name, ...)
          for index = 1, select("#", ...) do
            if type((select(index, ...))) ~= "number" then
              error(name .. " compares numbers, got " .. show((select(index, ...))), 4)
            end
          end
        end

        -- Each returns whether it holds, what was wanted, and what was there if it is not the value itself.
        local matchers = {}

        function matchers.is(value, wanted)
          local where = difference(value, wanted, "")
          local note = where and where ~= "" and show(value) .. "\n  differs in " .. string.sub(where, 2)
          return not where, show(wanted), note or nil
        end

        function matchers.has(value, wanted)
          local where = not is_table(value) and "" or difference(value, wanted, "", true)
          local note = where and where ~= "" and show(value) .. "\n  differs in " .. string.sub(where, 2)
          return not where, "something with " .. show(wanted), note or nil
        end

        function matchers.near(value, wanted, tolerance)
          tolerance = tolerance or 0.001
          numbers("near", wanted, tolerance)
          local is_near = type(value) == "number" and math.abs(value - wanted) <= tolerance
          return is_near, show(wanted) .. " ± " .. show(tolerance)
        end

        function matchers.exists(value)
          if value == nil then return false, "something" end
          return is_alive(value), "something", not is_alive(value) and "an entity that was removed" or nil
        end

        function matchers.isNil(value) return value == nil, "nil" end

        function matchers.matches(value, pattern)
          return type(value) == "string" and string.find(value, pattern) ~= nil, "text that matches " .. show(pattern)
        end

        function matchers.contains(value, wanted) return contains(value, wanted), "something that contains " .. show(wanted) end

        function matchers.raises(body, pattern)
          local does, got = raised(body, pattern)
          return does, pattern and "an error with " .. show(pattern) or "an error", got
        end

        function matchers.isAbove(value, limit)
          numbers("isAbove", value, limit)
          return value > limit, "more than " .. show(limit)
        end

        function matchers.isBelow(value, limit)
          numbers("isBelow", value, limit)
          return value < limit, "less than " .. show(limit)
        end

        function matchers.isAtLeast(value, limit)
          numbers("isAtLeast", value, limit)
          return value >= limit, "at least " .. show(limit)
        end

        function matchers.isAtMost(value, limit)
          numbers("isAtMost", value, limit)
          return value <= limit, "at most " .. show(limit)
        end

        local function fail(wanted, got, is_negated)
          local text = "expected " .. (is_negated and "anything but " or "") .. wanted
          local short = #text + #got < 90 and not string.find(got, "\n", 1, true)
          -- The levels: pcall, this function, the matcher, the test.
          local _
          _, failure = pcall(error, text .. (short and ", got " or "\n  got ") .. got, 4)
          error(failure, 0)
        end

        local function expectation(value, is_negated)
          local self = {}
          return setmetatable(self, {
            __index = function(_, name)
              if name == "never" then return expectation(value, not is_negated) end
              local negated = is_negated
              if name == "isNot" then name, negated = "is", not negated end
              local check = matchers[name]
              if not check then
                error("expect(…) has no '" .. tostring(name) .. "'; it has " .. table.concat(sorted_keys(matchers), ", ")
                  .. ", isNot, never", 2)
              end
              return function(first, ...)
                local holds, wanted, got
                if rawequal(first, self) then holds, wanted, got = check(value, ...)
                else holds, wanted, got = check(value, first, ...) end
                if holds == negated then fail(wanted, got or show(value), negated) end
              end
            end,
          })
        end

        function expect(value) return (expectation(value, false)) end
        """#
}
