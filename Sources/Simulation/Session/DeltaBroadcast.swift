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
    /// What clients choose of the form of a delta.
    private struct Form: Hashable {
        /// Whether they take patches. When no component has a patch in this tick, it is `false` for all clients.
        var takesPatches: Bool
        /// Whether they get the positions of entities that move in datagrams.
        var hasLane: Bool

        /// All forms.
        static let all = [false, true].flatMap { hasLane in
            [false, true].map { Form(takesPatches: $0, hasLane: hasLane) }
        }
    }

    /// The changes of a tick in one form.
    private struct Encoded {
        let deltas: DeltaEncoder
        /// The message without anything for one client alone; `nil` when nothing changed that all clients get.
        let shared: OutboundMessage?
    }

    /// The encoders of the forms that clients chose so far.
    private var encoders: [Form: DeltaEncoder] = [:]
    /// The changes of the tick that is being sent, in each form that has clients; kept between ticks for its memory.
    private var encoded: [Form: Encoded] = [:]
    private let snapshots = SnapshotEncoder()
    private let compact = CompactBroadcast()
    private let datagrams = [false, true].map { PositionDatagrams(isCompact: $0) }
    private let compressor: SnapshotCompressor
    /// How many sessions the last send looked at.
    private(set) var visits = 0

    /// Makes a broadcast without clients.
    ///
    /// - Parameter compressor: Compresses snapshots.
    init(_ compressor: SnapshotCompressor) { self.compressor = compressor }

    /// How many bytes of memory the buffers have.
    var bufferBytes: Int {
        encoders.values.reduce(snapshots.bufferBytes + compact.encoder.bufferBytes) { $0 + $1.bufferBytes }
    }

    /// Makes the messages of the sessions that are not limited to a part of the map.
    ///
    /// - Parameters:
    ///   - worlds: The map's world, then the mirrors of other maps; the caller marks their changes as sent.
    ///   - header: The content of the messages other than entities.
    ///   - due: The places of the sessions that are owed a message even if nothing in the worlds changed.
    ///   - lane: The entities that move.
    ///   - sessions: The sessions.
    ///   - outbox: Gets the messages.
    func send(
        _ worlds: [World], _ header: TickHeader, due: [Int], lane: PositionLane, to sessions: inout MapSessions,
        _ outbox: inout Outbox
    ) {
        let (world, mirrors) = (worlds[0], Array(worlds.dropFirst()))
        let hasPatches = !sessions.patched.isEmpty && worlds.contains(where: \.hasChangedTables)
        for form in Form.all where Self.isUsed(form, in: sessions, hasPatches: hasPatches) {
            let deltas = encoder(of: form)
            deltas.encode(
                world, mirrors: mirrors, tick: header.tick, time: header.time, hasPatches: form.takesPatches,
                lane: form.hasLane ? lane : nil)
            if deltas.hasPublicChanges, sessions.acceptsDeflate { deltas.compress() }
            encoded[form] = Encoded(
                deltas: deltas, shared: deltas.hasPublicChanges ? deltas.sharedMessage() : nil)
        }
        compact.begin(world, header, sessions, isLimited: false)
        var isEncoded = false
        defer {
            if isEncoded { snapshots.release() }
            for one in encoded.values { one.deltas.release() }
            encoded.removeAll(keepingCapacity: true)
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
            let form = Form(
                takesPatches: hasPatches && session.sink.takesPatches, hasLane: session.sink.hasFastLane)
            guard let encoded = encoded[form] else { continue }
            let timeouts = world.isAlive(player) ? header.renewedTimeouts(player) : nil
            let members = sessions.drainMembers(of: place, now: header.time, timeouts: timeouts)
            if !members.isEmpty || encoded.deltas.hasPrivateChanges(slot: player.slot) {
                let message = encoded.deltas.message(
                    slot: player.slot, members: members, isCompressed: session.sink.acceptsDeflate)
                add(message, of: encoded, to: place, session, isShared: false, members, &sessions, &outbox)
            } else if let shared = encoded.shared {
                add(shared, of: encoded, to: place, session, isShared: true, .none, &sessions, &outbox)
            }
        }
        if !sessions.lanes.isEmpty { sendPositions(worlds, header, lane, to: sessions, &outbox) }
    }

    /// Whether there are clients of a form.
    private static func isUsed(_ form: Form, in sessions: MapSessions, hasPatches: Bool) -> Bool {
        let patched = sessions.count(takingPatches: true, withLane: form.hasLane)
        if form.takesPatches { return hasPatches && patched > 0 }
        return sessions.count(takingPatches: false, withLane: form.hasLane) + (hasPatches ? 0 : patched) > 0
    }

    private func encoder(of form: Form) -> DeltaEncoder {
        if let known = encoders[form] { return known }
        let made = DeltaEncoder()
        encoders[form] = made
        return made
    }

    /// Sends the positions of the entities that move to the clients that get them in datagrams.
    private func sendPositions(
        _ worlds: [World], _ header: TickHeader, _ lane: PositionLane, to sessions: MapSessions,
        _ outbox: inout Outbox
    ) {
        guard worlds.contains(where: { lane[$0]?.moved.isEmpty == false }) else { return }
        let messages = datagrams.map { datagrams in
            datagrams.begin(tick: header.tick, time: header.time)
            datagrams.add(lane, of: worlds)
            return datagrams.finish()
        }
        for place in sessions.sorted(Array(sessions.lanes)) {
            guard let session = sessions[place: place], !session.isLimited, !session.wantsSnapshot else { continue }
            for message in messages[session.sink.isCompact ? 1 : 0] { outbox.add(message, to: session.sink) }
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
    private func receivers(
        in world: World, _ header: TickHeader, due: [Int], _ sessions: MapSessions
    ) -> [Int] {
        let changed = encoded.filter { $0.value.deltas.hasPublicChanges }
        guard !header.renewsTimeouts, !changed.keys.contains(where: { !$0.hasLane }) else { return sessions.inOrder }
        let owners = encoded.values.flatMap { $0.deltas.privateReceivers }
            .compactMap { sessions.place(of: world.slots.handle(Int($0))) }
        let lanes = changed.isEmpty ? [] : Array(sessions.lanes)
        return sessions.sorted(owners.isEmpty && lanes.isEmpty ? due : Array(Set(due + owners + lanes)))
    }
}
