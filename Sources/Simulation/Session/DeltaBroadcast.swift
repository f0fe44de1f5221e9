import Wire
import World

/// The content of a tick's messages other than entities.
struct TickHeader {
    /// The tick's number.
    let tick: Int
    /// Its time, Unix time in seconds.
    let time: Double
    /// Ticks a second.
    let tickRate: Int
    /// The `sides` object of snapshots.
    let sides: [UInt8]
    /// Whether the timeouts are told again, also to those who get no snapshot.
    let renewsTimeouts: Bool
    /// The `timeouts` object of a player.
    let timeouts: (EntityHandle) -> [UInt8]

    /// The `timeouts` object of a player's delta; `nil` unless a timeout formula or a lib was loaded again.
    func renewedTimeouts(_ player: EntityHandle) -> [UInt8]? { renewsTimeouts ? timeouts(player) : nil }

    /// The part of a player's snapshot before the entities.
    func snapshotHead(_ player: EntityHandle) -> SnapshotEncoder.Head {
        SnapshotEncoder.Head(tick: tick, time: time, tickRate: tickRate, sides: sides, timeouts: timeouts(player))
    }
}

/// Sends messages on a map without a view distance, where every player sees everything: changes are encoded once for
/// all players [design: encode once].
final class DeltaBroadcast {
    private let deltas = DeltaEncoder()
    private let snapshots = SnapshotEncoder()
    private let compact = CompactBroadcast()

    /// Makes the message of every session.
    ///
    /// - Parameters:
    ///   - world: The map's world; its changes are marked as sent.
    ///   - mirrors: The mirrors of other maps; their changes are marked as sent too.
    ///   - header: The content of the messages other than entities.
    ///   - sessions: The sessions.
    ///   - outbox: Gets the messages.
    func send(
        _ world: World, _ mirrors: [World], _ header: TickHeader, to sessions: inout MapSessions,
        _ outbox: inout Outbox
    ) {
        deltas.encode(world, mirrors: mirrors, tick: header.tick, time: header.time)
        world.markChangesSent()
        for mirror in mirrors { mirror.markChangesSent() }
        compact.begin(world, header, sessions)
        if deltas.hasPublicChanges, sessions.acceptsDeflate { deltas.compress() }
        let shared = deltas.hasPublicChanges ? deltas.sharedMessage() : nil
        var isEncoded = false
        defer { if isEncoded { snapshots.release() } }
        for (id, session) in sessions.inOrder {
            let player = session.entity
            if session.wantsSnapshot {
                if !isEncoded { snapshots.encode(world, mirrors: mirrors) }
                isEncoded = true
                guard world.isAlive(player) else { continue }
                let head = header.snapshotHead(player)
                var message = snapshots.message(world, slot: player.slot, head: head)
                if session.sink.isCompact {
                    let pieces = snapshots.pieces(world, slot: player.slot, head: head)
                    message = compact.encoder.snapshot(message, pieces)
                }
                sessions.update(id) {
                    $0.sendSnapshot(message, &outbox)
                    $0.compactEntries = compact.encoder.tableCount
                }
                continue
            }
            let timeouts = world.isAlive(player) ? header.renewedTimeouts(player) : nil
            let members = sessions.drainMembers(of: session, now: header.time, timeouts: timeouts)
            if !members.isEmpty || deltas.hasPrivateChanges(slot: player.slot) {
                let message = deltas.message(
                    slot: player.slot, members: members, isCompressed: session.sink.acceptsDeflate)
                add(message, to: id, session, isShared: false, members, &sessions, &outbox)
            } else if let shared {
                add(shared, to: id, session, isShared: true, .none, &sessions, &outbox)
            }
        }
    }

    /// Sends a delta, in its compact form too if the client chose that.
    private func add(
        _ message: OutboundMessage, to id: SessionID, _ session: PlayerSession, isShared: Bool, _ members: OwnMembers,
        _ sessions: inout MapSessions, _ outbox: inout Outbox
    ) {
        guard session.sink.isCompact else { return outbox.add(message, to: session.sink) }
        let known = session.compactEntries
        let message =
            isShared
            ? compact.shared(message, of: deltas, known: known)
            : compact.encoder.delta(
                message, of: deltas, slot: session.entity.slot, members: members, known: known)
        outbox.add(message, to: session.sink)
        sessions.update(id) { $0.compactEntries = compact.encoder.tableCount }
    }
}
