/// Counts the packets that a client may still send to a namespace which the server has just left: they were under way
/// when the client heard of it.
struct LatePackets {
    private let maxPackets: Int
    private let maxNamespaces: Int
    /// How many packets of each namespace are still ignored.
    private var rest: [String: Int] = [:]

    /// Makes an empty count.
    ///
    /// - Parameters:
    ///   - maxPackets: How many packets of a namespace are ignored.
    ///   - maxNamespaces: Of how many namespaces; at one more, the former ones are forgotten.
    init(maxPackets: Int, maxNamespaces: Int) {
        self.maxPackets = maxPackets
        self.maxNamespaces = maxNamespaces
    }

    /// The server has left a namespace.
    mutating func expect(from namespace: String) {
        if rest.count >= maxNamespaces { rest = [:] }
        rest[namespace] = maxPackets
    }

    /// The client asks for a namespace, so it has heard that the server left it.
    mutating func end(_ namespace: String) { rest[namespace] = nil }

    /// Counts a packet to a namespace that the client does not have.
    ///
    /// - Returns: Whether the packet may have been under way.
    mutating func take(_ namespace: String) -> Bool {
        guard let count = rest[namespace] else { return false }
        rest[namespace] = count > 1 ? count - 1 : nil
        return true
    }
}
