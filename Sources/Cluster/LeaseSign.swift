/// A sign of life of a node: what the store holds changes with each renewal.
package struct LeaseSign: Hashable, Sendable {
    /// Counts the starts of the node, and its evictions.
    package var incarnation: Int
    /// Counts the renewals.
    package var renewal: Int

    /// Makes a sign.
    ///
    /// - Parameters:
    ///   - incarnation: Counts the starts of the node, and its evictions.
    ///   - renewal: Counts the renewals.
    package init(incarnation: Int, renewal: Int) {
        self.incarnation = incarnation
        self.renewal = renewal
    }
}

/// What a node answers to another one that has lost the store.
package enum LeaseAnswer: String, Sendable {
    /// The store can be reached: the one who asks is cut off.
    case reachable
    /// The store can't be reached from here either, and no eviction of the one who asks is known or under way. It holds
    /// for ``LeaseTimes/promise`` from the question on.
    case unreachable
    /// The one who asks has been evicted, or may have been.
    case doubtful
}
