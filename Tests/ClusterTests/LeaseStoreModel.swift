@testable import Cluster

/// The store of a simulation: statements that happen whole, one after another, as PostgreSQL's do.
struct LeaseStoreModel {
    struct Row {
        var incarnation = 0
        var renewal = 0
        var isDead = true
        var takers: Set<NodeName> = []
        var renewedAt = 0
    }

    struct MapRow {
        var epoch = 0
        var owner: (node: Int, incarnation: Int)?
    }

    let names: [NodeName]
    private let mutant: LeaseMutant?
    private(set) var rows: [Row]
    private(set) var maps: [MapRow]

    init(names: [NodeName], maps: Int, mutant: LeaseMutant?) {
        self.names = names
        self.mutant = mutant
        rows = Array(repeating: Row(), count: names.count)
        self.maps = Array(repeating: MapRow(), count: maps)
    }

    /// The nodes, as a node sees them.
    var seen: [LeaseWatch.Seen] {
        rows.indices.filter { rows[$0].incarnation > 0 }.map { node in
            let row = rows[node]
            return LeaseWatch.Seen(
                name: names[node], sign: LeaseSign(incarnation: row.incarnation, renewal: row.renewal),
                isDead: row.isDead, takers: row.takers)
        }
    }

    /// The maps of a node, and their epochs.
    func owned(by node: Int, _ incarnation: Int) -> [Int: Int] {
        var owned: [Int: Int] = [:]
        for (map, row) in maps.enumerated() where row.owner.map({ $0 == (node, incarnation) }) == true {
            owned[map] = row.epoch
        }
        return owned
    }

    /// - Parameters:
    ///   - node: The node that joins.
    ///   - seen: The incarnation that the node has read: a join that comes late, after another one, does nothing.
    ///   - now: The time.
    /// - Returns: The new incarnation.
    mutating func join(_ node: Int, seen: Int, now: Int) -> Int? {
        guard rows[node].incarnation == seen else { return nil }
        rows[node].incarnation += 1
        rows[node].renewal = 0
        rows[node].isDead = false
        rows[node].renewedAt = now
        rows[node].takers = Set(rows.indices.filter { $0 != node && !rows[$0].isDead }.map { names[$0] })
        for map in maps.indices where maps[map].owner?.node == node { free(map) }
        return rows[node].incarnation
    }

    /// - Returns: Whether the node is a member.
    mutating func renew(_ node: Int, _ sign: LeaseSign, takers: Set<NodeName>, now: Int) -> Bool {
        guard rows[node].incarnation == sign.incarnation, !rows[node].isDead, sign.renewal > rows[node].renewal
        else { return false }
        rows[node].renewal = sign.renewal
        rows[node].takers = takers
        rows[node].renewedAt = now
        return true
    }

    mutating func evict(_ node: Int, _ sign: LeaseSign, by evicter: Int, in incarnation: Int) {
        let row = rows[node]
        guard rows[evicter].incarnation == incarnation, !rows[evicter].isDead else { return }
        guard row.incarnation == sign.incarnation, !row.isDead else { return }
        guard row.renewal == sign.renewal || mutant == .evictsAnySign else { return }
        guard row.takers.contains(names[evicter]) else { return }
        rows[node].isDead = true
        rows[node].incarnation += 1
        for map in maps.indices where maps[map].owner?.node == node { free(map) }
    }

    private mutating func free(_ map: Int) {
        maps[map].owner = nil
        maps[map].epoch += 1
    }

    /// Gives maps without a node to those that live.
    mutating func place(now: Int) {
        for map in maps.indices where maps[map].owner == nil {
            let living = rows.indices.filter { !rows[$0].isDead && now - rows[$0].renewedAt < 1_500 }
            let fewest = living.min {
                owned(by: $0, rows[$0].incarnation).count < owned(by: $1, rows[$1].incarnation).count
            }
            guard let fewest else { return }
            maps[map].owner = (fewest, rows[fewest].incarnation)
            maps[map].epoch += 1
        }
    }
}
