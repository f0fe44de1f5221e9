import NIOCore
package import World

/// The pieces of one client's message, by kind of entity.
package struct ClientView {
    private var pieces: [[PieceEncoder.Piece]] = [[], [], [], []]

    /// Makes an empty view.
    package init() {}

    /// Appends a piece to the pieces of its kind.
    ///
    /// - Parameters:
    ///   - piece: The piece.
    ///   - kind: The kind of the piece's entity.
    package mutating func add(_ piece: PieceEncoder.Piece, _ kind: EntityKind) {
        pieces[Int(kind.rawValue)].append(piece)
    }

    /// Whether the view has no pieces.
    package var isEmpty: Bool { pieces.allSatisfy(\.isEmpty) }

    fileprivate func pieces(_ kind: EntityKind) -> [PieceEncoder.Piece] { pieces[Int(kind.rawValue)] }
}

/// Assembles messages from pieces.
extension PieceEncoder {
    /// A client's delta.
    ///
    /// - Parameters:
    ///   - view: The pieces for this client.
    ///   - tick: The tick's number.
    ///   - time: The tick's time, Unix seconds.
    ///   - members: The members that only this client gets.
    /// - Returns: The message.
    package func delta(
        _ view: ClientView, tick: Int, time: Double, members: OwnMembers
    ) -> OutboundMessage {
        let head = ByteWriter()
        head.write(headOfTick: tick, time: time)
        return OutboundMessage(kind: .delta) { body in
            body(head.bytes)
            write(view, [.enemys, .animals, .objects, .players], isWhole: false, body)
            if !members.isEmpty { members.bytes.withUnsafeBufferPointer(body) }
            Self.write("}", body)
        }
    }

    /// A client's snapshot.
    ///
    /// - Parameters:
    ///   - view: The pieces for this client.
    ///   - head: The part before the entities; must be valid until this returns.
    ///   - text: The part after the players, see ``sharedText(of:)``; `nil` when that part is not shared.
    /// - Returns: The message.
    package func snapshot(
        _ view: ClientView, head: UnsafeBufferPointer<UInt8>, sharing text: SharedBytes?
    ) -> OutboundMessage {
        guard let text else {
            return OutboundMessage(kind: .snapshot) { body in
                body(head)
                write(view, EntityKind.allCases, isWhole: true, body)
                Self.write("}", body)
            }
        }
        let tail = OutboundMessage.Tail(shared: text, pieces: [(bytes: text.bytes, isShared: true)])
        return OutboundMessage(kind: .snapshot, tail: tail) { buffer in
            buffer.writeBytes(head)
            write(view, [.players], isWhole: true) { buffer.writeBytes($0) }
        }
    }

    /// Calls a closure with each record of a view, in the order of a delta.
    ///
    /// - Parameters:
    ///   - view: The view.
    ///   - body: Gets the record's kind, its place and its text, which is valid during the call.
    func forEachRecord(of view: ClientView, _ body: (EntityKind, Int, UnsafeBufferPointer<UInt8>) -> Void) {
        for kind in [EntityKind.enemys, .animals, .objects, .players] {
            for piece in view.pieces(kind) { body(kind, piece.lowerBound, self[piece]) }
        }
    }

    /// The part of a snapshot after the players; `nil` when it is too short to share.
    package func sharedText(of view: ClientView) -> SharedBytes? {
        let text = ByteWriter()
        write(view, [.enemys, .animals, .objects], isWhole: true) { text.write($0) }
        text.write("}")
        return text.count >= SharedBytes.minimum ? SharedBytes(text.bytes) : nil
    }

    /// Writes the arrays of the kinds; a snapshot (`isWhole`) has the empty arrays too.
    private func write(
        _ view: ClientView, _ kinds: [EntityKind], isWhole: Bool, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        for kind in kinds where isWhole || !view.pieces(kind).isEmpty {
            Self.write(kind.arrayHead, body)
            for (index, piece) in view.pieces(kind).enumerated() {
                if index > 0 { Self.write(",", body) }
                body(self[piece])
            }
            Self.write("]", body)
        }
    }

    private static func write(_ text: StaticString, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        text.withUTF8Buffer(body)
    }
}
