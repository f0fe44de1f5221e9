import NIOCore
import World

/// Assembles messages from pieces.
extension PieceEncoder {
    private static let deltaOrder: [EntityKind] = [.enemys, .animals, .objects, .players]
    private static let playersOnly: [EntityKind] = [.players]
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
        return OutboundMessage(kind: .delta, size: message.count) { $0.writeBytes(message.bytes) }
    }

    /// A client's snapshot.
    ///
    /// - Parameters:
    ///   - receiver: The client.
    ///   - lists: The pieces of all clients.
    ///   - head: The part before the entities; must be valid until this returns.
    ///   - text: The part after the players, see ``sharedText(of:_:)``; `nil` when that part is not shared.
    /// - Returns: The message.
    package func snapshot(
        of receiver: Int, _ lists: PieceLists, head: UnsafeBufferPointer<UInt8>, sharing text: SharedBytes?
    ) -> OutboundMessage {
        message.truncate(to: 0)
        message.write(head)
        for kind in text == nil ? EntityKind.allCases : Self.playersOnly { write(kind, of: receiver, lists) }
        guard let text else {
            message.write(UInt8(ascii: "}"))
            return OutboundMessage(kind: .snapshot, size: message.count) { $0.writeBytes(message.bytes) }
        }
        let tail = OutboundMessage.Tail(shared: text, pieces: [(bytes: text.bytes, isShared: true)])
        return OutboundMessage(kind: .snapshot, size: message.count, tail: tail) { $0.writeBytes(message.bytes) }
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
    package func sharedText(of receiver: Int, _ lists: PieceLists) -> SharedBytes? {
        message.truncate(to: 0)
        for kind in Self.allButPlayers { write(kind, of: receiver, lists) }
        message.write(UInt8(ascii: "}"))
        return message.count >= SharedBytes.minimum ? SharedBytes(message.bytes) : nil
    }

    /// Writes the array of a kind.
    private func write(_ kind: EntityKind, of receiver: Int, _ lists: PieceLists) {
        message.write(kind.arrayHead)
        let empty = message.count
        lists.forEach(receiver, kind) { piece in
            if message.count > empty { message.write(UInt8(ascii: ",")) }
            message.write(self[piece])
        }
        message.write(UInt8(ascii: "]"))
    }
}
