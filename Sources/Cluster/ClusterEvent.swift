package import Storage

/// What happens to a node among the others.
package enum ClusterEvent: Sendable, Equatable {
    /// The node is a member, without maps yet.
    case joined(Membership)
    /// The node is no member any more; its maps are dropped with events of their own. It joins anew, unless
    /// another process has its name.
    case lost(Membership)
    /// The node has a map now: read its entities, then run it as long as ``ClusterNode/mayRun(_:)`` allows.
    case open(MapLease)
    /// The node has a map no more: stop it, and send and save nothing more of it.
    case drop(MapLease)
    /// A call to the store failed, the first one or the first after one that succeeded.
    case storeLost(StorageError)
    /// A call to the store has succeeded, after others had failed.
    case storeFound
}

/// How the life of a node among the others has ended.
package enum LeaseEnd: Sendable, Equatable {
    /// It has left, or was told to stop.
    case left
    /// Another process has joined under its name.
    case nameTaken
}
