/// What Lua has instead of names of other languages, for scripts that fail when they run.
package enum ForeignNames {
    /// Globals of other languages.
    package static let globals: [String: String] = [
        "null": "Lua writes nil for null", "None": "Lua writes nil for None", "NULL": "Lua writes nil for NULL",
        "undefined": "Lua writes nil for undefined", "True": "Lua writes true for True",
        "False": "Lua writes false for False", "this": "the entity of a script is object",
        "self": "only functions written with a colon have self; the entity of a script is object",
        "console": "print(…) writes to the map's log",
        "printf": "print(string.format(…)) writes to the map's log", "echo": "print(…) writes to the map's log",
        "Math": "Lua writes math for Math", "JSON": "json components hold tables as they are",
        "len": "Lua writes #list for len(list)", "str": "Lua writes tostring(value) for str(value)",
        "int": "Lua writes math.floor(value) or tonumber(text) for int(value)",
        "float": "Lua writes tonumber(text) for float(text)", "Number": "Lua writes tonumber(text) for Number(text)",
        "parseInt": "Lua writes tonumber(text) for parseInt(text)",
        "parseFloat": "Lua writes tonumber(text) for parseFloat(text)",
        "String": "Lua writes tostring(value) for String(value)", "range": "Lua writes for i = 1, n do … end",
        "enumerate": "Lua writes for i, v in ipairs(list) do … end",
        "typeof": "Lua writes type(value) for typeof value", "instanceof": "Lua writes type(value)",
        "isinstance": "Lua writes type(value)", "sleep": "queue an event whose group has a timeout",
        "wait": "queue an event whose group has a timeout", "setTimeout": "queue an event whose group has a timeout",
        "setInterval": "queue an event that queues itself again", "Array": "tables are made with { }",
        "switch": "Lua has no switch; write if … elseif … end", "try": "Lua has no try; write pcall(function() … end)",
        "catch": "Lua has no catch; pcall gives false and the error",
        "throw": "Lua has no throw; write error(\"…\")", "new": "Lua has no new; tables are made with { }",
        "Object": "tables are made with { }", "Date": "os.time() gives the time in seconds",
    ]

    /// Methods and fields of other languages.
    package static let members: [String: String] = [
        "push": "write table.insert(list, value)", "append": "write table.insert(list, value)",
        "add": "write table.insert(list, value)", "push_back": "write table.insert(list, value)",
        "pop": "write table.remove(list)", "shift": "write table.remove(list, 1)",
        "unshift": "write table.insert(list, 1, value)", "splice": "write table.insert or table.remove",
        "length": "write #list", "size": "write #list", "count": "write #list", "len": "write #list",
        "join": "write table.concat(list, separator)", "split": "write split(text, separator)",
        "forEach": "write for i, v in ipairs(list) do … end", "map": "write for i, v in ipairs(list) do … end",
        "filter": "write for i, v in ipairs(list) do … end", "indexOf": "compare in for i, v in ipairs(list) do … end",
        "includes": "compare in for i, v in ipairs(list) do … end",
        "contains": "compare in for i, v in ipairs(list) do … end",
        "has": "write map[key] ~= nil", "get": "write map[key]", "keys": "write keys(map)",
        "values": "write for key, value in pairs(map) do … end", "toString": "write tostring(value)",
        "toUpperCase": "write text:upper()", "toLowerCase": "write text:lower()", "upper": "write text:upper()",
        "substring": "write text:sub(first, last)", "substr": "write text:sub(first, last)",
        "charAt": "write text:sub(i, i)", "startsWith": "write text:sub(1, #start) == start",
        "trim": "write text:match(\"^%s*(.-)%s*$\")", "replace": "write text:gsub(pattern, by)",
        "floor": "write math.floor(value)", "round": "write math.floor(value + 0.5)", "slice": "write text:sub(i, j)",
    ]

    /// Adds to an error of a running script what to write instead of the name that it complains about.
    ///
    /// - Parameter message: The VM's message, such as `events/a/b.lua:3: attempt to call method 'push' (a nil value)`.
    /// - Returns: The message, followed by `; ` and advice when the name belongs to another language.
    package static func advised(_ message: String) -> String {
        advice(message).map { "\(message); \($0)" } ?? message
    }

    private static func advice(_ message: String) -> String? {
        let end = "' (a nil value)"
        guard message.hasSuffix(end) else { return nil }
        // … global 'NAME
        let words = message.dropLast(end.count).split(separator: " ").suffix(2)
        guard let kind = words.first, let name = words.last, name.hasPrefix("'") else { return nil }
        switch kind {
        case "global": return globals[String(name.dropFirst())]
        case "method", "field":
            let name = String(name.dropFirst())
            return members[name].map { "Lua has no .\(name); \($0)" }
        default: return nil
        }
    }
}
