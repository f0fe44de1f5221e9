/// Decides when to measure the bytes that wait on one connection.
///
/// A measurement costs a system call, and right after a write its result says little about whether the client reads.
struct MeasuringRule {
    /// The action after a flush.
    enum Action: Equatable {
        /// Do nothing.
        case wait
        /// Measure a second later, unless a measurement is scheduled already.
        case measureLater
        /// Measure now.
        case measure
    }

    /// The bytes after which a connection is measured at the next flush.
    static let much = 16 * SendMemory.floor

    /// The bytes that were written since the last measurement.
    private var unmeasured = 0
    /// Whether ``much`` or more waited at the last measurement.
    private var isMuchWaiting = false
    /// Whether nothing was written since the last flush.
    private var isFlushed = true

    /// Whether to measure before the next write: at the first write after a flush, when ``much`` or more waited at the
    /// last measurement. A client that reads has acknowledged everything by then.
    var isDueBeforeWrite: Bool { isMuchWaiting && isFlushed }

    /// Records that bytes were written.
    mutating func noteWrite(_ count: Int) {
        isFlushed = false
        unmeasured += count
    }

    /// Records a flush, which gives the written bytes to the kernel.
    ///
    /// - Parameter hasShared: Whether shared bytes may wait; these are measured even when they are few.
    /// - Returns: The action to take.
    mutating func noteFlush(hasShared: Bool) -> Action {
        isFlushed = true
        if unmeasured >= Self.much { return .measure }
        return unmeasured >= SendMemory.floor || hasShared ? .measureLater : .wait
    }

    /// Records the bytes that waited at a measurement.
    mutating func noteMeasurement(waiting: Int) {
        unmeasured = 0
        isMuchWaiting = waiting >= Self.much
    }
}
