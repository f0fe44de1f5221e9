import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Connects all players: each connects immediately after its login, because a token is valid for 60 s only.
struct JoinPhase {
    /// The state that the workers share.
    private final class Shared: Sendable {
        private let state = Mutex((next: 0, joined: 0, stalled: 0, obstacle: ""))

        func next() -> Int {
            state.withLock {
                $0.next += 1
                return $0.next - 1
            }
        }
        func didJoin(neverReads: Bool) -> Int {
            state.withLock {
                if neverReads { $0.stalled += 1 } else { $0.joined += 1 }
                return $0.joined + $0.stalled
            }
        }
        func meets(_ obstacle: String) { state.withLock { $0.obstacle = obstacle } }
        var result: (joined: Int, stalled: Int, obstacle: String) {
            state.withLock { ($0.joined, $0.stalled, $0.obstacle) }
        }
    }

    let options: PlayersBenchmark.Options
    let group: MultiThreadedEventLoopGroup
    let shards: [LoadShard]
    let progress: @Sendable (String) -> Void

    /// Connects all players; the clients that never read connect last.
    ///
    /// Before that it makes one login and then notes the server's memory, so that the memory that the first login
    /// loads does not count as the players' memory.
    ///
    /// - Throws: ``BenchError``; after a cancellation it returns without an error.
    func run(_ report: inout PlayersBenchmark.Report) async throws {
        Self.raiseDescriptorLimit()
        let total = options.players + options.stalled
        let shared = Shared()
        let client = SignClient(group: group, host: options.host, port: options.port, password: options.password)
        progress("logging in at \(options.host):\(options.port)")
        let clock = ContinuousClock()
        let begin = clock.now
        let first = try await seat(shared.next(), client, shared)
        report.server = try await server()
        defer {
            report.joinSeconds = (clock.now - begin) / .seconds(1)
            report.joined = shared.result.joined
            report.stalled = shared.result.stalled
        }
        do {
            try await withThrowingTaskGroup(of: Bool.self) { tasks in
                tasks.addTask {
                    try await Task.sleep(for: .seconds(options.joinSeconds))
                    let result = shared.result
                    throw BenchError.joinTimedOut(
                        joined: result.joined + result.stalled, wanted: total, seconds: options.joinSeconds,
                        obstacle: result.obstacle)
                }
                for worker in 0..<min(options.joinConcurrency, total) {
                    tasks.addTask {
                        if worker == 0 { try await connect(first, shared, total) }
                        while true {
                            let index = shared.next()
                            if index >= total { return true }
                            if options.joinsPerSecond > 0 {
                                try await Task.sleep(
                                    until: begin + .seconds(Double(index) / options.joinsPerSecond), clock: clock)
                            }
                            try await connect(seat(index, client, shared), shared, total)
                        }
                    }
                }
                for _ in 0..<min(options.joinConcurrency, total) { _ = try await tasks.next() }
                tasks.cancelAll()
            }
        } catch is CancellationError {
            // The test was cancelled: the report says how many players had connected.
        }
    }

    /// Raises the soft limit of open files, which is often 1,024, to the hard one: each player needs a file descriptor.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func seat(_ index: Int, _ client: SignClient, _ shared: Shared) async throws -> PlayerRole {
        let login = options.login(index)
        var source: SocketAddress?
        if options.sourceAddresses > 1 {
            source = try SocketAddress(ipAddress: "127.0.0.\(1 + index % options.sourceAddresses)", port: 0)
        }
        let admission: SignClient.Admission
        switch options.entrance {
        case .password: admission = try await client.admit(login: login, from: source) { shared.meets($0) }
        case .sessions(let sessions):
            admission = try await client.renew(
                session: sessions[options.firstPlayer + index], login: login, from: source
            ) { shared.meets($0) }
        case .open: admission = SignClient.Admission(id: index + 1, token: "open", port: options.port)
        }
        return PlayerRole(
            index: index, login: login, admission: admission, isSampled: isSampled(index),
            neverReads: index >= options.players, source: source)
    }

    /// Whether a client is parsed: these are spread evenly over the players, so that early and late ones are included.
    private func isSampled(_ index: Int) -> Bool {
        guard options.sampled > 0, index < options.players else { return false }
        return index * options.sampled / options.players != (index + 1) * options.sampled / options.players
    }

    private func connect(_ seat: PlayerRole, _ shared: Shared, _ total: Int) async throws {
        try await shards[seat.index % shards.count].join(seat)
        let count = shared.didJoin(neverReads: seat.neverReads)
        if count.isMultiple(of: 100) { progress("\(count) of \(total) connected") }
    }

    private func server() async throws -> PlayersBenchmark.Report.Server? {
        guard let pid = options.serverPID ?? ListeningProcess.pid(port: options.port) else { return nil }
        let resident = try await steadyMemory(of: pid)
        return PlayersBenchmark.Report.Server(pid: pid, residentBytesBefore: resident, residentBytes: resident)
    }

    /// The resident memory of a server once it does not fall any more: one that has just started still has what its
    /// start took for a moment, such as the memory of a password's hash. Waits for half a second, and 5 s at most.
    private func steadyMemory(of pid: Int32) async throws -> Int {
        var least = Int.max
        var samples = 0
        var lastFall = 0
        repeat {
            guard let sample = ProcessSample(pid: pid) else {
                throw BenchError.option(
                    name: "server-pid", value: "\(pid)", allowed: "the number of a process that may be read")
            }
            samples += 1
            if sample.residentBytes < least { (least, lastFall) = (sample.residentBytes, samples) }
            try await Task.sleep(for: .milliseconds(50))
        } while samples < lastFall + 10 && samples < 100
        return least
    }
}
