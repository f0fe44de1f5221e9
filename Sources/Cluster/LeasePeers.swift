/// What a node that has lost the store asks another one: whether that one reaches the store.
package struct LeaseQuestion: Hashable, Sendable {
    /// The membership of the node that asks.
    package var asker: Membership
    /// The node that is asked. It is part of the question, because the node at an address may be another one by now.
    package var node: NodeName

    /// Makes a question.
    ///
    /// - Parameters:
    ///   - asker: The membership of the node that asks.
    ///   - node: The node that is asked.
    package init(asker: Membership, node: NodeName) {
        self.asker = asker
        self.node = node
    }
}

/// Carries the questions of a node to the other nodes, without the store.
package protocol LeasePeers: Sendable {
    /// Asks another node whether it reaches the store.
    ///
    /// The other one's part is ``ClusterNode/answer(_:)``. An answer must be that to this question: one to an earlier
    /// question would hold for too long.
    ///
    /// - Parameters:
    ///   - question: The question.
    ///   - address: The internal address of the node that is asked.
    ///   - limit: The longest time to wait for the answer.
    /// - Returns: The answer; `nil` when no answer came within the limit, or when the task was cancelled.
    func ask(_ question: LeaseQuestion, at address: String, within limit: Duration) async -> LeaseAnswer?
}
