import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Players that join and then only read; their connections stay open until ``leave()``.
///
/// They have a thread of their own, so that their snapshots do not delay the players that a benchmark measures.
package final class JoinWave: Sendable {
    /// The result of a wave.
    package struct Outcome: Sendable, Equatable {
        /// Players that received their first snapshot.
        package var joined = 0
        /// Time until the last of them had, in seconds.
        package var seconds = 0.0
        /// The latest obstacle; `nil` when all joined.
        package var problem: String?

        /// Makes an empty outcome.
        package init() {}
    }

    private let options: PlayersBenchmark.Options
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let shards: [LoadShard]
    private let state = Mutex(Outcome())

    /// Prepares a wave.
    ///
    /// - Parameter options: The players; they never send.
    package init(_ options: PlayersBenchmark.Options) {
        self.options = options
        shards = group.makeIterator().map { LoadShard(eventLoop: $0, options: options) }
    }

    /// The outcome so far.
    package var outcome: Outcome { state.withLock { $0 } }

    /// Lets all join, `joinsPerSecond` a second; returns when all are in, or the time is over.
    package func join() async {
        var report = PlayersBenchmark.Report()
        var problem: String?
        let phase = JoinPhase(options: options, group: group, shards: shards, progress: { _ in })
        do { try await phase.run(&report) } catch { problem = "\(error)" }
        state.withLock { [report, problem] in
            ($0.joined, $0.seconds, $0.problem) = (report.joined, report.joinSeconds, problem)
        }
    }

    /// Brings players back whose connections broke: each asks for a token with its session after a random pause of up
    /// to 0.25 s. After each failure the longest pause doubles, up to 4 s.
    ///
    /// Returns when all are back, when `joinSeconds` are over, or when the task is cancelled.
    ///
    /// - Parameter begin: When the server began to start; the outcome's time and `joinSeconds` count from there.
    package func comeBack(since begin: ContinuousClock.Instant) async {
        guard case .sessions(let sessions) = options.entrance else { return }
        let client = SignClient(group: group, host: options.host, port: options.port, password: "")
        let end = begin + .seconds(options.joinSeconds)
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try? await Task.sleep(until: end)
                return false
            }
            for index in 0..<options.players {
                tasks.addTask { [self] in
                    await comeBack(index, session: sessions[options.firstPlayer + index], client, since: begin)
                    return true
                }
            }
            for _ in 0..<options.players where await tasks.next() == false { break }
            tasks.cancelAll()
        }
        state.withLock { if $0.joined == options.players { $0.problem = nil } }
    }

    /// Brings one player back; returns without it when the task is cancelled.
    private func comeBack(
        _ index: Int, session: String, _ client: SignClient, since begin: ContinuousClock.Instant
    ) async {
        let login = options.login(index)
        var longestPause = 0.25
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .seconds(Double.random(in: 0...longestPause)))
                let admission = try await client.renew(session: session, login: login, from: nil) { meet($0) }
                try await shards[index % shards.count].join(
                    PlayerRole(
                        index: index, login: login, admission: admission, isSampled: false, neverReads: false,
                        source: nil))
                return recordReturn(since: begin)
            } catch {
                // A cancelled attempt says nothing about the server.
                if !(error is CancellationError) { meet("\(error)") }
                longestPause = min(longestPause * 2, 4)
            }
        }
    }

    private func meet(_ obstacle: String) { state.withLock { $0.problem = obstacle } }

    private func recordReturn(since begin: ContinuousClock.Instant) {
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        state.withLock {
            $0.joined += 1
            $0.seconds = max($0.seconds, seconds)
        }
    }

    /// Closes all connections.
    package func leave() async {
        for shard in shards { _ = try? await shard.finish() }
        try? await group.shutdownGracefully()
    }
}
