import NIOCore
import World

/// Makes the compact form of a map's snapshots and deltas, for clients that chose `perigee.msgpack`
/// [`docs/msgpack.md`].
///
/// It translates the records that were encoded as JSON already: those that all clients share once for all of them, and
/// those that only one client gets for that client.
package final class CompactEncoder {
    /// The kind and the shape of the records that follow in a message.
    struct Style: Equatable {
        var kind: UInt8
        var shape: Int
    }

    private let table = CompactTable()
    private let packer: RecordPacker
    private let snapshot = CompactBody()
    /// The records of a map with a view distance, by their places in the JSON text.
    private var pieces: [Int: (style: Style?, range: Range<Int>)] = [:]
    private let pieceBytes = ByteWriter()
    private let record = ByteWriter()
    private let own = ByteWriter()
    private let head = ByteWriter()
    private let members = ByteWriter()
    private var style: Style?
    private var tick = 0
    private var time = 0.0

    /// Makes an encoder with an empty table.
    package init() { packer = RecordPacker(table: table) }

    /// How many entries the table has: what a client knows that got a message just now.
    package var tableCount: Int { table.count }

    /// Whether the table has no room any more; ``reset()`` empties it when every client gets a snapshot next.
    package var isFull: Bool { table.isFull }

    /// Frees the memory that large messages took; call it after all messages of a tick were made.
    package func release() {
        snapshot.release()
        pieceBytes.shrink()
        record.shrink()
        own.shrink()
        head.shrink()
        members.shrink()
        pieces.removeAll(keepingCapacity: pieces.capacity <= CompactBody.keptRecords)
    }

    /// How many bytes of memory the buffers have.
    package var bufferBytes: Int {
        [snapshot.bytes, pieceBytes, record, own, head, members].reduce(0) { $0 + $1.capacity }
    }

    /// Empties the table.
    package func reset() { table.reset() }

    /// Begins the messages of a tick.
    ///
    /// - Parameters:
    ///   - tick: The tick's number.
    ///   - time: The tick's time, Unix seconds.
    ///   - decimals: How many decimals coordinates have; `nil` for any number.
    package func begin(tick: Int, time: Double, decimals: Int?) {
        (self.tick, self.time) = (tick, time)
        packer.time = ByteWriter.tenThousandths(time) ?? 0
        // Without a rule coordinates have any decimals. Two are enough for steps such as 0.25 or 0.05, and a pair for
        // up to 163 tiles has two bytes then; with three decimals that would end at 16 tiles.
        packer.decimals = decimals ?? 2
        snapshot.begin()
        pieces.removeAll(keepingCapacity: true)
        pieceBytes.truncate(to: 0)
    }

    // MARK: Messages

    /// A delta in both forms, on a map that clients see whole.
    ///
    /// - Parameters:
    ///   - message: The delta as JSON.
    ///   - deltas: The encoder that made it.
    ///   - slot: The receiver's entity, if it has a record of its own; `nil` for the message that others share.
    ///   - members: The members that only the receiver gets.
    ///   - known: How many entries of the table the receiver has.
    /// - Returns: The message.
    package func delta(
        _ message: OutboundMessage, of deltas: DeltaEncoder, slot: UInt32?, members: OwnMembers, known: Int
    ) -> OutboundMessage {
        let delta = deltas.compactForm
        if !delta.isEncoded { deltas.withSharedPart { encode($0, delta) } }
        let (text, place) = slot.flatMap { deltas.ownRecord(slot: $0) } ?? (nil, nil)
        members.bytes.withUnsafeBufferPointer(write(members:))
        return assemble(message, delta, replacing: place, with: text, isSnapshot: false, known: known)
    }

    /// A snapshot in both forms, on a map that clients see whole.
    ///
    /// - Parameters:
    ///   - message: The snapshot as JSON.
    ///   - pieces: Its pieces.
    /// - Returns: The message.
    package func snapshot(_ message: OutboundMessage, _ pieces: SnapshotEncoder.Pieces) -> OutboundMessage {
        if !snapshot.isEncoded { encode(pieces.shared, snapshot) }
        write(members: pieces.head)
        let place = pieces.ownRange.isEmpty ? nil : pieces.ownRange.lowerBound
        return assemble(
            message, snapshot, replacing: place, with: place == nil ? nil : pieces.own, isSnapshot: true, known: 0)
    }

    /// A delta in both forms, on a map with a view distance.
    ///
    /// - Parameters:
    ///   - message: The delta as JSON.
    ///   - receiver: The client.
    ///   - lists: The records of all clients.
    ///   - encoder: The encoder of the records.
    ///   - members: The members that only the receiver gets.
    ///   - known: How many entries of the table the receiver has.
    /// - Returns: The message.
    package func delta(
        _ message: OutboundMessage, of receiver: Int, _ lists: PieceLists, _ encoder: PieceEncoder, members: OwnMembers,
        known: Int
    ) -> OutboundMessage {
        members.bytes.withUnsafeBufferPointer(write(members:))
        return assemble(message, of: receiver, lists, encoder, isSnapshot: false, known: known)
    }

    /// A snapshot in both forms, on a map with a view distance.
    ///
    /// - Parameters:
    ///   - message: The snapshot as JSON.
    ///   - receiver: The client.
    ///   - lists: The records of all clients.
    ///   - encoder: The encoder of the records.
    ///   - head: The JSON text before the entities.
    ///   - view: The records other than players; `nil` when they are not shared.
    /// - Returns: The message.
    package func snapshot(
        _ message: OutboundMessage, of receiver: Int, _ lists: PieceLists, _ encoder: PieceEncoder,
        head: UnsafeBufferPointer<UInt8>, sharing view: SharedRecords?
    ) -> OutboundMessage {
        write(members: head)
        return assemble(message, of: receiver, lists, encoder, isSnapshot: true, known: 0, sharing: view)
    }

    /// The records of a snapshot that clients with the same circle have in common: those other than players.
    package struct SharedRecords {
        fileprivate var bytes: SharedBytes
        /// The style of the last record.
        fileprivate var style: Style?
    }

    /// The records of a client's snapshot other than players; `nil` for so few bytes that each message gets its own
    /// copy.
    ///
    /// - Parameters:
    ///   - receiver: The client.
    ///   - lists: The records of all clients.
    ///   - encoder: The encoder of the records.
    /// - Returns: The records.
    package func sharedRecords(of receiver: Int, _ lists: PieceLists, _ encoder: PieceEncoder) -> SharedRecords? {
        own.truncate(to: 0)
        style = nil
        encoder.forEachRecord(of: receiver, lists) { kind, place, text in
            if kind != .players { writePiece(kind, place, text) }
        }
        return own.count >= SharedBytes.minimum ? SharedRecords(bytes: SharedBytes(own.bytes), style: style) : nil
    }

    private func assemble(
        _ message: OutboundMessage, _ body: CompactBody, replacing place: Int?, with text: UnsafeBufferPointer<UInt8>?,
        isSnapshot: Bool, known: Int
    ) -> OutboundMessage {
        own.truncate(to: 0)
        var cut = body.bytes.count..<body.bytes.count
        if let text {
            let span = place.flatMap { body.spans[$0] }
            if let span { cut = span.range }
            // Without a public record the own one follows all others.
            style = span?.before
            var cursor = JSONCursor(text)
            pack(&cursor, EntityKind.players.rawValue, to: own)
            if let after = span?.after, after != style { write(after, to: own) }
        }
        writeHead(isSnapshot: isSnapshot, known: known)
        if isSnapshot, let shared = body.shared {
            let tail = MessageFrame.Tail(
                shared, replacing: cut, with: ByteBuffer(bytes: own.bytes), end: ByteBuffer(bytes: members.bytes))
            return message.with(
                compact: MessageFrame(.binary, size: head.count, tail: tail) { $0.writeBytes(head.bytes) })
        }
        return complete(
            message, before: body.bytes[0..<cut.lowerBound], after: body.bytes[cut.upperBound..<body.bytes.count])
    }

    private func assemble(
        _ message: OutboundMessage, of receiver: Int, _ lists: PieceLists, _ encoder: PieceEncoder, isSnapshot: Bool,
        known: Int, sharing view: SharedRecords? = nil
    ) -> OutboundMessage {
        own.truncate(to: 0)
        style = view?.style
        encoder.forEachRecord(of: receiver, lists) { kind, place, text in
            if view == nil || kind == .players { writePiece(kind, place, text) }
        }
        writeHead(isSnapshot: isSnapshot, known: known)
        if let view {
            let tail = MessageFrame.Tail(
                shared: view.bytes,
                pieces: [
                    (view.bytes.bytes, true), (ByteBuffer(bytes: own.bytes), false),
                    (ByteBuffer(bytes: members.bytes), false),
                ])
            return message.with(
                compact: MessageFrame(.binary, size: head.count, tail: tail) { $0.writeBytes(head.bytes) })
        }
        let none = own[0..<0]
        return complete(message, before: none, after: none)
    }

    /// Appends a record that other clients may get, too, to the receiver's own part.
    private func writePiece(_ kind: EntityKind, _ place: Int, _ text: UnsafeBufferPointer<UInt8>) {
        let piece = pieces[place] ?? packPiece(text, kind.rawValue, at: place)
        if let new = piece.style {
            if new != style { write(new, to: own) }
        } else {
            own.write(ByteWriter.packedNil)
            own.write(packed: Int(kind.rawValue))
        }
        own.write(pieceBytes[piece.range])
    }

    /// Adds the compact form, with the shared records before and after the receiver's own ones.
    private func complete(
        _ message: OutboundMessage, before: UnsafeBufferPointer<UInt8>, after: UnsafeBufferPointer<UInt8>
    ) -> OutboundMessage {
        let size = head.count + before.count + own.count + after.count + members.count
        return message.with(
            compact: MessageFrame(.binary, size: size) { buffer in
                buffer.writeBytes(head.bytes)
                buffer.writeBytes(before)
                buffer.writeBytes(own.bytes)
                buffer.writeBytes(after)
                buffer.writeBytes(members.bytes)
            })
    }

    // MARK: Parts

    private func writeHead(isSnapshot: Bool, known: Int) {
        head.truncate(to: 0)
        head.write(packed: isSnapshot ? 1 : 0)
        table.write(from: known, to: head)
        if isSnapshot { head.write(packed: packer.decimals) }
        head.write(packed: tick)
        if let units = ByteWriter.tenThousandths(time) {
            head.write(packed: units)
        } else {
            head.write(packedFloat: time)
        }
    }

    /// Writes the members of an object's JSON text that are neither records nor in the head.
    private func write(members text: UnsafeBufferPointer<UInt8>) {
        members.truncate(to: 0)
        guard !text.isEmpty else { return }
        members.write(0 as UInt8)
        var count = 0
        var cursor = JSONCursor(text)
        while cursor.passSeparator() {
            let name = cursor.name()
            if cursor.matches(name, "tick") || cursor.matches(name, "time") {
                cursor.skipValue()
            } else {
                members.write(packedText: cursor[name])
                cursor.translate(to: members)
                count += 1
            }
        }
        members.complete(packedAt: 0, elements: count, isMap: true)
    }

    /// Translates the arrays of records in a message's JSON text.
    private func encode(_ text: UnsafeBufferPointer<UInt8>, _ body: CompactBody) {
        body.isEncoded = true
        style = nil
        var cursor = JSONCursor(text)
        while cursor.passSeparator() {
            let name = cursor.name()
            guard let kind = EntityKind(name: String(decoding: cursor[name], as: UTF8.self)) else {
                cursor.skipValue()
                continue
            }
            _ = cursor.pass(UInt8(ascii: "["))
            while cursor.next == UInt8(ascii: "{") {
                let (place, start, before) = (cursor.offset, body.bytes.count, style)
                pack(&cursor, kind.rawValue, to: body.bytes)
                if kind == .players {
                    body.spans[place] = CompactBody.Span(range: start..<body.bytes.count, before: before, after: style)
                }
                _ = cursor.pass(UInt8(ascii: ","))
            }
            _ = cursor.pass(UInt8(ascii: "]"))
        }
    }

    private func pack(_ cursor: inout JSONCursor, _ kind: UInt8, to out: ByteWriter) {
        record.truncate(to: 0)
        if let shape = packer.pack(&cursor, to: record) {
            let new = Style(kind: kind, shape: shape)
            if new != style { write(new, to: out) }
        } else {
            out.write(ByteWriter.packedNil)
            out.write(packed: Int(kind))
        }
        out.write(record.bytes)
    }

    private func packPiece(
        _ text: UnsafeBufferPointer<UInt8>, _ kind: UInt8, at place: Int
    ) -> (style: Style?, range: Range<Int>) {
        var cursor = JSONCursor(text)
        let start = pieceBytes.count
        let shape = packer.pack(&cursor, to: pieceBytes)
        let piece = (shape.map { Style(kind: kind, shape: $0) }, start..<pieceBytes.count)
        pieces[place] = piece
        return piece
    }

    /// Writes the kind and the shape of the records that follow.
    private func write(_ new: Style, to out: ByteWriter) {
        out.write(packed: -1 - Int(new.kind))
        out.write(packed: new.shape)
        style = new
    }
}
