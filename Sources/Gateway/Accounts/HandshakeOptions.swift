import NIOHTTP1
import Transport

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
        let patches = RequestQuery(of: head.uri).values(of: "patches")
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
