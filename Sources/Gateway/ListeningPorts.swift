import Synchronization

/// The ports at which clients reach the server and its maps [M2.3]. Any thread.
package final class ListeningPorts: Sendable {
    private let server = Atomic<Int>(0)
    private let maps = Mutex<[Int: Int]>([:])

    /// Nothing listens yet.
    package init() {}

    /// The server's port; 0 before the server listens.
    package var shared: Int { server.load(ordering: .acquiring) }

    /// The own port of a map; `nil` for a map that uses the server's port.
    package func port(ofMap mapID: Int) -> Int? { maps.withLock { $0[mapID] } }

    /// Sets the server's port.
    func set(_ port: Int) { server.store(port, ordering: .releasing) }

    /// Sets the own port of a map; `nil` when the map no longer has one.
    func set(_ port: Int?, ofMap mapID: Int) { maps.withLock { $0[mapID] = port } }
}
