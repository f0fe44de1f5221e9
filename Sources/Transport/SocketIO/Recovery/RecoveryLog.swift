import NIOCore
import Synchronization
import Wire

/// What one socket's client may have missed, with the secret by which it comes back. Any thread may use it;
/// ``RecoveryStore`` decides when it is forgotten.
final class RecoveryLog: Sendable {
    /// The secret that the client says when it comes back.
    let pid: String
    /// The id of the socket, which it keeps.
    let socketID: String
    /// The namespace of the socket.
    let namespace: String

    private struct State {
        var packets = KeptPackets()
        /// When the client's connection ended; `nil` while it has one.
        var awaySince: NIODeadline?
        var isForgotten = false
    }

    private let state = Mutex(State())

    init(pid: String, socketID: String, namespace: String) {
        self.pid = pid
        self.socketID = socketID
        self.namespace = namespace
    }

    /// Notes that the client has lost its connection, or that it has one.
    ///
    /// - Parameter time: When the connection ended; `nil` when the client has one.
    func setAway(since time: NIODeadline?) { state.withLock { $0.awaySince = time } }

    /// Adds a packet and forgets the oldest ones that exceed the limits.
    ///
    /// - Parameters:
    ///   - packet: A packet that was sent just now, or that would have been sent if the client were there.
    ///   - limits: What may be kept, and how long.
    /// - Returns: By how much the bytes grew that all sockets keep together.
    func append(_ packet: KeptPacket, limits: RecoveryStore.Limits) -> Int {
        state.withLock { state in
            guard !state.isForgotten else { return 0 }
            let growth = state.packets.append(packet)
            // While the client is away, the packets that were under way when its connection ended must stay.
            let horizon = (state.awaySince ?? packet.time) - limits.time
            return growth + state.packets.trim(to: limits, horizon: horizon)
        }
    }

    /// The packets after the latest one that the client has received; `nil` when one of them is forgotten.
    func missed(after offset: String?) -> [PacketMark]? {
        state.withLock { $0.isForgotten ? nil : $0.packets.missed(after: offset) }
    }

    /// Forgets all packets.
    ///
    /// - Parameter isFinal: Whether to keep no further ones either.
    /// - Returns: By how much the bytes grew that all sockets keep together.
    func removeAll(isFinal: Bool) -> Int {
        state.withLock { state in
            if isFinal { state.isForgotten = true }
            return state.packets.removeAll()
        }
    }
}
