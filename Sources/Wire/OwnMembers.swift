import JSONValues

/// The members of a delta that only its receiver gets, beside its own record.
package struct OwnMembers {
    /// Their JSON text, each with a comma in front; empty when the receiver gets none.
    let bytes: [UInt8]
    /// The `commands` object; `nil` when the message acknowledges no commands.
    let commands: [UInt8]?

    /// Whether the receiver gets none.
    package var isEmpty: Bool { bytes.isEmpty }

    /// No members.
    package static let none = OwnMembers()

    /// Encodes the members.
    ///
    /// - Parameters:
    ///   - commands: The `commands` object, if the message acknowledges commands.
    ///   - unixtime: The receiver's own clock, shifted by the time its command waited, if the message gives it back.
    ///   - timeouts: The `timeouts` object, if the message tells it again.
    package init(commands: [UInt8]? = nil, unixtime: Double? = nil, timeouts: [UInt8]? = nil) {
        self.commands = commands
        var bytes: [UInt8] = []
        if let commands { bytes += ",\"commands\":".utf8 + commands }
        if let unixtime { bytes += ",\"unixtime\":".utf8 + JSON.number(unixtime).bytes }
        if let timeouts { bytes += ",\"timeouts\":".utf8 + timeouts }
        self.bytes = bytes
    }
}
