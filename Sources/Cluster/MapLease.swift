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
