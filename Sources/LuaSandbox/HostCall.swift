internal import CLuaRuntime

/// A request of a script to the host, and the place for the host's answer.
///
/// Valid only while the handler runs, on the thread that runs it. Only the accessors that return `String` or
/// ``LuaValue`` allocate.
public struct HostCall {
    /// What is asked. `self` in the descriptions is ``HostCall/reference``.
    public enum Operation: Int32, Sendable {
        /// Read property ``HostCall/memberID`` (or a column whose storage is `host`).
        case get = 1
        /// Assign argument 0 to property or column ``HostCall/memberID``.
        case set = 2
        /// Call method ``HostCall/memberID``.
        case call = 3
        /// Read the key in argument 0 of a dynamic class or of the entities collection. No result means nil.
        case index = 4
        /// Assign argument 1 to the key in argument 0 of a dynamic class or of the entities collection.
        case newIndex = 5
        /// `#self`.
        case length = 6
        /// The key and value that follow the key in argument 0 (nil: the first); no result at the end.
        case next = 7
        /// The name of `self`, for example `players_24`.
        case toString = 8
        /// `self` as one packed value.
        case pack = 9
        /// Argument 0 is not a member of `self`: fail with a message (or answer). ``HostCall/isWriting`` tells
        /// whether the script assigned to it.
        case unknown = 10
        /// The row of `self` was removed and the VM does not know its name: fail with a message.
        case removed = 11
        /// Column ``HostCall/memberID`` is not declared for the kind of `self`: fail with a message.
        case undeclared = 12
        /// Column ``HostCall/memberID`` of `self` changed from argument 0 to argument 1.
        case trigger = 13
        /// Call global function ``HostCall/memberID``.
        case global = 14
        /// Argument 0 is a line for the log.
        case print = 15
        /// `error()` was called: argument 0 is the message with its position, argument 1 the traceback.
        case errorLog = 16
        /// `os.clock()` wants a number of seconds; only while ``LuaSandbox/usesHostClock`` is set.
        case clock = 17

        /// The operation for a number that C gave. The initializer that the compiler generates would be a function call
        /// in every callback.
        @inline(__always)
        public init?(rawValue: Int32) {
            guard rawValue >= 1, rawValue <= 17 else { return nil }
            // The cases are numbered without a gap from 1, and an enum without payloads is stored as the position of
            // its case; a test checks all cases.
            self = unsafeBitCast(UInt8(truncatingIfNeeded: rawValue &- 1), to: Self.self)
        }
    }

    /// The type of an argument.
    public enum ValueType: Int32, Sendable {
        case `nil` = 0
        case bool = 1
        case number = 2
        case string = 3
        /// A table (or a proxy of a class that `packs`), packed.
        case table = 4
        case reference = 5
        /// A function or a coroutine.
        case other = 6
    }

    @usableFromInline
    let pointer: OpaquePointer

    var raw: UnsafeMutablePointer<plr_call> { UnsafeMutablePointer(pointer) }

    init(_ pointer: UnsafeMutablePointer<plr_call>) {
        self.pointer = OpaquePointer(pointer)
    }

    /// What is asked.
    public var operation: Operation { Operation(rawValue: raw.pointee.op) ?? .unknown }
    /// The id given to ``HostClass/Member``, ``StoreColumn`` or `setFunction`.
    public var memberID: UInt32 { raw.pointee.member }
    /// The object of the request; its class is 0 for global functions and logs.
    public var reference: HostReference { HostReference(raw.pointee.`self`) }
    /// True when an `unknown`, `undeclared` or `removed` comes from an assignment.
    public var isWriting: Bool { raw.pointee.writing }
    /// The number of arguments, at most 16.
    public var argumentCount: Int { Int(raw.pointee.argument_count) }

    @inline(__always)
    private func argument(_ index: Int) -> plr_value? {
        guard index >= 0, index < argumentCount else { return nil }
        return raw.pointee.arguments[index]
    }

    /// The type of an argument; `nil` for one that was not given.
    public func type(at index: Int) -> ValueType {
        guard let value = argument(index) else { return .nil }
        return ValueType(rawValue: value.type) ?? .other
    }

    /// The argument if it is a number (which may be NaN or infinite), else nil. Strings are not converted.
    public func number(at index: Int) -> Double? {
        guard let value = argument(index), value.type == ValueType.number.rawValue else { return nil }
        return value.number
    }

    /// The argument if it is a boolean, else nil.
    public func bool(at index: Int) -> Bool? {
        guard let value = argument(index), value.type == ValueType.bool.rawValue else { return nil }
        return value.number != 0
    }

