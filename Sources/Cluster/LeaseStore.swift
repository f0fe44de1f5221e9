package import Storage

/// Who runs which map, as the store that all nodes share knows it.
///
/// Each function is one statement, which happens whole or not at all. A call that fails may still happen later, so all
/// are written in such a way that a late or repeated one does no harm: it demands what its sender has seen. All calls
/// go over a connection of their own, whose every call has a deadline of a second; after a failure comes a new one.
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

    /// Gives each map that no node has to the living node that carries least, if there is one that does not drain.
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

    /// Says whether a node is to get no maps and to hand on those that it has.
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

/// What a node tells the others of itself when it joins.
package struct NodeDescription: Sendable, Equatable {
    /// Its name.
    package var name: NodeName
    /// Where clients reach it, as `host` or `host:port`.
    package var publicAddress: String
    /// Where other nodes reach it, as `host:port`.
    package var internalAddress: String

    /// Makes the description of a node.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - publicAddress: Where clients reach it, as `host` or `host:port`.
    ///   - internalAddress: Where other nodes reach it, as `host:port`.
    package init(name: NodeName, publicAddress: String, internalAddress: String) {
        self.name = name
        self.publicAddress = publicAddress
        self.internalAddress = internalAddress
    }
}

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

/// The right to run a map and to save its entities.
package struct MapLease: Hashable, Sendable {
    /// The map's number.
    package var mapID: Int
    /// Rises whenever the map changes hands: the store refuses a save under a lower one.
    package var epoch: Int

    /// Makes a lease.
    ///
    /// - Parameters:
    ///   - mapID: The map's number.
    ///   - epoch: Rises whenever the map changes hands.
    package init(mapID: Int, epoch: Int) {
        self.mapID = mapID
        self.epoch = epoch
    }
}

/// Where a map is.
package struct MapPlace: Hashable, Sendable {
    /// The map, and its epoch.
    package var lease: MapLease
    /// The membership that has it; `nil` for a map that no node has.
    package var owner: Membership?

    /// Makes the place of a map.
    ///
    /// - Parameters:
    ///   - lease: The map, and its epoch.
    ///   - owner: The membership that has it.
    package init(lease: MapLease, owner: Membership?) {
        self.lease = lease
        self.owner = owner
    }
}

/// A node as the store has it.
package struct ClusterMember: Sendable {
    /// Its sign of life, and who may evict it.
    package var seen: LeaseWatch.Seen
    /// What it told the others of itself.
    package var description: NodeDescription
    /// Whether it gets no maps, and hands on those that it has.
    package var isDraining: Bool

    /// Makes a node as the store has it.
    ///
    /// - Parameters:
    ///   - seen: Its sign of life, and who may evict it.
    ///   - description: What it told the others of itself.
    ///   - isDraining: Whether it gets no maps, and hands on those that it has.
    package init(seen: LeaseWatch.Seen, description: NodeDescription, isDraining: Bool) {
        self.seen = seen
        self.description = description
        self.isDraining = isDraining
    }
}

/// What a node sees of the others when it renews its membership.
package struct ClusterView: Sendable {
    /// All nodes that have ever joined, dead ones too. Of their takers a store may leave out all but the node that
    /// looks.
    package var nodes: [ClusterMember]
    /// The maps of the node that looks.
    package var leases: Set<MapLease>
    /// Whether a map waits for a node.
    package var isAnyMapFree: Bool
    /// Rises whenever a map changes hands or is added: the directory is read again only then.
    package var directoryVersion: Int
    /// The store's clock, Unix seconds: nodes compare theirs with it.
    package var storeTime: Double

    /// Makes a view.
    ///
    /// - Parameters:
    ///   - nodes: All nodes that have ever joined, dead ones too.
    ///   - leases: The maps of the node that looks.
    ///   - isAnyMapFree: Whether a map waits for a node.
    ///   - directoryVersion: Rises whenever a map changes hands or is added.
    ///   - storeTime: The store's clock, Unix seconds.
    package init(
        nodes: [ClusterMember], leases: Set<MapLease>, isAnyMapFree: Bool, directoryVersion: Int, storeTime: Double
    ) {
        self.nodes = nodes
        self.leases = leases
        self.isAnyMapFree = isAnyMapFree
        self.directoryVersion = directoryVersion
        self.storeTime = storeTime
    }
}
