import NIOHTTP1

/// What a client chooses in the query of its handshake, beside its credentials [`1-protocol.md` 7].
struct HandshakeOptions: Equatable {
    /// Why a handshake is refused.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Whether json components that changed inside are sent as patches: `patches=1`.
    let takesPatches: Bool

    /// Reads the options.
    ///
    /// - Parameter head: The handshake's head.
    /// - Throws: ``Problem`` for an option with a value that is not allowed, or given twice.
    init(_ head: HTTPRequestHead) throws(Problem) {
        let patches = head.queryMembers.filter { $0.name == "patches" }.map { member in
            let bytes = percentDecoded(member.value ?? "", plusIsSpace: false)
            return bytes.flatMap { String(validating: $0, as: UTF8.self) } ?? ""
        }
        guard patches.count < 2 else {
            throw Problem(description: "the query of the handshake has 'patches' \(patches.count) times; give it once")
        }
        switch patches.first {
        case nil, "0": takesPatches = false
        case "1": takesPatches = true
        case let value?:
            throw Problem(
                description: "patches is \"\(value.prefix(32))\" in the query of the handshake; allowed is 0 or 1")
        }
    }
}

extension HTTPRequestHead {
    /// The members of the query, still percent-encoded; one without `=` has no value.
    var queryMembers: [(name: Substring, value: Substring?)] {
        let query = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first ?? ""
        return query.split(separator: "&").map { member in
            let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0], parts.dropFirst().first)
        }
    }
}
