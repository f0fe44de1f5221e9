import Cluster
import Storage

/// Reads rows of the statements of ``LeaseSQL``.
enum LeaseRow {
    /// Reads a node's name.
    static func name(_ text: String) throws -> NodeName {
        guard let name = NodeName(text) else {
            throw SQLTypeMismatch(description: "\"\(text)\" in the table nodes is no name of a node")
        }
        return name
    }

    /// Reads a row of ``LeaseSQL/nodes``.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - looker: The node that looks.
    /// - Returns: The node; its takers are the node that looks, or none.
    /// - Throws: ``SQLTypeMismatch``.
    static func member(_ row: SQLRow, seenBy looker: NodeName) throws -> ClusterMember {
        let name = try name(row.text(0))
        let isTaker = try row.integer(5) != 0
        return ClusterMember(
            seen: LeaseWatch.Seen(
                name: name, sign: LeaseSign(incarnation: try row.integer(1), renewal: try row.integer(2)),
                isDead: try row.integer(3) != 0, takers: isTaker ? [looker] : []),
            description: NodeDescription(
                name: name, publicAddress: try row.text(6), internalAddress: try row.text(7)),
            isDraining: try row.integer(4) != 0)
    }

    /// Reads a map and its epoch.
    static func lease(_ row: SQLRow) throws -> MapLease {
        MapLease(mapID: try row.integer(0), epoch: try row.integer(1))
    }

    /// Reads a row of ``LeaseSQL/directory``.
    static func place(_ row: SQLRow) throws -> MapPlace {
        guard let incarnation = try row.optionalInteger(3) else { return MapPlace(lease: try lease(row), owner: nil) }
        return MapPlace(
            lease: try lease(row), owner: Membership(name: try name(row.text(2)), incarnation: incarnation))
    }
}
