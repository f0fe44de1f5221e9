import Synchronization
import Testing

@testable import Cluster

/// A game on several nodes, with a store, lines and a time of the test's own.
final class ClusterGame: Sendable {
    /// A process that runs a node.
    struct Process: Sendable {
        let number: Int
        let node: ClusterNode
        let store: NodeLine
        let peers: NodePeers
        let run: Task<ClusterNodeError?, Never>
    }

    static let step = Duration.milliseconds(25)

    let time = SharedTime()
    let store: SharedStore
    private let maps: [Int]
    private let processes = Mutex<[Process]>([])
    /// Processes whose ``ClusterNode/run()`` has returned.
    private let ended = Mutex<Set<Int>>([])

    init(_ names: [NodeName], maps: Int) {
        self.maps = Array(0..<maps)
        store = SharedStore(names, time: time)
    }

    static func name(_ text: String) -> NodeName {
        guard let name = NodeName(text) else { preconditionFailure("\(text) is a name") }
        return name
    }

    static func description(_ name: NodeName) -> NodeDescription {
        NodeDescription(name: name, publicAddress: "\(name).example.com", internalAddress: "\(name):9090")
    }

    /// Starts nodes one after another, adds the maps when all are there, and waits until each map runs.
    static func start(_ names: [NodeName], maps: Int) async throws -> (game: ClusterGame, processes: [Process]) {
        let game = ClusterGame(names, maps: maps)
        let processes = try names.map { try game.start($0) }
        await game.advance(by: .seconds(1))
        processes[0].node.addMaps(game.maps)
        await game.advance(by: .seconds(1))
        try #require(game.allRun)
        return (game, processes)
    }

    /// Starts a process, which gets the node's address.
    func start(_ name: NodeName, maps: [Int] = []) throws -> Process {
        let number = processes.withLock { $0.count }
        let clock = NodeClock(time: time, node: number)
        let line = NodeLine(name, store: store, clock: clock)
        let peers = NodePeers(clock: clock) { [weak self] address in self?.process(at: address)?.node }
        let node = try ClusterNode(Self.description(name), maps: maps, store: line, peers: peers, clock: clock)
        let run = Task { [weak self] in
            defer { self?.ended.withLock { _ = $0.insert(number) } }
            do throws(ClusterNodeError) { try await node.run() } catch { return ClusterNodeError?.some(error) }
            return nil
        }
        let process = Process(number: number, node: node, store: line, peers: peers, run: run)
        processes.withLock { $0.append(process) }
        return process
    }

    private func process(at address: String) -> Process? {
        alive.last { $0.node.description.internalAddress == address && !time.isFrozen($0.number) }
    }

    private var alive: [Process] {
        let ended = ended.withLock { $0 }
        return processes.withLock { $0.filter { !ended.contains($0.number) } }
    }

    /// Ends a process, as kill -9 does.
    func kill(_ process: Process) async {
        process.run.cancel()
        _ = await process.run.value
    }

    /// Whether a process has ended.
    func hasEnded(_ process: Process) -> Bool { ended.withLock { $0.contains(process.number) } }

    /// Goes on for some time.
    ///
    /// - Parameters:
    ///   - duration: The time.
    ///   - check: Is called after each step.
    func advance(by duration: Duration, check: () -> Void = {}) async {
        let end = time.now + duration
        while time.now < end {
            time.advance(by: Self.step)
            store.executeLate()
            await settle()
            for map in maps { #expect(nodes(running: map).count < 2, "map \(map) at \(time.now)") }
            check()
        }
    }

    /// Waits until each process has done what is due, and waits: with its two loops and its questions.
    func settle() async {
        while alive.contains(where: isBusy) { await Task.yield() }
    }

    private func isBusy(_ process: Process) -> Bool {
        guard !time.isFrozen(process.number) else { return false }
        // No task sleeps or wakes between the two reads of `sleeps`, so the numbers are those of one moment.
        let sleeps = time.sleeps(of: process.number)
        let unanswered = process.peers.unanswered
        let isQuiet =
            process.node.openQuestions == unanswered && time.sleepers(of: process.number) == 2 + unanswered
        return !isQuiet || time.sleeps(of: process.number) != sleeps
    }

    /// The nodes that run a map.
    func nodes(running map: Int) -> [NodeName] {
        alive.filter { !time.isFrozen($0.number) }.map(\.node).filter { node in
            node.leases.contains { $0.mapID == map && node.mayRun($0) }
        }.map(\.description.name)
    }

    /// Whether each map runs.
    var allRun: Bool { maps.allSatisfy { nodes(running: $0).count == 1 } }

    /// Kills all processes, and waits for them.
    func stop() async {
        for process in alive { await kill(process) }
    }
}
