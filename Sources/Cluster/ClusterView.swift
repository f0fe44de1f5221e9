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
    /// The store's clock, Unix seconds.
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

/// A node as the store has it.
package struct ClusterMember: Sendable {
    /// Its sign of life, and who may evict it.
    package var seen: LeaseWatch.Seen
    /// What it told the others of itself.
    package var description: NodeDescription
    /// Whether it gets no more maps.
    package var isDraining: Bool

    /// Makes a node as the store has it.
    ///
    /// - Parameters:
    ///   - seen: Its sign of life, and who may evict it.
    ///   - description: What it told the others of itself.
    ///   - isDraining: Whether it gets no more maps.
    package init(seen: LeaseWatch.Seen, description: NodeDescription, isDraining: Bool) {
        self.seen = seen
        self.description = description
        self.isDraining = isDraining
    }
}
