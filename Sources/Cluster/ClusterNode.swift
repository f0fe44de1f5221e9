import Storage
import Synchronization

/// This process as one of the nodes that share a game: it renews its lease, evicts silent nodes, and tells which maps
/// to open and to drop.
///
/// It carries out what a ``LeaseMember`` decides. All functions but ``run()`` may be called on any thread and return at
/// once, whatever the store does.
package final class ClusterNode: Sendable {
    /// The longest time to wait for another node's answer.
    static let answerLimit = Duration.milliseconds(500)

    private struct State {
        var member: LeaseMember
        /// The nodes that were asked and have not answered; they are not asked again meanwhile.
        var asked: Set<NodeName> = []
    }

    /// What this node tells the others of itself.
    package let description: NodeDescription
    /// What happens to this node, in order, for one reader. An element waits until it is read; there are at most an
    /// ``ClusterEvent/open(_:)`` and a ``ClusterEvent/drop(_:)`` for each lease. It ends with ``run()``.
    package let events: AsyncStream<ClusterEvent>
    private let continuation: AsyncStream<ClusterEvent>.Continuation
    private let store: any LeaseStore
    private let peers: any LeasePeers
    private let time: NodeTime
    private let state: Mutex<State>
    private let gate = LeaseGate()

    /// Makes a node, which takes no part before ``run()``.
    ///
    /// - Parameters:
    ///   - description: What it tells the others of itself.
    ///   - maps: The numbers of the game's maps; the store learns those that it does not know.
    ///   - store: The store that all nodes share.
    ///   - peers: The lines to the other nodes.
    ///   - times: The times of leases; all nodes must have the same.
    ///   - clock: The clock; it must go on while the machine sleeps, as `ContinuousClock` does.
    /// - Throws: ``ClusterNodeError/unsafeTimes(_:)``.
    package init<C: Clock<Duration>>(
        _ description: NodeDescription, maps: [Int], store: any LeaseStore, peers: any LeasePeers,
        times: LeaseTimes = LeaseTimes(), clock: C = ContinuousClock()
    ) throws(ClusterNodeError) {
        guard times.areSafe else { throw .unsafeTimes(times) }
        self.description = description
        self.store = store
        self.peers = peers
        time = NodeTime(clock)
        state = Mutex(State(member: LeaseMember(node: description, maps: maps, times: times)))
        (events, continuation) = AsyncStream.makeStream(of: ClusterEvent.self)
    }

    // MARK: - For maps and players

    /// Whether a map may run.
    ///
    /// Ask it before each tick, and again after it: what a tick made after the time ran out must be neither sent nor
    /// saved. The question is for one lease, because the node can have lost it, joined anew, and even have the map
    /// again under another epoch, before the map's thread has read of that.
    ///
    /// - Parameter lease: The lease under which the map was opened.
    /// - Returns: `false` when the map has to pause, or when it is dropped.
    /// - Complexity: O(1).
    package func mayRun(_ lease: MapLease) -> Bool { gate.mayRun(lease, now: time.now) }

    /// The membership of this node; `nil` while this node is no member.
    package var membership: Membership? { state.withLock { $0.member.membership } }

    /// The maps that this node has.
    package var leases: Set<MapLease> { state.withLock { $0.member.leases } }

    /// Where all maps are.
    package var directory: MapDirectory { state.withLock { $0.member.directory } }

    /// Whether the store says that this node gets no more maps.
    package var isDraining: Bool { state.withLock { $0.member.isDraining } }

    /// Answers a question that another node asked over its ``LeasePeers``.
    ///
    /// - Parameter question: The question.
    /// - Returns: The answer.
    package func answer(_ question: LeaseQuestion) -> LeaseAnswer {
        change { member, now in (member.answer(question, at: now), []) }
    }

    /// How many nodes were asked and have not answered yet.
    var openQuestions: Int { state.withLock { $0.asked.count } }

    // MARK: - Wishes

    /// Adds maps of the game, with the next renewal.
    ///
    /// - Parameter maps: The numbers of the maps; the store ignores those that it knows.
    package func addMaps(_ maps: [Int]) { state.withLock { $0.member.addMaps(maps) } }

    /// Makes this node drain: it gets no more maps, with the next renewal.
    package func drain() { state.withLock { $0.member.drain() } }

    /// Makes this node leave. The node has no maps from now on, so the caller must have saved them before.
    ///
    /// The node tells the store after the call that is under way, or else within about ``LeaseTimes/renew``. When the
    /// store has answered, or has failed three times, ``run()`` returns.
    package func leave() { change { member, _ in ((), member.leave()) } }

    // MARK: - The life of the node

    /// Takes part until ``leave()``, or until the task is cancelled; in the latter case the others evict this node as
    /// one that has crashed. A graceful shutdown alone does not end it, because the maps have to be saved before. It
    /// may be called once.
    ///
    /// - Throws: ``ClusterNodeError/nameTaken(_:)``.
    package func run() async throws(ClusterNodeError) {
        let end = await withDiscardingTaskGroup { group in
            group.addTask { await self.askOthers() }
            let end = await callStore()
            group.cancelAll()
            return end
        }
        change { member, _ in ((), member.stop()) }
        continuation.finish()
        if end == .nameTaken { throw .nameTaken(description.name) }
    }

    /// Makes one call to the store after another, each as soon as it is due.
    private func callStore() async -> LeaseEnd {
        while !Task.isCancelled {
            let (request, due, end) = change { member, now in
                ((member.nextRequest(at: now), member.callsAt, member.end), [])
            }
            if let end { return end }
            guard let request else {
                guard await time.sleep(until: due) else { break }
                continue
            }
            do throws(StorageError) {
                let reply = try await request.call.send(to: store)
                change { member, now in ((), member.take(reply, to: request, at: now)) }
            } catch {
                change { member, _ in ((), member.fail(request, error)) }
            }
        }
        return .left
    }

    /// Asks the other nodes whether they reach the store, while this one does not.
    private func askOthers() async {
        await withDiscardingTaskGroup { group in
            var due = Duration.zero
            while await time.sleep(until: due) {
                let now = time.now()
                let questions = state.withLock { state in
                    let questions = state.member.questions(at: now).filter { !state.asked.contains($0.node) }
                    state.asked.formUnion(questions.map(\.node))
                    due = state.member.asksAt(after: now)
                    return questions.map { ($0, state.member.internalAddress(of: $0.node)) }
                }
                for (question, address) in questions {
                    group.addTask { await self.ask(question, at: address, askedAt: now) }
                }
            }
        }
    }

    private func ask(_ question: LeaseQuestion, at address: String?, askedAt: Duration) async {
        var answer: LeaseAnswer?
        if let address { answer = await peers.ask(question, at: address, within: Self.answerLimit) }
        state.withLock { _ = $0.asked.remove(question.node) }
        guard let answer else { return }
        change { member, now in (member.hear(answer, to: question, askedAt: askedAt, at: now), []) }
    }

    /// Changes the member, and publishes what follows from it before anything else can be done about it.
    @discardableResult
    private func change<Value>(_ body: (inout LeaseMember, Duration) -> (Value, [ClusterEvent])) -> Value {
        state.withLock { state in
            let (value, events) = body(&state.member, time.now())
            gate.set(until: state.member.runsUntil, leases: events.isEmpty ? nil : state.member.leases)
            for event in events { continuation.yield(event) }
            return value
        }
    }
}
