/// Which node has each map, as the store said when this node read it last.
package struct MapDirectory: Sendable {
    /// The version that the store had before the maps were read, or an older one; `nil` before the first time.
    private(set) var version: Int?
    private var owners: [Int: Membership] = [:]
    private var nodes: [NodeName: (incarnation: Int, description: NodeDescription)] = [:]

    /// The node that has a map.
    ///
    /// - Parameter mapID: The map's number.
    /// - Returns: What the node told the others of itself; `nil` when no living node has the map, or when there is no
    ///   such map.
    package func node(of mapID: Int) -> NodeDescription? {
        guard let owner = owners[mapID], let node = nodes[owner.name], node.incarnation == owner.incarnation
        else { return nil }
        return node.description
    }

    /// Notes which nodes live.
    ///
    /// - Parameter members: All nodes.
    mutating func update(_ members: [ClusterMember]) {
        nodes = [:]
        for member in members where !member.seen.isDead {
            nodes[member.description.name] = (member.seen.sign.incarnation, member.description)
        }
    }

    /// Notes where the maps are.
    ///
    /// - Parameters:
    ///   - places: All maps.
    ///   - version: The version that the store had before they were read.
    mutating func update(_ places: [MapPlace], version: Int) {
        self.version = version
        owners = [:]
        for place in places { owners[place.lease.mapID] = place.owner }
    }

    /// The internal address of a living node.
    ///
    /// - Parameter name: The node.
    /// - Returns: The address; `nil` when the node is not known.
    func internalAddress(of name: NodeName) -> String? { nodes[name]?.description.internalAddress }
}
