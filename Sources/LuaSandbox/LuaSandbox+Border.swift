internal import CLuaRuntime

extension Duration {
    var limitNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 1 << 32 else { return 1 << 62 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}

extension String {
    init(cBytes: UnsafePointer<CChar>?, _ count: Int) {
        self = String(decoding: UnsafeRawBufferPointer(start: cBytes, count: cBytes == nil ? 0 : count), as: UTF8.self)
    }
}

extension LuaValue {
    init(_ value: plr_value) {
        switch value.type {
        case Int32(PLR_NIL): self = .nil
        case Int32(PLR_BOOL): self = .bool(value.number != 0)
        case Int32(PLR_NUMBER): self = .number(value.number)
        case Int32(PLR_STRING):
            self = .string(
                String(decoding: UnsafeRawBufferPointer(start: value.bytes, count: Int(value.length)), as: UTF8.self))
        case Int32(PLR_TABLE):
            var reader = PackedReader(UnsafeRawBufferPointer(start: value.bytes, count: Int(value.length)))
            self = reader.value() ?? .nil
        case Int32(PLR_REF): self = .reference(HostReference(value.ref))
        default: self = .other
        }
    }

    /// The value, or the part of it that ``LuaSandbox/Configuration/maxResultBytes`` lets through.
    init(_ value: plr_value, maxBytes: Int) {
        var value = value
        if Int(value.length) > maxBytes, value.type == Int32(PLR_TABLE) { value.type = Int32(PLR_OTHER) }
        if Int(value.length) > maxBytes, value.type == Int32(PLR_STRING) { value.length = UInt32(maxBytes) }
        self.init(value)
    }

    /// Calls `body` with the value in the form that C reads.
    func withRaw<Result>(_ body: (UnsafePointer<plr_value>) -> Result) -> Result {
        var raw = plr_value()
        switch self {
        case .nil, .other: break
        case .bool(let value):
            raw.type = Int32(PLR_BOOL)
            raw.number = value ? 1 : 0
        case .number(let value):
            raw.type = Int32(PLR_NUMBER)
            raw.number = value
        case .reference(let value):
            raw.type = Int32(PLR_REF)
            raw.ref = value.ref
        case .string(var value):
            return value.withUTF8 {
                raw.type = Int32(PLR_STRING)
                raw.length = UInt32($0.count)
                raw.bytes = $0.baseAddress
                return body(&raw)
            }
        case .array, .object:
            return PackedWriter.pack(self).withUnsafeBufferPointer {
                raw.type = Int32(PLR_TABLE)
                raw.length = UInt32($0.count)
                raw.bytes = $0.baseAddress
                return body(&raw)
            }
        }
        return body(&raw)
    }
}
