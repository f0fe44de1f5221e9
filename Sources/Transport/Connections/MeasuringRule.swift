/// When to ask what waits on one connection.
///
/// Asking the kernel costs a call, and right after a write the answer says little about a client that reads.
struct MeasuringRule {
    /// What to do after a flush.
    enum Action: Equatable {
        /// Nothing.
        case wait
        /// Measure a second later, unless that is due already.
        case measureLater
        /// Measure now.
        case measure
    }

    /// What a connection may be sent without being measured, in bytes.
    static let much = 16 * SendMemory.floor

    /// Bytes that were written since the last measurement.
    private var unmeasured = 0
    /// Whether much waited at the last measurement.
    private var isMuchWaiting = false
    /// Whether nothing was written since the last flush.
    private var isFlushed = true

    /// Whether to measure before the next write: while much waits, at the first write after a flush. A client that
    /// reads has acknowledged everything by then.
    var isDueBeforeWrite: Bool { isMuchWaiting && isFlushed }

    /// Notes that so many bytes were written.
    mutating func noteWrite(_ count: Int) {
        isFlushed = false
        unmeasured += count
    }

    /// Notes that what was written is given to the kernel.
    ///
    /// - Parameter hasShared: Whether bytes that other connections share may wait; they are looked for however few.
    /// - Returns: What to do.
    mutating func noteFlush(hasShared: Bool) -> Action {
        isFlushed = true
        if unmeasured >= Self.much { return .measure }
        return unmeasured >= SendMemory.floor || hasShared ? .measureLater : .wait
    }

    /// Notes that so many bytes waited when they were measured.
    mutating func noteMeasurement(waiting: Int) {
        unmeasured = 0
        isMuchWaiting = waiting >= Self.much
    }
}
