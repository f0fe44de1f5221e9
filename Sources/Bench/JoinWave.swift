import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Players that join and then only read; their connections stay open until ``leave()``.
///
/// They have a thread of their own, so that their snapshots do not delay the players that a benchmark measures.
package final class JoinWave: Sendable {
    /// What came of it.
    package struct Outcome: Sendable, Equatable {
        /// Players that received their first snapshot.
        package var joined = 0
        /// Time until the last of them had, in seconds.
        package var seconds = 0.0
        /// The first obstacle; `nil` when all joined.
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

    /// Brings players back whose connections broke: each asks for a token with its session as soon as it notices, and
    /// after a failure waits up to twice as long as before, a random time.
    ///
    /// - Parameter begin: When the server began to start; the outcome's time counts from there.
    package func comeBack(since begin: ContinuousClock.Instant) async {
        guard case .sessions(let accounts) = options.entrance else { return }
        let client = SignClient(group: group, host: options.host, port: options.port, password: "")
        let end = begin + .seconds(options.joinSeconds)
        await withTaskGroup(of: Void.self) { tasks in
            for index in 0..<options.players {
                let session = accounts[options.firstPlayer + index].session
                tasks.addTask { [self] in
                    var wait = 0.25
                    while ContinuousClock.now < end {
                        try? await Task.sleep(for: .seconds(Double.random(in: 0...wait)))
                        do {
                            let login = options.login(index)
                            let admission = try await client.renew(session: session, login: login, from: nil) { _ in }
                            try await shards[index % shards.count].join(
                                PlayerRole(
                                    index: index, login: login, admission: admission, isSampled: false,
                                    neverReads: false, source: nil))
                            return note(begin)
                        } catch {
                            state.withLock { $0.problem = "\(error)" }
                            wait = min(wait * 2, 4)
                        }
                    }
                }
            }
        }
        state.withLock { if $0.joined == options.players { $0.problem = nil } }
    }

    private func note(_ begin: ContinuousClock.Instant) {
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
