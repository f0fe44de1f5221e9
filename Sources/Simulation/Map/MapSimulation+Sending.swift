import GameFolder
import NIOCore
import Wire
import World

extension MapSimulation {
    /// Encodes what changed once and gives every session its message [design: encode once].
    func send() {
        dropMirrorsOfOwn()
        if isSchemaNew {
            // Clients can't be told of declarations as changes: each gets the world as it is now.
            for id in sessions.keys { sessions[id]?.wantsSnapshot = true }
            world.markAllSent()
            for mirror in mirrors { mirror.markAllSent() }
            isSchemaNew = false
        }
        guard !sessions.isEmpty else { return world.markChangesSent() }
        if game.configuration.viewDistance > 0 { return sendViews() }
        deltas.encode(world, mirrors: mirrors, tick: tickNumber, time: now)
        let packed = packedPart()
        let shared =
            deltas.hasPublicChanges
            ? message(.delta, deflated: packed.map { .init(shared: $0, own: deltas.ownPart()) }) {
                deltas.forEachPiece($0)
            } : nil
        var encoded: EncodedSnapshot?
        defer { if encoded != nil { snapshots.release() } }
        for (id, session) in sessions.sorted(by: { $0.key < $1.key }) {
            let slot = session.entity.slot
            if session.wantsSnapshot {
                let snapshot = encoded ?? encodeSnapshot()
                encoded = snapshot
                sendSnapshot(snapshot, to: id, slot: slot)
                continue
            }
            let commands = sessions[id]?.takeAcknowledgements(now: now)
            if commands != nil || deltas.hasPrivateChanges(slot: slot) {
                let deflated = session.sink.acceptsDeflate ? packed : nil
                let own = message(
                    .delta,
                    deflated: deflated.map { .init(shared: $0, own: deltas.ownPart(slot: slot, commands: commands)) }
                ) { deltas.forEachPiece(slot: slot, commands: commands, $0) }
                deliveries.append(.init(sink: session.sink, message: own))
            } else if let shared {
                deliveries.append(.init(sink: session.sink, message: shared))
            }
        }
    }

    /// The snapshot of this tick as it was encoded for all receivers.
    private struct EncodedSnapshot {
        /// The part that all messages share; `nil` for a short one, of which each message has its own copy.
        var shared: SharedBytes?
    }

    private func encodeSnapshot() -> EncodedSnapshot {
        snapshots.encode(world, mirrors: mirrors)
        let bytes = snapshots.shared
        return EncodedSnapshot(shared: bytes.count >= SharedBytes.minimum ? SharedBytes(bytes) : nil)
    }

    private func sendSnapshot(_ encoded: EncodedSnapshot, to id: SessionID, slot: UInt32) {
        guard let session = sessions[id], world.isAlive(session.entity) else { return }
        let head = snapshotHead(session.entity)
        let snapshot: OutboundMessage
        if let shared = encoded.shared {
            let pieces = snapshots.pieces(world, slot: slot, head: head)
            snapshot = OutboundMessage(
                kind: .snapshot, size: pieces.head.count, tail: .init(shared, pieces)
            ) { $0.writeBytes(pieces.head) }
        } else {
            snapshot = message(.snapshot) { snapshots.forEachPiece(world, slot: slot, head: head, $0) }
        }
        deliveries.append(.init(sink: session.sink, message: snapshot))
        greet(id)
    }

    /// What stands before the entities in a player's snapshot.
    func snapshotHead(_ player: EntityHandle) -> SnapshotEncoder.Head {
        SnapshotEncoder.Head(
            tick: tickNumber, time: now, tickRate: game.configuration.tickRate, sides: sidesJSON,
            timeouts: timeouts(of: player))
    }

    /// Notes that a session was sent its snapshot, and sends what waited for the first one.
    func greet(_ id: SessionID) {
        guard let session = sessions[id] else { return }
        // Acknowledgements wait for the next delta: a client that lost one would wait for its command for ever.
        sessions[id]?.wantsSnapshot = false
        guard !session.isGreeted else { return }
        sessions[id]?.isGreeted = true
        sessions[id]?.held = []
        for message in session.held { deliveries.append(.init(sink: session.sink, message: message)) }
    }

    /// A script's message for a client: after its first snapshot, which a spawn hook's greeting would overtake.
    func deliver(_ message: OutboundMessage, to id: SessionID) {
        guard let session = sessions[id] else { return }
        if session.isGreeted {
            deliveries.append(.init(sink: session.sink, message: message))
        } else {
            sessions[id]?.held.append(message)
        }
    }

    /// For each group that concerns a player, its current timeout and the events that a client may call.
    ///
    /// A group without public events that the player never had may be made for other kinds, and its formula too.
    private func timeouts(of entity: EntityHandle) -> [UInt8] {
        var object = JSONObject()
        for (index, group) in world.schema.groups.enumerated()
        where group.events.contains(where: \.isPublic) || world.state(Int(entity.slot), index).exists {
            var actions = JSONObject()
            for event in group.events where event.isPublic { actions.append(unique: event.name, .bool(true)) }
            object.append(
                unique: group.name,
                .object([
                    "timeout": .number(host.timeout(entity, group: index)), "actions": .object(actions),
                ]))
        }
        return JSON.object(object).bytes
    }

    /// The part of a delta that all receivers share, compressed once; `nil` when it is too short to gain anything or
    /// nobody wants it.
    private func packedPart() -> [UInt8]? {
        guard deltas.hasPublicChanges, sessions.values.contains(where: \.sink.acceptsDeflate) else { return nil }
        return deltas.withSharedPart { part in
            guard part.count >= 300 else { return nil }
            if deflater == nil { deflater = Deflater() }
            return deflater?.segment(part)
        }
    }

    func message(
        _ kind: OutboundMessage.Kind, deflated: DeflatedMessage? = nil,
        _ write: ((UnsafeBufferPointer<UInt8>) -> Void) -> Void
    ) -> OutboundMessage {
        var size = 0
        write { size += $0.count }
        return OutboundMessage(kind: kind, size: size, deflated: deflated) { buffer in
            write { buffer.writeBytes($0) }
        }
    }
}

extension OutboundMessage.Tail {
    /// The shared part with a receiver's own record in its place.
    fileprivate init(_ shared: SharedBytes, _ pieces: SnapshotEncoder.Pieces) {
        func slice(_ range: Range<Int>) -> ByteBuffer {
            // The buffer holds the bytes from its reader index on, all of them.
            shared.bytes.getSlice(at: shared.bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
        }
        let all: [(bytes: ByteBuffer, isShared: Bool)] = [
            (slice(0..<pieces.ownRange.lowerBound), true), (ByteBuffer(bytes: pieces.own), false),
            (slice(pieces.ownRange.upperBound..<pieces.shared.count), true),
        ]
        self.init(shared: shared, pieces: all.filter { $0.bytes.readableBytes > 0 })
    }
}
