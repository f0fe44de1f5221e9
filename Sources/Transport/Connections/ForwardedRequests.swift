/// The requests at work on one connection of a trusted proxy, each counted as a connection of its own client.
///
/// A proxy sends the requests of many clients over one connection, and a WebSocket stays one client's to its end. On
/// the connection's event loop only.
final class ForwardedRequests {
    private let limit: ConnectionLimit
    /// The clients of the requests, the oldest first.
    private var open: [String] = []

    /// Makes a list that counts nothing yet.
    ///
    /// - Parameter limit: How many connections each address may have.
    init(_ limit: ConnectionLimit) { self.limit = limit }

    /// Counts a request.
    ///
    /// - Parameter client: Where it comes from.
    /// - Returns: `false`, without counting it, when the client has as many connections as it may have.
    func open(_ client: String) -> Bool {
        guard limit.open(client) else { return false }
        open.append(client)
        return true
    }

    /// Forgets the oldest request, which was answered.
    func answered() { if !open.isEmpty { limit.close(open.removeFirst()) } }

    /// Forgets all, as the connection is closed.
    func closeAll() {
        for key in open { limit.close(key) }
        open = []
    }
}
