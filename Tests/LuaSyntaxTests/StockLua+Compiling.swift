import StockLua
import Testing

extension StockLua {
    /// Stock Lua's result for each text: `nil` when it compiles, else the message without the chunk's name, `LINE: …`.
    static func compile(_ sources: [[UInt8]]) throws -> [String?] {
        let program = """
            for number = 0, \(sources.count - 1) do
              local file = io.open(number .. ".lua", "rb")
              local ok, message = loadstring(file:read("*a"), "=x")
              file:close()
              io.write(ok and "ok" or message:gsub("[\\r\\n]", " "), "\\n")
            end
            """
        let files = sources.enumerated().map { ("\($0.offset).lua", $0.element) }
        let lines = try run(program, files: Dictionary(uniqueKeysWithValues: files))
        try #require(lines.count == sources.count)
        return lines.map { line in line == "ok" ? nil : String(line.dropFirst("x:".count)) }
    }
}