    /// The argument if it is a string, invalid UTF-8 repaired, else nil.
    public func string(at index: Int) -> String? {
        withBytes(at: index) { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of an argument that is a string; nil for any other. The bytes must not leave the closure.
    public func withBytes<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result?
    {
        guard let value = argument(index), value.type == ValueType.string.rawValue else { return nil }
        return try body(UnsafeRawBufferPointer(start: value.bytes, count: Int(value.length)))
    }

    /// The bytes of an argument that is a string; nil for any other. They must not be used after the handler returned.
    /// For calls so short that a closure would take most of their time.
    public func bytes(at index: Int) -> UnsafeRawBufferPointer? {
        guard let value = argument(index), value.type == ValueType.string.rawValue else { return nil }
        return UnsafeRawBufferPointer(start: value.bytes, count: Int(value.length))
    }

    /// The packed bytes of an argument that is a table; nil for any other. The bytes must not leave the closure.
    ///
    /// A proxy of a class with ``HostClass/Options/packs`` arrives packed too: the host was asked (`pack`) before. See
    /// ``HostClass/Options/movable`` for assignments.
    public func withPacked<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result?
    {
        guard let value = argument(index), value.type == ValueType.table.rawValue else { return nil }
        return try body(UnsafeRawBufferPointer(start: value.bytes, count: Int(value.length)))
    }

    /// The argument if it is a proxy, else nil. Whether its row is alive is not checked.
    public func reference(at index: Int) -> HostReference? {
        guard let value = argument(index), value.type == ValueType.reference.rawValue else { return nil }
        return HostReference(value.ref)
    }

    /// The key of the entity that an argument is, or belongs to, even if that entity was removed; `nil` for anything
    /// else, and if the VM does not know the key.
    public func entityKey(at index: Int) -> String? {
        guard let value = argument(index), value.type == ValueType.reference.rawValue, value.length > 0 else {
            return nil
        }
        return String(
            decoding: UnsafeRawBufferPointer(start: value.bytes, count: Int(value.length)), as: UTF8.self)
    }

    /// The argument as a value; allocates for strings and tables.
    public func value(at index: Int) -> LuaValue {
        guard let value = argument(index) else { return .nil }
        return LuaValue(value)
    }

    /// The name of an argument's type as Lua's `type` gives it, for messages.
    public func typeName(at index: Int) -> String {
        switch type(at: index) {
        case .nil: "nil"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .table, .reference: "table"
        case .other: argument(index)?.number == 1 ? "thread" : "function"
        }
    }

    /// Whether the script must end: its time is over, or the sandbox was stopped. It ends when the handler returns,
    /// whatever the handler answers.
    ///
    /// The handler's time counts too. A handler that may take milliseconds should read this now and then, and stop
    /// early.
    ///
    /// - Complexity: O(1), two loads.
    public var mustEnd: Bool { plr_call_must_end(raw) }

    /// The script and the line that make the request; `nil` when no line of a script runs.
    public var position: (script: String, line: Int)? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
            let line = plr_call_position(raw, buffer.baseAddress, buffer.count)
            guard line > 0, let name = buffer.baseAddress else { return nil }
            return (String(cString: name), Int(line))
        }
    }

    /// Adds a result; there may be up to four.
    public func returnNil() { plr_return_nil(raw) }
    /// Adds a result; there may be up to four.
    public func returnValue(_ value: Bool) { plr_return_bool(raw, value) }
    /// Adds a result; there may be up to four.
    public func returnValue(_ value: Double) { plr_return_number(raw, value) }
    /// Adds a result; there may be up to four.
    public func returnValue(_ value: HostReference) { plr_return_ref(raw, value.ref) }
    /// Adds a result, copying the text; there may be up to four.
    public func returnValue(_ value: String) {
        var value = value
        value.withUTF8 { plr_return_string(raw, $0.baseAddress, $0.count) }
    }
    /// Adds a result from one packed value, copying the bytes; a table arrives as a fresh Lua table.
    public func returnPacked(_ bytes: UnsafeRawBufferPointer) {
        plr_return_packed(raw, bytes.baseAddress, bytes.count)
    }
    /// Adds a result from one packed value, copying the bytes; a table arrives as a fresh Lua table.
    public func returnPacked(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { returnPacked($0) }
    }
    /// Adds a result; there may be up to four. `other` becomes nil.
    public func returnValue(_ value: LuaValue) {
        switch value {
        case .nil, .other: returnNil()
        case .bool(let value): returnValue(value)
        case .number(let value): returnValue(value)
        case .string(let value): returnValue(value)
        case .reference(let value): returnValue(value)
        case .array, .object: returnPacked(PackedWriter.pack(value))
        }
    }

    /// Makes the operation raise an error in the script: `file:line: message`. Results are dropped.
    public func fail(_ message: String) {
        var message = message
        message.withUTF8 { plr_fail(raw, $0.baseAddress, $0.count) }
    }
}
