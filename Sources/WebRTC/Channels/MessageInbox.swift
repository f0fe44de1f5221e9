/// Joins the pieces of a message: SCTP delivers a large one in several. The pieces of one message follow each other.
struct MessageInbox {
    /// A message is longer than allowed.
    struct TooLong: Error {}

    private let limit: Int
    private var pieces: [UInt8] = []

    /// Makes an inbox.
    ///
    /// - Parameter limit: The most bytes of a message.
    init(limit: Int) { self.limit = limit }

    /// Takes the next piece.
    ///
    /// - Parameters:
    ///   - piece: Its bytes.
    ///   - isLast: Whether it ends the message.
    /// - Returns: The message; `nil` when there are further pieces.
    /// - Throws: ``TooLong``.
    mutating func take(_ piece: UnsafeBufferPointer<UInt8>, isLast: Bool) throws(TooLong) -> [UInt8]? {
        guard pieces.count + piece.count <= limit else { throw TooLong() }
        if isLast, pieces.isEmpty { return Array(piece) }
        pieces.append(contentsOf: piece)
        guard isLast else { return nil }
        defer { pieces = [] }
        return pieces
    }

    /// Drops the pieces of a message whose rest does not come.
    mutating func abandon() { pieces = [] }
}
