/// Decides whether a node may run its maps: the rule by which no map runs on two nodes.
///
/// A node may run its maps for ``LeaseTimes/run`` after its last renewal. When the store can't be reached, it goes on
/// only while every node that could take its maps says that it does not reach the store either. A value without a clock:
/// all times are those of one monotonic clock of the node, and come as arguments.
///
/// It holds when at most one process at a time has the node's name: who joins under it gets the maps at once, before a
/// former process of that name may have paused.
///
/// Renewals have numbers that rise, and the store takes none that is lower than what it has. So when one has succeeded,
/// no earlier one can change the list of takers any more, however late it arrives over a connection that was given up.
package struct LeaseRule: Sendable {
    private let times: LeaseTimes
    /// When the last renewal was sent that the store has acknowledged; `nil` for a node that is no member.
    private var renewedAt: Duration?
    /// The nodes that may evict this node, as far as it knows.
    private var takers: Set<NodeName> = []
    /// A taker has said that it reaches the store, so this node is cut off from it.
    private var isCutOff = false
    /// Until when a taker's word holds that it does not reach the store.
    private var promises: [NodeName: Duration] = [:]

    /// Makes the rule of a node that is no member yet.
    ///
    /// - Parameter times: The times of leases.
    package init(times: LeaseTimes) { self.times = times }

    // MARK: - Renewals

    /// Notes that the node sends a renewal.
    ///
    /// - Parameter takers: The list in it. Until the outcome is known, those on former lists may evict too.
    package mutating func willRenew(takers: Set<NodeName>) { self.takers.formUnion(takers) }

    /// Notes that the store has acknowledged a renewal, or that the node has joined.
    ///
    /// - Parameters:
    ///   - takers: The list in it.
    ///   - sentAt: When it was sent: the store may have had it from then on.
    package mutating func renewed(takers: Set<NodeName>, sentAt: Duration) {
        self.takers = takers
        renewedAt = sentAt
        isCutOff = false
    }

    /// Notes that the node is no member any more: evicted, or leaving.
    package mutating func left() {
        renewedAt = nil
        takers = []
        isCutOff = false
        promises = [:]
    }

    // MARK: - Answers

    /// The nodes that must be asked now whether they reach the store.
    ///
    /// - Parameter now: The time.
    /// - Returns: All that may take the maps; none as long as the last renewal is young.
    package func toAsk(at now: Duration) -> Set<NodeName> {
        guard let renewedAt, now >= renewedAt + times.patience else { return [] }
        return takers
    }

    /// Takes an answer.
    ///
    /// - Parameters:
    ///   - answer: What was said.
    ///   - node: The node that answered.
    ///   - askedAt: When the question was sent.
    ///   - now: The time.
    package mutating func hear(_ answer: LeaseAnswer, from node: NodeName, askedAt: Duration, now: Duration) {
        guard let renewedAt else { return }
        promises[node] = answer == .unreachable ? askedAt + times.promise : nil
        if answer == .reachable, now >= renewedAt + times.patience { isCutOff = true }
    }

    // MARK: - The rule

    /// Whether the node may run its maps.
    ///
    /// Ask it before each tick, and again after it: what a tick made after the time ran out must be neither sent nor
    /// saved.
    ///
    /// - Parameter now: The time.
    /// - Returns: `false` when the maps have to pause.
    package func mayRun(at now: Duration) -> Bool {
        guard let ownUntil else { return false }
        return now < ownUntil || now < vouchedUntil
    }

    /// The time at which ``mayRun(at:)`` turns `false` if nothing changes until then; `nil` for a node that is no
    /// member. Publish it after each change, and threads can ask without touching the rule.
    package var runsUntil: Duration? {
        guard let ownUntil else { return nil }
        return max(ownUntil, vouchedUntil)
    }

    /// Until when the last renewal suffices.
    private var ownUntil: Duration? {
        guard let renewedAt else { return nil }
        return renewedAt + (isCutOff ? times.patience : times.run)
    }

    /// Until when the promises of all takers hold; for ever without takers.
    private var vouchedUntil: Duration {
        var until = Duration.seconds(Int64.max)
        for taker in takers { until = min(until, promises[taker] ?? .zero) }
        return until
    }

    /// Whether the node counts as one that does not reach the store; so does one that is no member.
    ///
    /// - Parameter now: The time.
    /// - Returns: `true` when the last renewal is older than ``LeaseTimes/patience``.
    package func hasLostStore(at now: Duration) -> Bool {
        guard let renewedAt else { return true }
        return now >= renewedAt + times.patience
    }
}
