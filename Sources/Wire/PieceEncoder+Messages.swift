import NIOCore
import World

/// Assembles messages from pieces.
extension PieceEncoder {
    private static let deltaOrder: [EntityKind] = [.enemys, .animals, .objects, .players]
    private static let allButPlayers: [EntityKind] = [.enemys, .animals, .objects]

    /// A client's delta.
    ///
    /// - Parameters:
    ///   - receiver: The client.
    ///   - lists: The pieces of all clients.
    ///   - members: The members that only this client gets.
    /// - Returns: The message.
    package func delta(of receiver: Int, _ lists: PieceLists, members: OwnMembers) -> OutboundMessage {
        message.truncate(to: 0)
        message.write(self[head])
        for kind in Self.deltaOrder where !lists.isEmpty(receiver, kind) {
            write(kind, of: receiver, lists)
        }
        if !members.isEmpty { message.write(members.bytes) }
        message.write(UInt8(ascii: "}"))
        return OutboundMessage(kind: .delta, size: message.count) { $0.writeBytes(message.bytes) }.with(members)
    }

    /// A client's snapshot.
    ///
    /// - Parameters:
    ///   - receiver: The client; its own player's record is the first piece of the players.
    ///   - lists: The pieces of all clients.
    ///   - head: The part before the entities; must be valid until this returns.
    ///   - view: The part after the players, see ``sharedView(of:_:)``; `nil` when that part is not shared.
    ///   - compressor: Bounds the work of compressing it; `nil` for a client that can't read compressed messages.
    /// - Returns: The message.
    package func snapshot(
        of receiver: Int, _ lists: PieceLists, head: UnsafeBufferPointer<UInt8>, sharing view: SharedView?,
        compressor: SnapshotCompressor?
    ) -> OutboundMessage {
        message.truncate(to: 0)
        message.write(head)
        let ownEnd = write(.players, of: receiver, lists)
        if view == nil { writeAllButPlayers(of: receiver, lists) }
        let size = message.count - ownEnd + (view?.text.bytes.readableBytes ?? 0)
        if let compressor, compressor.accepts(size) {
            return snapshot(ownEnd: ownEnd, sharing: view, compressor)
        }
        let tail = view.map { MessageFrame.Tail(shared: $0.text, pieces: [($0.text.bytes, true)]) }
        return OutboundMessage(kind: .snapshot, size: message.count, tail: tail) { $0.writeBytes(message.bytes) }
    }

    /// The snapshot in `message`, with a compressed form; what it has up to the end of the receiver's own record stays
    /// uncompressed.
    private func snapshot(
        ownEnd: Int, sharing view: SharedView?, _ compressor: SnapshotCompressor
    ) -> OutboundMessage {
        let rest = message[ownEnd..<message.count]
        var blocks = ByteBufferAllocator().buffer(capacity: rest.count / 2)
        compressor.write(rest, to: &blocks)
        if view == nil { blocks.writeInteger(Deflater.end) }
        let shared = view.map { (text: $0.text, blocks: $0.blocks(compressor)) }
        return OutboundMessage(
            kind: .snapshot, size: ownEnd, tail: MessageFrame.Tail(ByteBuffer(bytes: rest), before: shared?.text)
        ) {
            $0.writeBytes(message[0..<ownEnd])
        }
        .with(deflatedTail: MessageFrame.Tail(blocks, before: shared?.blocks))
    }

    /// Calls a closure with each record of a client's message, in the order of a delta.
    ///
    /// - Parameters:
    ///   - receiver: The client.
    ///   - lists: The pieces of all clients.
    ///   - body: Gets the record's kind, its place and its text, which is valid during the call.
    func forEachRecord(
        of receiver: Int, _ lists: PieceLists, _ body: (EntityKind, Int, UnsafeBufferPointer<UInt8>) -> Void
    ) {
        for kind in Self.deltaOrder {
            lists.forEach(receiver, kind) { body(kind, $0.lowerBound, self[$0]) }
        }
    }

    /// The part of a snapshot after the players; `nil` when it is too short to share.
    package func sharedView(of receiver: Int, _ lists: PieceLists) -> SharedView? {
        message.truncate(to: 0)
        writeAllButPlayers(of: receiver, lists)
        return message.count >= SharedBytes.minimum ? SharedView(SharedBytes(message.bytes)) : nil
    }

    private func writeAllButPlayers(of receiver: Int, _ lists: PieceLists) {
        for kind in Self.allButPlayers { write(kind, of: receiver, lists) }
        message.write(UInt8(ascii: "}"))
    }

    /// Writes the array of a kind.
    ///
    /// - Returns: Where its first record ends in the message; where the array begins, if it has none.
    @discardableResult
    private func write(_ kind: EntityKind, of receiver: Int, _ lists: PieceLists) -> Int {
        message.write(kind.arrayHead)
        let empty = message.count
        var firstEnd = empty
        lists.forEach(receiver, kind) { piece in
            if message.count > empty { message.write(UInt8(ascii: ",")) }
            message.write(self[piece])
            if firstEnd == empty { firstEnd = message.count }
        }
        message.write(UInt8(ascii: "]"))
        return firstEnd
    }
}

/// What the snapshots of clients with the same circle have in common: the part after the players.
package final class SharedView {
    /// The part as JSON text.
    let text: SharedBytes
    /// The part as deflate blocks, up to the end of the message.
    private var blocks: SharedBytes?

    init(_ text: SharedBytes) { self.text = text }

    fileprivate func blocks(_ compressor: SnapshotCompressor) -> SharedBytes {
        if let blocks { return blocks }
        var written = ByteBufferAllocator().buffer(capacity: text.bytes.readableBytes / 4)
        text.bytes.withUnsafeReadableBytes { compressor.write($0.bindMemory(to: UInt8.self), to: &written) }
        written.writeInteger(Deflater.end)
        let made = SharedBytes(written)
        blocks = made
        return made
    }
}

extension MessageFrame.Tail {
    /// Bytes of one receiver before a part that others have too.
    fileprivate init(_ own: ByteBuffer, before shared: SharedBytes?) {
        if let shared {
            self.init(shared: shared, pieces: [(own, false), (shared.bytes, true)])
        } else {
            let only = SharedBytes(own)
            self.init(shared: only, pieces: [(only.bytes, true)])
        }
    }
}
