package import Storage

/// The store that all nodes share. It holds the nodes, and the node of each map.
///
/// The store carries out each call whole or not at all. A call that fails may still happen later, so a call demands
/// what its sender has seen, and a late or repeated call then changes nothing; ``setDraining(_:_:)`` alone demands
/// nothing. All calls go over a connection of their own. Each call has a deadline of a second, and after a failure
/// there is a new connection; the resolver of host names has a limit of its own.
package protocol LeaseStore: Sendable {
    /// Reads the incarnation of a node before it joins.
    ///
    /// - Parameter name: The node.
    /// - Returns: Its incarnation; 0 when no node of that name has ever joined.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    func incarnation(of name: NodeName) async throws(StorageError) -> Int

    /// Makes a node a member, in a new incarnation, and frees the maps that it had in earlier ones.
    ///
    /// - Parameters:
    ///   - node: The node.
    ///   - seen: The incarnation that ``incarnation(of:)`` returned: a join that comes after another one does nothing.
    /// - Returns: The membership and the nodes that may evict it; `nil` when the node has another incarnation by now.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    func join(
        _ node: NodeDescription, seen: Int
    ) async throws(StorageError) -> (membership: Membership, takers: Set<NodeName>)?

    /// Gives a sign of life, and looks around.
    ///
    /// - Parameters:
    ///   - membership: The membership.
    ///   - number: The number of this renewal, higher than that of each one before it in this membership.
    ///   - takers: The nodes that may evict this one from now on.
    /// - Returns: What the store holds; `nil` when the node is no member any more, or when this renewal was overtaken.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    func renew(
        _ membership: Membership, number: Int, takers: Set<NodeName>
    ) async throws(StorageError) -> ClusterView?

    /// Evicts a node, and frees its maps, if its sign has not changed, it counts the sender among its takers, and the
    /// sender is a member.
    ///
    /// - Parameters:
    ///   - eviction: The node, and the sign that has stood still.
    ///   - membership: The sender.
    /// - Returns: Whether the node was evicted by this call.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails; the node may be evicted later.
    func evict(_ eviction: LeaseWatch.Eviction, by membership: Membership) async throws(StorageError) -> Bool

    /// Gives each map that no node has to the node that carries least, among the living ones that do not drain and that
    /// have renewed within the last 1.5 s by the store's clock.
    ///
    /// - Returns: How many maps were given.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    @discardableResult
    func place() async throws(StorageError) -> Int

    /// Adds the maps of the game that the store does not know yet; the others stay as they are.
    ///
    /// - Parameter maps: The numbers of the maps.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    func addMaps(_ maps: [Int]) async throws(StorageError)

    /// Reads where all maps are.
    ///
    /// - Returns: The maps by ascending number.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    func directory() async throws(StorageError) -> [MapPlace]

    /// Says whether a node gets no more maps. It keeps those that it has until it leaves.
    ///
    /// - Parameters:
    ///   - isDraining: Whether it drains; a node that joins does not.
    ///   - name: The node; an unknown one is ignored.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    func setDraining(_ isDraining: Bool, _ name: NodeName) async throws(StorageError)

    /// Ends a membership: the node is dead, and its maps are free. Its maps must have been saved and stopped before.
    ///
    /// - Parameter membership: The membership; one that has ended is ignored.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    func leave(_ membership: Membership) async throws(StorageError)
}
