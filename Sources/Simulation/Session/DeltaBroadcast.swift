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

/// Sends messages to the clients that see everything: changes are encoded once for all of them [design: encode once].
final class DeltaBroadcast {
    private let deltas = DeltaEncoder()
    /// Writes what clients get that take patches, in ticks in which others get something else.
    private lazy var patchedDeltas = DeltaEncoder()
    private let snapshots = SnapshotEncoder()
    private let compact = CompactBroadcast()
    private let compressor: SnapshotCompressor
    /// How many sessions the last send looked at.
    private(set) var visits = 0

    /// The changes of a tick in one of their two forms.
    private struct Encoded {
        let deltas: DeltaEncoder
        /// The message without anything for one client alone; `nil` when nothing changed that all clients get.
        let shared: OutboundMessage?
    }

    /// Makes a broadcast without clients.
    ///
    /// - Parameter compressor: Compresses snapshots.
    init(_ compressor: SnapshotCompressor) { self.compressor = compressor }

    /// How many bytes of memory the buffers have.
    var bufferBytes: Int { deltas.bufferBytes + snapshots.bufferBytes + compact.encoder.bufferBytes }

    /// Makes the messages of the sessions that are not limited to a part of the map.
    ///
    /// - Parameters:
    ///   - worlds: The map's world, then the mirrors of other maps; the caller marks their changes as sent.
    ///   - header: The content of the messages other than entities.
    ///   - due: The places of the sessions that are owed a message even if nothing in the worlds changed.
    ///   - sessions: The sessions.
    ///   - outbox: Gets the messages.
    func send(
        _ worlds: [World], _ header: TickHeader, due: [Int], to sessions: inout MapSessions, _ outbox: inout Outbox
    ) {
        let (world, mirrors) = (worlds[0], Array(worlds.dropFirst()))
        let hasPatches = !sessions.patched.isEmpty && worlds.contains(where: \.hasChangedTables)
        let isMixed = hasPatches && sessions.patched.count < sessions.count
        func encode(_ deltas: DeltaEncoder, hasPatches: Bool) -> Encoded {
            deltas.encode(world, mirrors: mirrors, tick: header.tick, time: header.time, hasPatches: hasPatches)
            guard deltas.hasPublicChanges else { return Encoded(deltas: deltas, shared: nil) }
            if sessions.acceptsDeflate { deltas.compress() }
            return Encoded(deltas: deltas, shared: deltas.sharedMessage())
        }
        let common = encode(deltas, hasPatches: hasPatches && !isMixed)
        let patched = isMixed ? encode(patchedDeltas, hasPatches: true) : common
        compact.begin(world, header, sessions, isLimited: false)
        var isEncoded = false
        defer {
            if isEncoded { snapshots.release() }
            deltas.release()
            if isMixed { patchedDeltas.release() }
            compact.end()
        }
        let receivers = receivers(in: world, header, due: due, sessions)
        visits = receivers.count
        for place in receivers {
            guard let session = sessions[place: place], !session.isLimited, !session.awaitsTurn else { continue }
            let player = session.entity
            if session.wantsSnapshot {
                if !isEncoded {
                    snapshots.encode(world, mirrors: mirrors)
                    snapshots.compress(for: slotsOfCompressed(receivers, sessions), with: compressor)
                    isEncoded = true
                }
                guard world.isAlive(player) else { continue }
                let head = header.snapshotHead(player)
                var message = snapshots.message(world, slot: player.slot, head: head)
                if session.sink.isCompact {
                    let pieces = snapshots.pieces(world, slot: player.slot, head: head)
                    message = compact.encoder.snapshot(message, pieces)
                }
                sessions.update(place: place) {
                    $0.sendSnapshot(message, &outbox)
                    $0.compactEntries = compact.encoder.tableCount
                }
                continue
            }
            let encoded = session.sink.takesPatches ? patched : common
            let timeouts = world.isAlive(player) ? header.renewedTimeouts(player) : nil
            let members = sessions.drainMembers(of: place, now: header.time, timeouts: timeouts)
            if !members.isEmpty || deltas.hasPrivateChanges(slot: player.slot) {
                let message = encoded.deltas.message(
                    slot: player.slot, members: members, isCompressed: session.sink.acceptsDeflate)
                add(message, of: encoded, to: place, session, isShared: false, members, &sessions, &outbox)
            } else if let shared = encoded.shared {
                add(shared, of: encoded, to: place, session, isShared: true, .none, &sessions, &outbox)
            }
        }
    }

    /// The players of the clients that get a compressed snapshot.
    private func slotsOfCompressed(_ receivers: [Int], _ sessions: MapSessions) -> [UInt32] {
        guard sessions.acceptsDeflate else { return [] }
        return receivers.compactMap { place in
            guard let session = sessions[place: place], session.sink.acceptsDeflate, session.wantsSnapshot,
                !session.awaitsTurn, !session.isLimited
            else { return nil }
            return session.entity.slot
        }
    }

    /// Sends a delta, in its compact form too if the client chose that.
    private func add(
        _ message: OutboundMessage, of encoded: Encoded, to place: Int, _ session: PlayerSession, isShared: Bool,
        _ members: OwnMembers, _ sessions: inout MapSessions, _ outbox: inout Outbox
    ) {
        guard session.sink.isCompact else { return outbox.add(message, to: session.sink) }
        let known = session.compactEntries
        let message =
            isShared
            ? compact.shared(message, of: encoded.deltas, known: known)
            : compact.encoder.delta(
                message, of: encoded.deltas, slot: session.entity.slot, members: members, known: known)
        outbox.add(message, to: session.sink)
        sessions.update(place: place) { $0.compactEntries = compact.encoder.tableCount }
    }

    /// The places of the sessions that get a message, in the order of the sessions.
    private func receivers(in world: World, _ header: TickHeader, due: [Int], _ sessions: MapSessions) -> [Int] {
        guard !deltas.hasPublicChanges, !header.renewsTimeouts else { return sessions.inOrder }
        let owners = deltas.privateReceivers.compactMap { sessions.place(of: world.slots.handle(Int($0))) }
        return sessions.sorted(owners.isEmpty ? due : Array(Set(due + owners)))
    }
}
