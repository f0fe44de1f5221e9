/// The unanswered requests on one connection of a trusted proxy; each is counted as a connection of its client.
///
/// A proxy sends the requests of many clients over one connection. A WebSocket belongs to one client until it ends.
/// Used on the connection's event loop only.
final class ForwardedRequests {
    private let limit: ConnectionLimit
    /// The clients of the requests, oldest request first.
    private var open: [String] = []

    /// Makes a list that counts nothing yet.
    ///
    /// - Parameter limit: How many connections each address may have.
    init(_ limit: ConnectionLimit) { self.limit = limit }

    /// Counts a request.
    ///
    /// - Parameter client: The key of the client's address.
    /// - Returns: `false` when the client has reached the limit; the request is not counted then.
    func open(_ client: String) -> Bool {
        guard limit.open(client) else { return false }
        open.append(client)
        return true
    }

    /// Removes the oldest request, which was answered.
    func answered() { if !open.isEmpty { limit.close(open.removeFirst()) } }

    /// Removes all requests, because the connection is closed.
    func closeAll() {
        for key in open { limit.close(key) }
        open = []
    }
}
