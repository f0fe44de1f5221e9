/// One life of a node among the others: from a join to an eviction or a leave.
package struct Membership: Hashable, Sendable {
    /// The node.
    package var name: NodeName
    /// Counts the starts of the node, and its evictions.
    package var incarnation: Int

    /// Makes a membership.
    ///
    /// - Parameters:
    ///   - name: The node.
    ///   - incarnation: Counts the starts of the node, and its evictions.
    package init(name: NodeName, incarnation: Int) {
        self.name = name
        self.incarnation = incarnation
    }
}
