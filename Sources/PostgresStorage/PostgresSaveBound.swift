/// How much one statement of a save writes at most, so that its time limit and the memory that it takes are bounded.
///
/// 4,096 rows of the usual 550 bytes take the database about 30 ms, and what a statement costs whatever its size is far
/// below 1 ms: larger statements would save nothing. A statement that takes too long halves the bound, because the same
/// statement would take too long again; each one that is fast lets the next one be twice as large as it was. After a
/// database stood still, a dozen statements are enough for the whole bound.
struct PostgresSaveBound: Equatable {
    /// How much a statement writes.
    struct Size: Equatable {
        /// Records that are written, and keys that are deleted.
        var rows = 0
        /// Bytes of the records.
        var bytes = 0
    }

    /// The largest bound.
    private let most: Size
    /// How far the bound may grow within the save that runs.
    private var ceiling: Size
    /// The most of one statement now; a larger record is written by a statement of its own.
    private(set) var now: Size
    /// How many bytes a record may have. PostgreSQL takes less than 1 GiB in one message and needs the memory several
    /// times, and it ends a statement after 60 s.
    let largestRecord: Int
    /// The time limit of a statement that writes next to nothing.
    private let patience: Duration

    /// Makes the bound of a new store.
    ///
    /// - Parameters:
    ///   - rows: The most rows of a statement.
    ///   - bytes: The most bytes of a statement.
    ///   - largestRecord: The most bytes of a record.
    ///   - patience: The time limit of a statement that writes next to nothing.
    init(
        rows: Int = 4096, bytes: Int = 8 << 20, largestRecord: Int = 256 << 20, patience: Duration = .seconds(5)
    ) {
        most = Size(rows: rows, bytes: bytes)
        ceiling = most
        now = most
        self.largestRecord = largestRecord
        self.patience = patience
    }

    /// The longest time that a statement may take: 200 µs more a row, and 100 ms more a MB.
    func limit(_ size: Size) -> Duration { patience + .microseconds(200 * size.rows + size.bytes / 10) }

    /// Notes that a statement was carried out.
    ///
    /// After less than a quarter of its limit, one of twice the size is expected to take less than half of its own.
    mutating func took(_ time: Duration, _ size: Size) {
        guard time * 4 < limit(size) else { return }
        now.rows = min(max(now.rows, 2 * size.rows), ceiling.rows)
        now.bytes = min(max(now.bytes, 2 * size.bytes), ceiling.bytes)
    }

    /// Notes that a statement was too much for the database; that of a single row can't become smaller.
    ///
    /// - Parameters:
    ///   - size: The statement's size.
    ///   - isFirst: Whether it was the first statement of its save. After another one the save would never end if the
    ///     bound grew again to what was too much, so it does not. Then the bound is halved, not the statement's size: a
    ///     database that stood still for a moment at a small statement would make the rest a save of single rows.
    mutating func wasTooMuch(_ size: Size, isFirst: Bool) {
        guard size.rows > 1 else { return }
        if isFirst {
            now = Size(rows: size.rows / 2, bytes: size.bytes > 0 ? size.bytes / 2 : now.bytes)
        } else {
            now = Size(rows: max(now.rows / 2, 1), bytes: max(now.bytes / 2, 1))
            ceiling = now
        }
    }

    /// Notes that a save was carried out to its end.
    mutating func saveEnded() { ceiling = most }
}
