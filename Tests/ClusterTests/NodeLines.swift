import Storage
import Synchronization

@testable import Cluster

/// A store for several nodes in memory.
final class SharedStore: Sendable {
    private let model: Mutex<LeaseStoreModel>
    private let time: SharedTime
    private let late = Mutex<[(at: Duration, call: LeaseCall, node: NodeName)]>([])

    init(_ names: [NodeName], time: SharedTime) {
        self.time = time
        model = Mutex(LeaseStoreModel(names.map(ClusterGame.description), maps: 0))
    }

    func execute(_ call: LeaseCall, of name: NodeName) -> LeaseReply {
        let now = Int(time.now / .milliseconds(1))
        return model.withLock { model in
            guard let node = model.index(of: name) else { preconditionFailure("\(name) is no node of the test") }
            return model.execute(call, of: node, now: now)
        }
    }

    /// Lets a statement come late, over a connection that its sender has given up.
    func execute(_ call: LeaseCall, of name: NodeName, at due: Duration) {
        late.withLock { $0.append((due, call, name)) }
    }

    func executeLate() {
        let due = late.withLock { late in
            defer { late.removeAll { $0.at <= time.now } }
            return late.filter { $0.at <= time.now }
        }
        for (_, call, name) in due { _ = execute(call, of: name) }
    }

    func incarnation(of name: NodeName) -> Int {
        model.withLock { model in model.index(of: name).map { model.rows[$0].incarnation } ?? 0 }
    }
}

/// The line of one process to the store, and what is wrong with it.
final class NodeLine: LeaseStore {
    enum Fault {
        /// Calls get no answer within a second.
        case silence
        /// Calls fail at once.
        case refusal
        /// Calls get no answer, and are carried out after their sender has given them up.
        case late(Duration)
    }

    private let store: SharedStore
    private let clock: NodeClock
    private let name: NodeName
    private let state = Mutex((fault: Fault?.none, calls: 0))

    init(_ name: NodeName, store: SharedStore, clock: NodeClock) {
        (self.name, self.store, self.clock) = (name, store, clock)
    }

    var fault: Fault? {
        get { state.withLock { $0.fault } }
        set { state.withLock { $0.fault = newValue } }
    }

    /// How many calls were made.
    var calls: Int { state.withLock { $0.calls } }

    private func send(_ call: LeaseCall) async throws(StorageError) -> LeaseReply {
        let fault = state.withLock { state in
            state.calls += 1
            return state.fault
        }
        switch fault {
        case nil: return store.execute(call, of: name)
        case .refusal: break
        case .late(let delay):
            store.execute(call, of: name, at: clock.now.elapsed + delay)
            try? await clock.sleep(for: .seconds(1))
        case .silence: try? await clock.sleep(for: .seconds(1))
        }
        throw .failed(path: "store", reason: "no answer")
    }

    func incarnation(of name: NodeName) async throws(StorageError) -> Int {
        if case .incarnation(let number) = try await send(.incarnation(of: name)) { number } else { 0 }
    }

    func join(
        _ node: NodeDescription, seen: Int
    ) async throws(StorageError) -> (membership: Membership, takers: Set<NodeName>)? {
        guard case .joined(let membership, let takers) = try await send(.join(node, seen: seen)) else { return nil }
        return (membership, takers)
    }

    func renew(
        _ membership: Membership, number: Int, takers: Set<NodeName>
    ) async throws(StorageError) -> ClusterView? {
        let reply = try await send(.renew(membership, number: number, takers: takers))
        return if case .view(let view) = reply { view } else { nil }
    }

    func evict(_ eviction: LeaseWatch.Eviction, by membership: Membership) async throws(StorageError) -> Bool {
        _ = try await send(.evict(eviction, by: membership))
        return true
    }

    func place() async throws(StorageError) -> Int {
        if case .placed(let count) = try await send(.place) { count } else { 0 }
    }

    func addMaps(_ maps: [Int]) async throws(StorageError) { _ = try await send(.addMaps(maps)) }

    func directory() async throws(StorageError) -> [MapPlace] {
        if case .directory(let places) = try await send(.directory(version: 0)) { places } else { [] }
    }

    func setDraining(_ isDraining: Bool, _ name: NodeName) async throws(StorageError) {
        _ = try await send(.setDraining(isDraining, name))
    }

    func leave(_ membership: Membership) async throws(StorageError) { _ = try await send(.leave(membership)) }
}

/// The lines of one process to the other nodes.
final class NodePeers: LeasePeers {
    private let clock: NodeClock
    private let state = Mutex((unanswered: 0, isCut: false))
    /// Finds the process that listens at an address.
    private let find: @Sendable (String) -> ClusterNode?

    init(clock: NodeClock, find: @escaping @Sendable (String) -> ClusterNode?) {
        (self.clock, self.find) = (clock, find)
    }

    /// How many questions wait for their time limit.
    var unanswered: Int { state.withLock { $0.unanswered } }

    var isCut: Bool {
        get { state.withLock { $0.isCut } }
        set { state.withLock { $0.isCut = newValue } }
    }

    func ask(_ question: LeaseQuestion, at address: String, within limit: Duration) async -> LeaseAnswer? {
        if !isCut, let node = find(address) { return node.answer(question) }
        state.withLock { $0.unanswered += 1 }
        try? await clock.sleep(for: limit)
        state.withLock { $0.unanswered -= 1 }
        return nil
    }
}
