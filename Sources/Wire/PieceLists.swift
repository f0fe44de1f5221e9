package import World

/// The pieces of the messages of many receivers, by kind of entity and in the order in which they were added.
///
/// A receiver is a small number. All lists are chains in one array, which is kept from tick to tick: adding a piece
/// does not allocate, and receivers without pieces cost nothing.
package struct PieceLists {
    private struct Link {
        var piece: PieceEncoder.Piece
        /// The place of the next piece in `links`; -1 at the end.
        var next: Int32
    }

    /// The first and the last piece of one receiver and kind, as places in `links`; -1 without pieces.
    private struct Chain {
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private static let kinds = EntityKind.allCases.count

    private var links: [Link] = []
    private var chains: [Chain] = []
    private var isListed: [Bool] = []
    /// The receivers with pieces, each once, in the order of their first piece; also those whose pieces were removed.
    package private(set) var receivers: [Int] = []

    /// Makes lists without pieces.
    package init() {}

    /// Removes the pieces of all receivers.
    package mutating func removeAll() {
        for receiver in receivers {
            removeAll(of: receiver)
            isListed[receiver] = false
        }
        receivers.removeAll(keepingCapacity: true)
        links.removeAll(keepingCapacity: true)
    }

    /// Removes the pieces of one receiver.
    package mutating func removeAll(of receiver: Int) {
        guard receiver < isListed.count else { return }
        for index in receiver * Self.kinds..<(receiver + 1) * Self.kinds { chains[index] = Chain() }
    }

    /// Appends a piece to the pieces of its kind.
    ///
    /// - Parameters:
    ///   - piece: The piece.
    ///   - kind: The kind of the piece's entity.
    ///   - receiver: Whose message has it.
    package mutating func add(_ piece: PieceEncoder.Piece, _ kind: EntityKind, to receiver: Int) {
        if receiver >= isListed.count { grow(to: receiver + 1) }
        let index = receiver * Self.kinds + Int(kind.rawValue)
        let link = Int32(links.count)
        links.append(Link(piece: piece, next: -1))
        if chains[index].last >= 0 {
            links[Int(chains[index].last)].next = link
        } else {
            chains[index].first = link
        }
        chains[index].last = link
        guard !isListed[receiver] else { return }
        isListed[receiver] = true
        receivers.append(receiver)
    }

    private mutating func grow(to count: Int) {
        let count = max(count, isListed.count * 2)
        chains.append(contentsOf: repeatElement(Chain(), count: count * Self.kinds - chains.count))
        isListed.append(contentsOf: repeatElement(false, count: count - isListed.count))
    }

    /// Whether a receiver has no pieces.
    package func isEmpty(_ receiver: Int) -> Bool { EntityKind.allCases.allSatisfy { isEmpty(receiver, $0) } }

    /// Whether a receiver is in ``receivers``.
    package func contains(_ receiver: Int) -> Bool { receiver < isListed.count && isListed[receiver] }

    /// Whether a receiver has no pieces of a kind.
    func isEmpty(_ receiver: Int, _ kind: EntityKind) -> Bool {
        guard receiver < isListed.count else { return true }
        return chains[receiver * Self.kinds + Int(kind.rawValue)].first < 0
    }

    /// Calls a closure with each piece of a receiver and kind, in order.
    package func forEach(_ receiver: Int, _ kind: EntityKind, _ body: (PieceEncoder.Piece) -> Void) {
        guard receiver < isListed.count else { return }
        var index = chains[receiver * Self.kinds + Int(kind.rawValue)].first
        while index >= 0 {
            let link = links[Int(index)]
            body(link.piece)
            index = link.next
        }
    }
}
