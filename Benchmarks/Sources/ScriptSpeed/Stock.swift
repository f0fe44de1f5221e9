import CStockLua

/// Debian's stock Lua, without limits.
final class Stock {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    private let lua: OpaquePointer

    init() throws {
        guard let lua = stock_new() else { throw Failed(description: "no memory for a stock Lua state") }
        self.lua = lua
    }

    deinit { stock_free(lua) }

    /// Compiles a script and returns a function that calls it a given number of times.
    func compile(_ source: String) throws -> (UInt64) throws -> Void {
        let script = stock_compile(lua, source, source.utf8.count)
        guard script != 0 else { throw Failed(description: "stock Lua does not compile: \(source)") }
        return { [self] count in
            guard stock_call(lua, script, count) == 0 else {
                throw Failed(description: "stock Lua failed in: \(source)")
            }
        }
    }
}
