import NIOCore
package import World

/// Turns the changes of a world into one message for all its players, and the parts that only one player may see
/// [M0.10, M9.10, `1-protocol.md` 4.2].
///
/// Each changed entity is written once. Players come last. So when private components of the receiver changed, its own
/// record can replace the public one or follow it, and other parts for this receiver only can follow.
package final class DeltaEncoder {
    private let out = ByteWriter(capacity: 64 * 1024)
    private let own = ByteWriter()
    private var ownRecords: [UInt32: OwnRecord] = [:]
    private var playersEnd = 0
    private var hasPlayers = false
    /// The changed slots of each world by kind.
    private var buckets: [[[UInt32]]] = []
    /// Made when the first client with compression needs it.
    private var deflater: Deflater?
    /// The part that all receivers share, compressed; `nil` when ``compress()`` was not called or compression is not
    /// worth it.
    private var packed: [UInt8]?
    /// The text of the message that receivers without anything of their own share; made when it is asked for.
    private var sharedText: ByteBuffer?
    /// From this size on the messages of single receivers refer to the shared text. Copying less takes less time than
    /// the kernel takes for several pieces.
    static let minSharedBytes = 4096
    /// Made when a message has patches for the first time.
    private lazy var patches = ComponentPatches()
    private var hasPatches = false
    /// For receivers with a lane for positions.
    private var lane: PositionLane?
    /// The compact form of the shared part.
    let compactForm = CompactBody()

    /// A player's record with private components, which only this player gets.
    private struct OwnRecord {
        /// The range of the record in `own`.
        var range: Range<Int>
        /// The range of the player's public record in `out`; `nil` when there is none.
        var replaced: Range<Int>?
    }

    /// Makes an encoder, which keeps its buffers from tick to tick.
    package init() {}

    /// Whether the last call of ``encode(_:mirrors:tick:time:)`` found changes that all players get.
    package private(set) var hasPublicChanges = false

    /// Whether the player in a slot gets a record of its own, because private components changed or the player is new.
    package func hasPrivateChanges(slot: UInt32) -> Bool { ownRecords[slot] != nil }

    /// The record that only the player in a slot gets.
    ///
    /// - Returns: Its text, valid until the next ``encode(_:mirrors:tick:time:)``, and where the public record that it
    ///   replaces begins in the shared part; `nil` when there is no such record.
    func ownRecord(slot: UInt32) -> (text: UnsafeBufferPointer<UInt8>, place: Int?)? {
        ownRecords[slot].map { (own[$0.range], $0.replaced?.lowerBound) }
    }

    /// The slots of the players that get a record of their own, in any order.
    package var privateReceivers: some Collection<UInt32> { ownRecords.keys }

    /// Writes what changed since the last send; does not change the worlds.
    ///
    /// - Parameters:
    ///   - world: The world.
    ///   - mirrors: The visible parts of other maps; their private components are sent to nobody.
    ///   - tick: The tick's number.
    ///   - time: The tick's time, Unix seconds.
    ///   - hasPatches: Whether the receivers take patches.
    ///   - lane: The entities whose positions the receivers get in datagrams; `nil` for receivers without a lane.
    package func encode(
        _ world: World, mirrors: [World] = [], tick: Int, time: Double, hasPatches: Bool = false,
        lane: PositionLane? = nil
    ) {
        self.hasPatches = hasPatches
        self.lane = lane
        compactForm.begin()
        out.truncate(to: 0)
        own.truncate(to: 0)
        ownRecords.removeAll(keepingCapacity: true)
        packed = nil
        sharedText = nil
        let worlds = [world] + mirrors
        while buckets.count < worlds.count { buckets.append([[], [], [], []]) }
        for (index, world) in worlds.enumerated() {
            for kind in 0..<4 { buckets[index][kind].removeAll(keepingCapacity: true) }
            for slot in world.changes.slots where world.slots.isAlive(Int(slot)) {
                buckets[index][Int(world.slots.kinds[Int(slot)])].append(slot)
            }
            for slot in lane?[world]?.resting ?? [] where !world.changes.isListed(slot: Int(slot)) {
                buckets[index][Int(world.slots.kinds[Int(slot)])].append(slot)
            }
        }
        out.write(headOfTick: tick, time: time)
        let head = out.count
        for kind in [EntityKind.enemys, .animals, .objects, .players] { write(kind, of: worlds) }
        hasPublicChanges = out.count > head
    }

    private func write(_ kind: EntityKind, of worlds: [World]) {
        let start = out.count
        out.write(kind.arrayHead)
        let empty = out.count
        // Removals come first: an entity that moved from one of these worlds to another has a removal and a new record,
        // and clients must apply them in this order.
        for world in worlds {
            let writer = RecordWriter(world: world, out: out)
            for removal in world.changes.removals where removal.key.kind == kind {
                if out.count > empty { out.write(UInt8(ascii: ",")) }
                writer.writeRemoval(removal)
            }
        }
        for (index, world) in worlds.enumerated() {
            let hasOwn = index == 0 && kind == .players
            write(buckets[index][Int(kind.rawValue)], of: world, hasOwn: hasOwn, after: empty)
        }
        if kind == .players {
            hasPlayers = out.count > empty
            playersEnd = hasPlayers ? out.count : start
        }
        if out.count == empty { out.truncate(to: start) } else { out.write(UInt8(ascii: "]")) }
    }

    private func write(_ slots: [UInt32], of world: World, hasOwn: Bool, after empty: Int) {
        let writer = RecordWriter(
            world: world, out: out, patches: hasPatches ? patches : nil, moves: lane?[world])
        for slot in slots {
            let before = out.count
            if before > empty { out.write(UInt8(ascii: ",")) }
            let from = out.count
            if world.slots.isNew(Int(slot)) {
                writer.writeFull(slot: Int(slot), includesPrivate: false)
                if hasOwn { writeOwn(slot, of: world, isNew: true, replacing: from..<out.count) }
            } else {
                let (written, hasPrivate) = writer.writeChanges(slot: Int(slot), includesPrivate: false)
                if hasPrivate, hasOwn {
                    writeOwn(slot, of: world, isNew: false, replacing: written ? from..<out.count : nil)
                }
                if !written { out.truncate(to: before) }
            }
        }
    }

    private func writeOwn(_ slot: UInt32, of world: World, isNew: Bool, replacing replaced: Range<Int>?) {
        let writer = RecordWriter(
            world: world, out: own, patches: hasPatches ? patches : nil, moves: lane?[world])
        let from = own.count
        if isNew {
            writer.writeFull(slot: Int(slot), includesPrivate: true)
        } else {
            // Patches must not come twice, but a compressed public record can't be replaced: the own one follows it.
            _ = writer.writeChanges(slot: Int(slot), includesPrivate: true, omitsShared: hasPatches)
        }
        let isAddition = hasPatches && !isNew
        ownRecords[slot] = OwnRecord(range: from..<own.count, replaced: isAddition ? nil : replaced)
    }

    /// The pieces of the message for one receiver, in order.
    ///
    /// - Parameters:
    ///   - slot: The receiver's entity; `nil` for the message that all others share.
    ///   - members: The members that only the receiver gets.
    ///   - body: Called with each piece; a piece is valid only during that call.
    package func forEachPiece(
        slot: UInt32? = nil, members: OwnMembers = .none, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        if let slot, let record = ownRecords[slot] {
            if let range = record.replaced {
                body(out[0..<range.lowerBound])
                body(own[record.range])
                body(out[range.upperBound..<out.count])
            } else {
                body(out[0..<playersEnd])
                piece(hasPlayers ? "," : ",\"players\":[", body)
                body(own[record.range])
                if hasPlayers { body(out[playersEnd..<out.count]) } else { piece("]", body) }
            }
        } else {
            body(out.bytes)
        }
        if !members.isEmpty { members.bytes.withUnsafeBufferPointer(body) }
        piece("}", body)
    }

    // MARK: Messages

    /// Compresses the part that the messages of all receivers begin with, once for all of them: everything up to the
    /// end of the last public record of a player.
    ///
    /// Messages of this encoding with `isCompressed` use it.
    package func compress() {
        guard hasPublicChanges, playersEnd >= Deflater.minBytes else { return }
        if deflater == nil { deflater = Deflater() }
        packed = withSharedPart { deflater?.segment($0) }
    }

    /// Calls a closure with the part that the messages of all receivers begin with, see ``compress()``.
    ///
    /// The bytes are valid only during the call.
    package func withSharedPart<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(out[0..<playersEnd])
    }

    /// The message for clients that get only the shared part; it is compressed too after ``compress()``.
    package func sharedMessage() -> OutboundMessage { message(slot: nil, isCompressed: true) }

    /// One receiver's message.
    ///
    /// - Parameters:
    ///   - slot: The receiver's entity; `nil` for the message that all others share.
    ///   - members: The members that only the receiver gets.
    ///   - isCompressed: Whether the receiver can read the compressed form.
    /// - Returns: The message.
    package func message(
        slot: UInt32?, members: OwnMembers = .none, isCompressed: Bool
    ) -> OutboundMessage {
        let message = plainMessage(slot: slot, members: members).with(members)
        guard isCompressed, let packed else { return message }
        let own = ownPart(slot: slot, members: members)
        let size = packed.count + Deflater.storedSize(own.count) + 1
        return message.with(
            deflated: MessageFrame(.deflatedText, size: size) {
                $0.writeBytes(packed)
                $0.writeStoredBlocks(own)
                $0.writeInteger(Deflater.end)
            })
    }

    private func plainMessage(slot: UInt32?, members: OwnMembers) -> OutboundMessage {
        let record = slot.flatMap { ownRecords[$0] }
        let isShared = record == nil && members.isEmpty
        guard !isShared, out.count >= Self.minSharedBytes else {
            let message = OutboundMessage(kind: .delta) { forEachPiece(slot: slot, members: members, $0) }
            if isShared { sharedText = message.plain.ownPart }
            return message
        }
        let common = sharedText ?? plainMessage(slot: nil, members: .none).plain.ownPart
        let place = record?.replaced ?? playersEnd..<playersEnd
        let ranges = record == nil ? [0..<out.count] : [0..<place.lowerBound, place.upperBound..<out.count]
        let size = members.bytes.count + 16 + (record?.range.count ?? 0)
        let plain = MessageFrame(.text, of: common, ranges, size: size) { part, buffer in
            if part == 0, let record {
                if record.replaced == nil { buffer.writeStaticString(hasPlayers ? "," : ",\"players\":[") }
                buffer.writeBytes(own[record.range])
                if record.replaced == nil, !hasPlayers { buffer.writeStaticString("]") }
            }
            guard part == ranges.count - 1 else { return }
            buffer.writeBytes(members.bytes)
            buffer.writeInteger(UInt8(ascii: "}"))
        }
        return OutboundMessage(kind: .delta, plain: plain)
    }

    /// The part that follows the shared part, for one receiver.
    ///
    /// The receiver's own record follows the public one instead of replacing it: a client that applies both in order
    /// gets the same result.
    ///
    /// - Parameters:
    ///   - slot: The receiver's entity; `nil` for clients that get only the shared part.
    ///   - members: The members that only the receiver gets.
    /// - Returns: JSON text.
    package func ownPart(
        slot: UInt32? = nil, members: OwnMembers = .none
    ) -> [UInt8] {
        var text: [UInt8] = []
        if let slot, let record = ownRecords[slot] {
            text.append(contentsOf: (hasPlayers ? "," : ",\"players\":[").utf8)
            text.append(contentsOf: own[record.range])
            text.append(UInt8(ascii: "]"))
        } else if hasPlayers {
            text.append(UInt8(ascii: "]"))
        }
        text += members.bytes
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// How many bytes of memory the buffers have.
    package var bufferBytes: Int { out.capacity + own.capacity + compactForm.bytes.capacity }

    /// Frees the memory that a large message took; call it after all messages were made.
    package func release() {
        lane = nil
        ownRecords.removeAll(keepingCapacity: true)
        packed = nil
        sharedText = nil
        out.shrink()
        own.shrink()
        compactForm.release()
    }

    private func piece(_ text: StaticString, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        text.withUTF8Buffer(body)
    }
}

extension ByteWriter {
    /// Writes the beginning of a delta.
    func write(headOfTick tick: Int, time: Double) {
        write("{\"tick\":")
        write(integer: tick)
        write(",\"time\":")
        write(time: time)
    }
}

extension EntityKind {
    /// The text that begins the array of this kind in a message, with a comma in front.
    package var arrayHead: StaticString {
        switch self {
        case .players: ",\"players\":["
        case .enemys: ",\"enemys\":["
        case .animals: ",\"animals\":["
        case .objects: ",\"objects\":["
        }
    }
}
