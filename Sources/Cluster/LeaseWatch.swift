/// Decides which nodes a node evicts, and what it answers to nodes that have lost the store.
///
/// A node is evicted when its sign has not changed for ``LeaseTimes/watch``, and it counts this node among those who
/// may do so. A value without a clock: all times are those of one monotonic clock of the node, and come as arguments.
package struct LeaseWatch: Sendable {
    /// A node as the store has it.
    package struct Seen: Sendable {
        /// The node.
        package var name: NodeName
        /// Its last sign of life.
        package var sign: LeaseSign
        /// Whether it has been evicted, and has not joined again.
        package var isDead: Bool
        /// The nodes that may evict it, by its own list.
        package var takers: Set<NodeName>

        /// Makes the description of a node.
        ///
        /// - Parameters:
        ///   - name: The node.
        ///   - sign: Its last sign of life.
        ///   - isDead: Whether it has been evicted, and has not joined again.
        ///   - takers: The nodes that may evict it, by its own list.
        package init(name: NodeName, sign: LeaseSign, isDead: Bool, takers: Set<NodeName>) {
            self.name = name
            self.sign = sign
            self.isDead = isDead
            self.takers = takers
        }
    }

    /// An eviction to send: the store does it only if the node still has this sign and counts the sender among its
    /// takers, and the sender still lives in the incarnation that sent it. So one that comes late can't happen after
    /// its sender has started again and forgotten it.
    package struct Eviction: Sendable, Equatable {
        /// The node to evict.
        package var node: NodeName
        /// The sign that has stood still.
        package var sign: LeaseSign
    }

    private let me: NodeName
    private let times: LeaseTimes
    /// Since when each living node has had its sign, as far as this node has watched without a break.
    private var watched: [NodeName: (sign: LeaseSign, since: Duration)] = [:]
    /// The nodes as the store had them at the last look.
    private var latest: [NodeName: Seen] = [:]
    /// The evictions that were sent since the last look, and those that may still happen, each with whether the store
    /// has answered it.
    private var doubts: [NodeName: (sign: LeaseSign, isAnswered: Bool)] = [:]

    /// Makes the watch of a node that has not looked yet.
    ///
    /// - Parameters:
    ///   - me: The node.
    ///   - times: The times of leases.
    package init(me: NodeName, times: LeaseTimes) {
        self.me = me
        self.times = times
    }

    /// Notes that a call to the store failed: what others did meanwhile was not watched.
    package mutating func storeLost() { watched = [:] }

    /// Takes a look at the nodes in the store.
    ///
    /// - Parameters:
    ///   - nodes: All nodes.
    ///   - now: The time at which the answer was there.
    /// - Returns: The evictions that the caller must send now.
    package mutating func look(at nodes: [Seen], now: Duration) -> [Eviction] {
        latest = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        // An eviction demands the sign that it was sent for, so it can't happen once there is another one.
        doubts = doubts.filter { name, doubt in
            !doubt.isAnswered && latest[name]?.sign == doubt.sign && latest[name]?.isDead == false
        }
        var evictions: [Eviction] = []
        for node in nodes where node.name != me {
            guard !node.isDead else {
                watched[node.name] = nil
                continue
            }
            guard let before = watched[node.name], before.sign == node.sign else {
                watched[node.name] = (node.sign, now)
                continue
            }
            guard now - before.since > times.watch, node.takers.contains(me) else { continue }
            doubts[node.name] = (node.sign, false)
            evictions.append(Eviction(node: node.name, sign: node.sign))
        }
        return evictions
    }

    /// Notes that the store has answered an eviction: it can't happen any more, and whether it has is known with the
    /// next look. Without an answer it may happen later.
    ///
    /// - Parameter eviction: What was sent.
    package mutating func answered(_ eviction: Eviction) {
        if doubts[eviction.node]?.sign == eviction.sign { doubts[eviction.node]?.isAnswered = true }
    }

    /// Answers a node that asks whether this one reaches the store.
    ///
    /// After ``LeaseAnswer/unreachable`` this node watches the other one anew. Otherwise a call to the store that is
    /// under way could succeed while the promise holds, show a long silence, and lead to an eviction.
    ///
    /// - Parameters:
    ///   - node: The node that asks.
    ///   - incarnation: That of the node when it joined.
    ///   - hasLostStore: Whether this node does not reach the store (``LeaseRule/hasLostStore(at:)``).
    /// - Returns: The answer.
    package mutating func answer(to node: NodeName, incarnation: Int, hasLostStore: Bool) -> LeaseAnswer {
        guard hasLostStore else { return .reachable }
        guard doubts[node] == nil, let seen = latest[node], !seen.isDead, seen.sign.incarnation == incarnation else {
            return .doubtful
        }
        watched[node] = nil
        return .unreachable
    }

    /// The nodes that live, as far as this node knows, without itself: those that it counts among its takers.
    package var living: Set<NodeName> {
        Set(latest.values.lazy.filter { [me] in !$0.isDead && $0.name != me }.map(\.name))
    }
}
