package import Storage

/// All decisions of one node as a member of the nodes that share a game: which call to the store comes next, what each
/// answer changes, which other nodes it asks, and which maps it has.
///
/// A value without a clock, a store and a network: all times are those of one monotonic clock of the node, and come as
/// arguments; the caller makes the calls and carries the questions. At most one call to the store is under way.
package struct LeaseMember: Sendable {
    private let node: NodeDescription
    private let times: LeaseTimes
    private var rule: LeaseRule
    private var watch: LeaseWatch

    /// The membership of the node; `nil` while the node is no member.
    package private(set) var membership: Membership?
    /// The maps that the node has. It may run them only until ``runsUntil``.
    package private(set) var leases: Set<MapLease> = []
    /// Whether the store says that the node gets no more maps.
    package private(set) var isDraining = false
    /// Where all maps are.
    package private(set) var directory = MapDirectory()
    /// How the node's life among the others has ended; `nil` while it goes on.
    package private(set) var end: LeaseEnd?

    /// Each view of the store replaces the backlog, because the view shows again what is still to be done.
    private var line = LeaseLine()
    /// The number of the last renewal in this membership.
    private var renewal = 0
    /// When the last renewal was sent that the store has taken, and when its answer was there.
    private var renewedAt = Duration.zero
    private var lookedAt: Duration?
    /// Those that the store named at the join, until the first look of this membership. Without them in the list of the
    /// first renewal, nobody could evict a node that ends just then.
    private var joinedTakers: Set<NodeName>?
    /// The membership that a refused renewal has shown to be over, until the node's incarnation is read.
    private var former: (incarnation: Int, wasYoung: Bool)?
    private var questionsAt = Duration.zero
    private var isStoreLost = false
    private var mapsToAdd: [Int]
    private var wantsDraining = false
    private var isLeaving = false
    private var leaves = 0

    /// How often a node tells the store that it leaves, when the store fails.
    private static let mostLeaves = 3

    /// Makes a node that is no member yet.
    ///
    /// - Parameters:
    ///   - node: What it tells the others of itself.
    ///   - maps: The numbers of the game's maps; the store learns those that it does not know.
    ///   - times: The times of leases, which must be safe (``LeaseTimes/areSafe``).
    package init(node: NodeDescription, maps: [Int] = [], times: LeaseTimes) {
        self.node = node
        self.times = times
        mapsToAdd = maps
        rule = LeaseRule(times: times)
        watch = LeaseWatch(me: node.name, times: times)
    }

    // MARK: - Running

    /// The time until which the node may run its maps if nothing changes (``LeaseRule/runsUntil``); `nil` for a node
    /// that is no member.
    package var runsUntil: Duration? { rule.runsUntil }

    // MARK: - Wishes

    /// Adds maps of the game, with the next renewal.
    ///
    /// - Parameter maps: The numbers of the maps.
    package mutating func addMaps(_ maps: [Int]) { mapsToAdd += maps }

    /// Makes the node drain: it gets no more maps, with the next renewal and in each later membership too.
    package mutating func drain() { wantsDraining = true }

    /// Makes the node leave: it has no maps from now on, and tells the store so with the next call.
    ///
    /// - Returns: What has happened.
    package mutating func leave() -> [ClusterEvent] {
        isLeaving = true
        (line.backlog, line.callsAt) = ([], .zero)
        rule.left()
        return change(to: [])
    }

    /// Ends the node's part at once, as a crash does: it has no maps from now on, and the others evict it.
    ///
    /// - Returns: What has happened.
    package mutating func stop() -> [ClusterEvent] {
        if end == nil { end = .left }
        rule.left()
        return change(to: [])
    }

    // MARK: - Calls to the store

    /// The earliest time of the next call when none is under way.
    package var callsAt: Duration { line.callsAt }

    /// The call that is to be made now. The caller makes it, and then calls ``take(_:to:at:)`` or ``fail(_:_:)``.
    ///
    /// - Parameter now: The time.
    /// - Returns: The call; `nil` when one is under way, when none is due before ``callsAt``, or at the end.
    package mutating func nextRequest(at now: Duration) -> LeaseRequest? {
        guard line.isFree, end == nil else { return nil }
        if isLeaving { return leavingRequest(at: now) }
        if let call = line.nextOfBacklog(at: now) { return line.send(call, at: now) }
        guard line.startTurn(at: now, pause: times.renew) else { return nil }
        guard let membership else { return line.send(.incarnation(of: node.name), at: now) }
        let takers = joinedTakers ?? watch.living
        rule.willRenew(takers: takers)
        renewal += 1
        return line.send(.renew(membership, number: renewal, takers: takers), at: now)
    }

    private mutating func leavingRequest(at now: Duration) -> LeaseRequest? {
        guard let membership, leaves < Self.mostLeaves else {
            end = .left
            return nil
        }
        guard line.startTurn(at: now, pause: times.renew) else { return nil }
        leaves += 1
        return line.send(.leave(membership), at: now)
    }

    /// Takes the store's answer to a call.
    ///
    /// - Parameters:
    ///   - reply: The answer.
    ///   - request: The call; an answer to another one than the one under way changes nothing.
    ///   - now: The time.
    /// - Returns: What has happened, in this order.
    package mutating func take(_ reply: LeaseReply, to request: LeaseRequest, at now: Duration) -> [ClusterEvent] {
        guard line.finish(request) else { return [] }
        var events: [ClusterEvent] = isStoreLost ? [.storeFound] : []
        isStoreLost = false
        switch (request.call, reply) {
        case (.incarnation, .incarnation(let incarnation)): found(incarnation)
        case (.join, .joined(let membership, let takers)):
            self.membership = membership
            guard !isLeaving else { break }
            joinedTakers = takers
            rule.renewed(takers: takers, sentAt: request.sentAt)
            (renewedAt, renewal, line.callsAt) = (request.sentAt, 0, now)
            events.append(.joined(membership))
        case (.renew(_, _, let takers), .view(let view)) where !isLeaving:
            rule.renewed(takers: takers, sentAt: request.sentAt)
            renewedAt = request.sentAt
            look(at: view, now: now)
            events += change(to: view.leases)
        case (.renew(let lost, _, _), .refused):
            former = (lost.incarnation, now < renewedAt + times.run)
            events += change(to: [])
            events.append(.lost(lost))
            rule.left()
            membership = nil
            line.backlog = []
        case (.evict(let eviction, _), _): watch.answered(eviction)
        // The next view shows the maps that this node was given.
        case (.place, .placed(let count)) where count > 0: line.callsAt = now
        case (.addMaps(let maps), .done):
            mapsToAdd.removeFirst(min(maps.count, mapsToAdd.count))
            line.callsAt = now
        case (.directory(let version), .directory(let places)): directory.update(places, version: version)
        case (.leave, _):
            membership = nil
            end = .left
        default: break
        }
        return events
    }

    /// Notes that a call to the store has failed. It may still happen, and what the others do meanwhile is not watched.
    ///
    /// - Parameters:
    ///   - request: The call; another one than the one under way changes nothing.
    ///   - error: Why it failed.
    /// - Returns: What has happened.
    package mutating func fail(_ request: LeaseRequest, _ error: StorageError) -> [ClusterEvent] {
        guard line.finish(request) else { return [] }
        line.backlog = []
        watch.storeLost()
        defer { isStoreLost = true }
        return isStoreLost ? [] : [.storeLost(error)]
    }

    /// Decides what a node does that is no member, and has read its incarnation.
    ///
    /// After a refused renewal there are two cases: the node was evicted, which raises its incarnation by one, or
    /// another process has joined under its name. It was not evicted when its last renewal is younger than
    /// ``LeaseTimes/run``: others have to watch for longer. And an incarnation that has risen by more than one shows a
    /// join, because a node that is dead is not evicted.
    private mutating func found(_ incarnation: Int) {
        guard !isLeaving else { return }
        if let former, incarnation > former.incarnation, former.wasYoung || incarnation > former.incarnation + 1 {
            end = .nameTaken
            return
        }
        former = nil
        line.backlog.append(.join(node, seen: incarnation))
    }

    private mutating func look(at view: ClusterView, now: Duration) {
        // So long a break without a failure means that this process stood still, and perhaps the whole machine with
        // all nodes.
        if let lookedAt, now > lookedAt + times.run { watch.storeLost() }
        (lookedAt, joinedTakers) = (now, nil)
        directory.update(view.nodes)
        isDraining = view.nodes.first { $0.seen.name == node.name }?.isDraining ?? false
        guard let membership else { return }
        line.backlog = watch.look(at: view.nodes.map(\.seen), now: now).map { .evict($0, by: membership) }
        if view.isAnyMapFree { line.backlog.append(.place) }
        if view.directoryVersion != directory.version {
            line.backlog.append(.directory(version: view.directoryVersion))
        }
        if !mapsToAdd.isEmpty { line.backlog.append(.addMaps(mapsToAdd)) }
        if wantsDraining, !isDraining { line.backlog.append(.setDraining(true, node.name)) }
    }

    /// Changes the set of the node's maps: a map whose epoch has risen is dropped before it is opened again.
    private mutating func change(to new: Set<MapLease>) -> [ClusterEvent] {
        guard new != leases else { return [] }
        let old = leases
        leases = new
        let dropped = old.subtracting(new).sorted { $0.mapID < $1.mapID }
        let opened = new.subtracting(old).sorted { $0.mapID < $1.mapID }
        return dropped.map { .drop($0) } + opened.map { .open($0) }
    }

    // MARK: - Other nodes

    /// The earliest time at which ``questions(at:)`` may return some.
    ///
    /// - Parameter now: The time.
    /// - Returns: A later time than `now`.
    package func asksAt(after now: Duration) -> Duration {
        let earliest = membership == nil ? now + times.ask : max(questionsAt, renewedAt + times.patience)
        return earliest > now ? earliest : now + times.ask
    }

    /// The questions to ask now: whether those that may take the maps reach the store.
    ///
    /// - Parameter now: The time.
    /// - Returns: The questions; none as long as the last renewal is young, and within ``LeaseTimes/ask`` of others.
    package mutating func questions(at now: Duration) -> [LeaseQuestion] {
        guard now >= questionsAt, let membership else { return [] }
        let nodes = rule.toAsk(at: now)
        guard !nodes.isEmpty else { return [] }
        questionsAt = now + times.ask
        return nodes.sorted().map { LeaseQuestion(asker: membership, node: $0) }
    }

    /// Where a node can be asked.
    ///
    /// - Parameter name: The node.
    /// - Returns: Its internal address; `nil` when the node was not seen alive.
    package func internalAddress(of name: NodeName) -> String? { directory.internalAddress(of: name) }

    /// Takes an answer.
    ///
    /// - Parameters:
    ///   - answer: What was said.
    ///   - question: The question; an answer to one of an earlier membership is ignored.
    ///   - askedAt: When the question was sent.
    ///   - now: The time.
    package mutating func hear(
        _ answer: LeaseAnswer, to question: LeaseQuestion, askedAt: Duration, at now: Duration
    ) {
        guard question.asker == membership else { return }
        rule.hear(answer, from: question.node, askedAt: askedAt, now: now)
    }

    /// Answers another node.
    ///
    /// - Parameters:
    ///   - question: The question; one for another node is answered with ``LeaseAnswer/doubtful``.
    ///   - now: The time.
    /// - Returns: The answer.
    package mutating func answer(_ question: LeaseQuestion, at now: Duration) -> LeaseAnswer {
        guard question.node == node.name else { return .doubtful }
        return watch.answer(
            to: question.asker.name, incarnation: question.asker.incarnation,
            hasLostStore: rule.hasLostStore(at: now))
    }
}
