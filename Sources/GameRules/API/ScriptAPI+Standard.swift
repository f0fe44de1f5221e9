extension ScriptAPI {
    /// Lua's own globals that scripts have, besides the libraries [`2-lua-api.md` 1].
    package static let standardGlobals: Set<String> = [
        "_G", "_VERSION", "assert", "error", "getfenv", "getmetatable", "ipairs", "next", "pairs", "pcall", "print",
        "rawequal", "rawget", "rawset", "select", "setfenv", "setmetatable", "tonumber", "tostring", "type", "unpack",
        "xpcall",
    ]

    /// Lua's libraries with the members that scripts have.
    package static let libraries: [String: Set<String>] = [
        "coroutine": ["create", "resume", "running", "status", "wrap", "yield"],
        "debug": ["traceback"],
        "math": [
            "abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp",
            "huge", "ldexp", "log", "log10", "max", "min", "mod", "modf", "pi", "pow", "rad", "random", "randomseed",
            "sin", "sinh", "sqrt", "tan", "tanh",
        ],
        "os": ["clock", "date", "difftime", "time"],
        "string": [
            "byte", "char", "find", "format", "gfind", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse",
            "sub", "upper",
        ],
        "table": ["concat", "foreach", "foreachi", "getn", "insert", "maxn", "remove", "setn", "sort"],
    ]

    /// Globals of stock Lua 5.1 that scripts don't have, with what to use instead [M8.3].
    package static let absentGlobals: [String: String] = [
        "collectgarbage": "memory is cleaned up by itself",
        "dofile": "what the files of lib/ assign to globals is there in every script",
        "gcinfo": "memory is cleaned up by itself",
        "io": "scripts reach no files; print writes to the map's log",
        "load": "write the code into a file of the game folder",
        "loadfile": "what the files of lib/ assign to globals is there in every script",
        "loadstring": "write the code into a file of the game folder",
        "module": "what the files of lib/ assign to globals is there in every script",
        "newproxy": "use setmetatable with a table",
        "package": "what the files of lib/ assign to globals is there in every script",
        "require": "what the files of lib/ assign to globals is there in every script",
    ]

    /// Members of stock libraries that scripts don't have.
    package static let absentMembers: [String: Set<String>] = [
        "debug": [
            "debug", "getfenv", "gethook", "getinfo", "getlocal", "getmetatable", "getregistry", "getupvalue",
            "setfenv", "sethook", "setlocal", "setmetatable", "setupvalue",
        ],
        "os": ["execute", "exit", "getenv", "remove", "rename", "setlocale", "tmpname"],
        "string": ["dump"],
    ]

    /// The functions of stock Lua's `io`, which scripts do not have in any game.
    package static let fileFunctions: Set<String> = [
        "close", "flush", "input", "lines", "open", "output", "popen", "read", "stderr", "stdin", "stdout", "tmpfile",
        "type", "write",
    ]

    /// Every global that all scripts have.
    package static let commonGlobals: Set<String> = standardGlobals.union(libraries.keys)
        .union(functions.map(\.name)).union(["objects", "map"])
}
