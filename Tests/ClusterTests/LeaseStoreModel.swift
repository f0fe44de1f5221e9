@testable import Cluster

/// The store of a simulation: statements that happen whole, one after another, as PostgreSQL's do. Times are in
/// milliseconds.
struct LeaseStoreModel {
    struct Row {
        let description: NodeDescription
        var incarnation = 0
        var renewal = 0
        var isDead = true
        var isDraining = false
        var takers: Set<NodeName> = []
        var renewedAt = 0
    }

    struct MapRow {
        var epoch = 0
        var owner: (node: Int, incarnation: Int)?
    }

    private let mutant: LeaseMutant?
    private(set) var rows: [Row]
    private(set) var maps: [MapRow]
    /// Rises whenever a map changes hands or is added.
    private var version = 0

    init(_ nodes: [NodeDescription], maps: Int, mutant: LeaseMutant? = nil) {
        self.mutant = mutant
        rows = nodes.map { Row(description: $0) }
        self.maps = Array(repeating: MapRow(), count: maps)
    }

    func index(of name: NodeName) -> Int? { rows.firstIndex { $0.description.name == name } }

    /// The maps of a node.
    func owned(by node: Int, _ incarnation: Int) -> Set<MapLease> {
        var owned: Set<MapLease> = []
        for (map, row) in maps.enumerated() where row.owner.map({ $0 == (node, incarnation) }) == true {
            owned.insert(MapLease(mapID: map, epoch: row.epoch))
        }
        return owned
    }

    /// Carries out a call.
    mutating func execute(_ call: LeaseCall, of node: Int, now: Int) -> LeaseReply {
        switch call {
        case .incarnation: return .incarnation(rows[node].incarnation)
        case .join(_, let seen): return join(node, seen: seen, now: now)
        case .renew(let membership, let number, let takers):
            let sign = LeaseSign(incarnation: membership.incarnation, renewal: number)
            return renew(node, sign, takers: takers, now: now)
        case .evict(let eviction, let membership): evict(eviction, by: node, in: membership.incarnation)
        case .place: return .placed(place(now: now))
        case .addMaps(let added):
            let count = (added.max() ?? -1) + 1 - maps.count
            if count > 0 {
                maps += Array(repeating: MapRow(), count: count)
                version += 1
            }
        case .directory: return .directory(directory)
        case .setDraining(let isDraining, _): rows[node].isDraining = isDraining
        case .leave(let membership):
            guard rows[node].incarnation == membership.incarnation else { break }
            rows[node].isDead = true
            freeMaps(of: node)
        }
        return .done
    }

    /// A join that comes late, after another one, does nothing.
    private mutating func join(_ node: Int, seen: Int, now: Int) -> LeaseReply {
        guard rows[node].incarnation == seen else { return .refused }
        rows[node].incarnation += 1
        rows[node].renewal = 0
        rows[node].isDead = false
        rows[node].isDraining = false
        rows[node].renewedAt = now
        let living = rows.indices.filter { $0 != node && !rows[$0].isDead }
        rows[node].takers = Set(living.map { rows[$0].description.name })
        freeMaps(of: node)
        return .joined(membership(of: node), takers: rows[node].takers)
    }

    private func membership(of node: Int) -> Membership {
        Membership(name: rows[node].description.name, incarnation: rows[node].incarnation)
    }

    private mutating func renew(_ node: Int, _ sign: LeaseSign, takers: Set<NodeName>, now: Int) -> LeaseReply {
        guard rows[node].incarnation == sign.incarnation, !rows[node].isDead, sign.renewal > rows[node].renewal
        else { return .refused }
        rows[node].renewal = sign.renewal
        rows[node].takers = takers
        rows[node].renewedAt = now
        let view = ClusterView(
            nodes: rows.compactMap(member), leases: owned(by: node, sign.incarnation),
            isAnyMapFree: maps.contains { $0.owner == nil }, directoryVersion: version, storeTime: 0)
        return .view(view)
    }

    private func member(_ row: Row) -> ClusterMember? {
        guard row.incarnation > 0 else { return nil }
        let seen = LeaseWatch.Seen(
            name: row.description.name, sign: LeaseSign(incarnation: row.incarnation, renewal: row.renewal),
            isDead: row.isDead, takers: row.takers)
        return ClusterMember(seen: seen, description: row.description, isDraining: row.isDraining)
    }

    private mutating func evict(_ eviction: LeaseWatch.Eviction, by evicter: Int, in incarnation: Int) {
        guard let node = index(of: eviction.node) else { return }
        let row = rows[node]
        guard rows[evicter].incarnation == incarnation, !rows[evicter].isDead else { return }
        guard row.incarnation == eviction.sign.incarnation, !row.isDead else { return }
        guard row.renewal == eviction.sign.renewal || mutant == .evictsAnySign else { return }
        guard row.takers.contains(rows[evicter].description.name) else { return }
        rows[node].isDead = true
        rows[node].incarnation += 1
        freeMaps(of: node)
    }

    private mutating func freeMaps(of node: Int) {
        for map in maps.indices where maps[map].owner?.node == node {
            maps[map].owner = nil
            maps[map].epoch += 1
            version += 1
        }
    }

    /// Gives maps without a node to those that live and don't drain.
    private mutating func place(now: Int) -> Int {
        var count = 0
        for map in maps.indices where maps[map].owner == nil {
            let living = rows.indices.filter {
                !rows[$0].isDead && !rows[$0].isDraining && now - rows[$0].renewedAt < 1_500
            }
            let fewest = living.min {
                owned(by: $0, rows[$0].incarnation).count < owned(by: $1, rows[$1].incarnation).count
            }
            guard let fewest else { break }
            maps[map].owner = (fewest, rows[fewest].incarnation)
            maps[map].epoch += 1
            version += 1
            count += 1
        }
        return count
    }

    private var directory: [MapPlace] {
        maps.enumerated().map { map, row in
            MapPlace(
                lease: MapLease(mapID: map, epoch: row.epoch),
                owner: row.owner.map { owner in
                    Membership(name: rows[owner.node].description.name, incarnation: owner.incarnation)
                })
        }
    }
}
