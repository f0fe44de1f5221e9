import Wire
import World

/// The compact forms of one tick's messages, for the sessions of a map whose clients chose them.
final class CompactBroadcast {
    /// Makes the messages.
    let encoder = CompactEncoder()
    /// The delta of each encoder that sessions share, for those that have the same part of the table.
    private var sharedDeltas: [ObjectIdentifier: (known: Int, tableCount: Int, message: OutboundMessage)] = [:]

    /// Begins the messages of a tick. A full table is emptied when each client that knows it gets a snapshot.
    ///
    /// - Parameters:
    ///   - world: The map's world.
    ///   - header: The content of the messages other than entities.
    ///   - sessions: The sessions.
    ///   - isLimited: Whether the messages are for the clients that have a part of the map.
    func begin(_ world: World, _ header: TickHeader, _ sessions: MapSessions, isLimited: Bool) {
        encoder.begin(tick: header.tick, time: header.time, decimals: world.positionDecimals)
        guard encoder.isFull else { return }
        let isKnown = sessions.inOrder.contains { place in
            guard let session = sessions[place: place] else { return false }
            return session.sink.isCompact && session.isLimited == isLimited && !session.wantsSnapshot
        }
        if !isKnown { encoder.reset() }
    }

    /// Ends the messages of a tick, and gives back the memory of a burst: at most ``ByteWriter/keptBytes`` of each
    /// buffer are kept.
    func end() {
        sharedDeltas.removeAll(keepingCapacity: true)
        encoder.release()
    }

    /// The delta without anything for one client alone, made once for those that know the same part of the table.
    func shared(_ message: OutboundMessage, of deltas: DeltaEncoder, known: Int) -> OutboundMessage {
        let key = ObjectIdentifier(deltas)
        if let shared = sharedDeltas[key], shared.known == known, shared.tableCount == encoder.tableCount {
            return shared.message
        }
        let message = encoder.delta(message, of: deltas, slot: nil, members: .none, known: known)
        sharedDeltas[key] = (known, encoder.tableCount, message)
        return message
    }
}
