package import JSONValues
import LuaSandbox

extension ScriptRunner.Outcome {
    /// The exit status of the command for this outcome: 0 success, 1 Lua error, 3 time limit, 4 memory limit.
    package var exitStatus: Int32 {
        switch result {
        case .success: 0
        case .failure(let error):
            switch error.kind {
            case .syntax, .runtime, .stopped: 1
            case .time: 3
            case .memory: 4
            }
        }
    }

    /// The returned values on one line, separated by tabs; `nil` when there are none.
    package var valuesLine: [UInt8]? {
        guard case .success(let values) = result, !values.isEmpty else { return nil }
        return Array("=> ".utf8) + Array(values.map(\.text).joined(separator: [UInt8(ascii: "\t")]))
    }

    /// The message and the traceback of the failure; `nil` for a success.
    package var errorText: String? {
        if case .failure(let error) = result { error.description } else { nil }
    }

    /// The whole outcome as one object. `printed` has the lines that the script printed, and `printed_left_out` the
    /// number of lines that were cut or left out, if any.
    package func json(printed: PrintedLines) -> JSON {
        var object: JSONObject = [
            "values": .array([]), "printed": .array(printed.lines.map { .string($0) }), "error": .null,
        ]
        if printed.leftOut > 0 { object["printed_left_out"] = .number(Double(printed.leftOut)) }
        switch result {
        case .success(let values): object["values"] = .array(values.map(\.json))
        case .failure(let error):
            object["error"] = .object([
                "kind": .string(error.kind.rawValue), "message": .string(error.message),
                "file": .string(error.file), "line": error.line == 0 ? .null : .number(Double(error.line)),
                "traceback": .string(error.traceback),
            ])
        }
        object["cpu_ms"] = .number((Double(cpuNanoseconds) / 1000).rounded() / 1000)
        object["wall_ms"] = .number((Double(wallNanoseconds) / 1000).rounded() / 1000)
        object["used_bytes"] = .number(Double(usedBytes))
        object["peak_bytes"] = .number(Double(peakBytes))
        return .object(object)
    }
}

extension LuaResult {
    /// The value as JSON: nil as null, and a value of a type that JSON does not have as its text.
    fileprivate var json: JSON {
        switch value {
        case .bool(let value): .bool(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case nil: text == Array("nil".utf8) ? .null : .string(String(decoding: text, as: UTF8.self))
        }
    }
}
