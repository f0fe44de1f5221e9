@testable import Cluster

/// A node of a simulation: its process, what is wrong with it, and the lines to the store and to others. Times are in
/// milliseconds. It is used by one simulation.
final class LeaseNodeModel {
    /// A call to the store that has no answer yet.
    struct Pending {
        var id: Int
        var sentAt: Int
        var call: LeaseCall
    }

    /// Until when something is wrong.
    struct Faults {
        var isFrozen = 0
        var losesStore = 0
        var hasSlowStore = 0
        var losesPeers = 0
    }

    let name: NodeName
    /// Counts the starts; answers to an earlier process are lost.
    private(set) var process = 0
    private(set) var isUp = false
    var faults = Faults()
    var rule: LeaseRule
    var watch: LeaseWatch
    /// `nil` for a node that has not joined.
    var incarnation: Int?
    var renewal = 0
    /// The maps that it has opened, and their epochs.
    var maps: [Int: Int] = [:]
    var pending: Pending?
    var nextCall = 0
    var nextQuestion = 0
    /// What is to be sent before the next renewal.
    var backlog: [LeaseCall] = []

    init(name: NodeName, times: LeaseTimes) {
        self.name = name
        rule = LeaseRule(times: times)
        watch = LeaseWatch(me: name, times: times)
    }

    func start(times: LeaseTimes, now: Int) {
        process += 1
        isUp = true
        faults.isFrozen = 0
        rule = LeaseRule(times: times)
        watch = LeaseWatch(me: name, times: times)
        leave()
        (pending, nextCall, nextQuestion) = (nil, now, now)
    }

    func kill() {
        isUp = false
        leave()
    }

    func leave() {
        rule.left()
        (incarnation, renewal, maps, backlog) = (nil, 0, [:], [])
    }

    /// Whether the process runs now.
    func isAwake(_ now: Int) -> Bool { isUp && faults.isFrozen <= now }

    func runs(_ map: Int, _ now: Int) -> Bool {
        isAwake(now) && maps[map] != nil && rule.mayRun(at: .milliseconds(now))
    }
}

/// A call to the store.
enum LeaseCall {
    /// Reads the node's own incarnation.
    case read
    case join(seen: Int)
    case renew(LeaseSign, takers: Set<NodeName>)
    case evict(LeaseWatch.Eviction, in: Int)
    case place
}

/// What the store answered.
enum LeaseReply {
    case read(incarnation: Int)
    case joined(incarnation: Int, takers: Set<NodeName>)
    case renewed(seen: [LeaseWatch.Seen], owned: [Int: Int], isAnyMapFree: Bool)
    case evicted
    case done
}
