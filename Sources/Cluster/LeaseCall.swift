package import Storage

/// A call of a node to the store that all nodes share.
package enum LeaseCall: Sendable {
    /// Reads the node's incarnation.
    case incarnation(of: NodeName)
    /// Joins, if the node still has the incarnation that it has read.
    case join(NodeDescription, seen: Int)
    /// Gives a sign of life, and looks around.
    case renew(Membership, number: Int, takers: Set<NodeName>)
    /// Evicts a silent node.
    case evict(LeaseWatch.Eviction, by: Membership)
    /// Gives maps that no node has to nodes.
    case place
    /// Adds maps of the game.
    case addMaps([Int])
    /// Reads where all maps are.
    case directory(version: Int)
    /// Says whether the node drains.
    case setDraining(Bool, NodeName)
    /// Ends the membership.
    case leave(Membership)

    /// Makes the call.
    ///
    /// - Parameter store: The store.
    /// - Returns: What the store answered.
    /// - Throws: ``StorageError`` when the store can't be reached, or fails.
    package func send(to store: any LeaseStore) async throws(StorageError) -> LeaseReply {
        switch self {
        case .incarnation(let name): return .incarnation(try await store.incarnation(of: name))
        case .join(let node, let seen):
            guard let joined = try await store.join(node, seen: seen) else { return .refused }
            return .joined(joined.membership, takers: joined.takers)
        case .renew(let membership, let number, let takers):
            guard let view = try await store.renew(membership, number: number, takers: takers) else { return .refused }
            return .view(view)
        case .evict(let eviction, let membership): _ = try await store.evict(eviction, by: membership)
        case .place: return .placed(try await store.place())
        case .addMaps(let maps): try await store.addMaps(maps)
        case .directory: return .directory(try await store.directory())
        case .setDraining(let isDraining, let name): try await store.setDraining(isDraining, name)
        case .leave(let membership): try await store.leave(membership)
        }
        return .done
    }
}

/// What the store answered to a ``LeaseCall``.
package enum LeaseReply: Sendable {
    /// The node's incarnation.
    case incarnation(Int)
    /// The node is a member; these may evict it.
    case joined(Membership, takers: Set<NodeName>)
    /// The renewal was taken; this is what the store holds.
    case view(ClusterView)
    /// So many maps were given to nodes.
    case placed(Int)
    /// Where all maps are.
    case directory([MapPlace])
    /// The call was carried out; or, for an eviction, it can't be any more.
    case done
    /// The call came too late: another one has changed what it demands.
    case refused
}

/// A call to make now, or one that is under way.
package struct LeaseRequest: Sendable {
    /// Counts the calls of this process: a reply to an earlier one is ignored.
    package let number: Int
    /// The call.
    package let call: LeaseCall
    /// When it was sent. A renewal counts from then on, not from its answer.
    package var sentAt: Duration
}
