import Wire
import World

/// What the messages of a tick say beside entities.
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

    /// The `timeouts` object of a player's delta; `nil` when they are as they were.
    func renewedTimeouts(_ player: EntityHandle) -> [UInt8]? { renewsTimeouts ? timeouts(player) : nil }

    /// What stands before the entities in a player's snapshot.
    func snapshotHead(_ player: EntityHandle) -> SnapshotEncoder.Head {
        SnapshotEncoder.Head(tick: tick, time: time, tickRate: tickRate, sides: sides, timeouts: timeouts(player))
    }
}

/// Sending on a map that every player sees all of: what changed is encoded once and goes to all [design: encode once].
final class DeltaBroadcast {
    private let deltas = DeltaEncoder()
    private let snapshots = SnapshotEncoder()

    /// Gives every session its message.
    ///
    /// - Parameters:
    ///   - world: The map's world; its changes are marked as sent.
    ///   - mirrors: What is seen of other maps; the same.
    ///   - header: What the messages say beside entities.
    ///   - sessions: The sessions.
    ///   - outbox: Gets the messages.
    func send(
        _ world: World, _ mirrors: [World], _ header: TickHeader, to sessions: inout MapSessions,
        _ outbox: inout Outbox
    ) {
        deltas.encode(world, mirrors: mirrors, tick: header.tick, time: header.time)
        world.markChangesSent()
        for mirror in mirrors { mirror.markChangesSent() }
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
                let message = snapshots.message(world, slot: player.slot, head: header.snapshotHead(player))
                sessions.update(id) { $0.sendSnapshot(message, &outbox) }
                continue
            }
            let commands = sessions.drainAcknowledgements(of: session, now: header.time)
            let timeouts = world.isAlive(player) ? header.renewedTimeouts(player) : nil
            if commands != nil || timeouts != nil || deltas.hasPrivateChanges(slot: player.slot) {
                let message = deltas.message(
                    slot: player.slot, commands: commands, timeouts: timeouts,
                    isCompressed: session.sink.acceptsDeflate)
                outbox.add(message, to: session.sink)
            } else if let shared {
                outbox.add(shared, to: session.sink)
            }
        }
    }
}
