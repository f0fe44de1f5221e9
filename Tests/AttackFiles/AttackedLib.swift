/// A lib that is loaded beside the attacks, and a script that must work after each attack.
extension Attack {
    /// The name of ``lib``.
    package static let libName = "lib/attacked.lua"

    /// The source of the lib that the attacks in `with-lib` use.
    package static let lib = """
        lib_table = { value = "a value", nested = { value = 1 }, list = { 1, 2, 3 }, n = 0 }
        function lib_table:count() self.n = self.n + 1 return self.n end
        function lib_function() end
        function lib_call(f, ...) return f(...) end
        function lib_globals() return _G end
        function lib_environment() return getfenv(1) end
        function lib_each(callback) return (pcall(callback, 1)) end
        lib_class = {}
        lib_class.__index = lib_class
        function lib_class.new(value) return setmetatable({ value = value }, lib_class) end
        """

    /// A script that needs all parts of Lua's library, the methods of strings, and an unchanged lib.
    package static let after = """
        local t = { 3, 1, 2 }
        table.sort(t)
        local ok, message = pcall(error, "x", 0)
        local co = coroutine.wrap(function(a) return coroutine.yield(a + 1) end)
        local words = ("one two"):gsub("%a+", function(word) return word:upper() end)
        return table.concat(t, ",") .. words .. tostring(ok) .. message .. co(1) .. type(next) .. #("x"):rep(100000)
            .. math.floor(2.5) .. tostring(secret) .. lib_table.value .. #lib_table.list .. lib_class.new(4).value
        """
    /// The value that ``after`` returns.
    package static let expectedAfter = "1,2,3ONE TWOfalsex2function1000002nila value34"
}
