import Foundation
import NIOCore
import NIOPosix
import WebRTC

/// A load test: many players on one map who all move and all see each other.
///
/// ```swift
/// var options = PlayersBenchmark.Options()
/// options.players = 500
/// let report = try await PlayersBenchmark(options).run()
/// print(report.text)
/// ```
package struct PlayersBenchmark: Sendable {
    private static let warmUp = Duration.seconds(2)
    private static let drain = Duration.seconds(1)
    /// The longest wait for acknowledgements after the window; `drain` is the shortest.
    private static let longestDrain = Duration.seconds(6)
    /// Ticks from the latest known tick to the first in which moves count, so that late clients begin at the same one.
    private static let countingMargin = 30

    private let options: Options
    private let progress: @Sendable (String) -> Void
    private let meanwhile: @Sendable () async -> Void

    /// Prepares a test.
    ///
    /// - Parameters:
    ///   - options: The load; ``run()`` checks it.
    ///   - progress: Called with one line about each step, from any thread.
    ///   - meanwhile: Runs beside the load in the measured window; cancelled and awaited at its end.
    package init(
        _ options: Options, progress: @escaping @Sendable (String) -> Void = { _ in },
        meanwhile: @escaping @Sendable () async -> Void = {}
    ) {
        self.options = options
        self.progress = progress
        self.meanwhile = meanwhile
    }

    /// Runs the test: join, warm up for 2 s, measure, wait for the last acknowledgements. Every phase is bounded.
    ///
    /// Cancelling the task ends the test early; the report then has the measurements so far.
    ///
    /// - Returns: The measurements.
    /// - Throws: ``BenchError`` when the options are wrong, the server can't be reached, or does not admit the players.
    package func run() async throws -> Report {
        try options.validate()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads)
        do {
            let report = try await run(on: group)
            try await group.shutdownGracefully()
            return report
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func run(on group: MultiThreadedEventLoopGroup) async throws -> Report {
        var report = Report()
        report.players = options.players
        report.movesPerSecond = options.areMoving ? options.movesPerSecond : 0
        report.areAllInView = options.areAllInView
        report.cores = ProcessInfo.processInfo.activeProcessorCount
        // All clients of WebRTC in a process are on one loop.
        let loops = options.dialect == .lanes ? [RTCClient.eventLoop] : Array(group.makeIterator())
        let shards = loops.map { LoadShard(eventLoop: $0, options: options) }
        let join = JoinPhase(options: options, group: group, shards: shards, progress: progress)
        do {
            try await join.run(&report)
            if !Task.isCancelled { try await measure(shards, &report) }
        } catch let error as BenchError {
            for shard in shards { _ = try await shard.finish() }
            throw error
        } catch is CancellationError {
            // The measurements so far are in the shards.
        }
        report.isInterrupted = Task.isCancelled
        var tally = ShardTally()
        for shard in shards { tally.add(try await shard.finish()) }
        report.add(tally)
        return report
    }

    private func measure(_ shards: [LoadShard], _ report: inout Report) async throws {
        progress("\(report.joined) players connected; warming up")
        for (index, shard) in shards.enumerated() { try await shard.startSending(shardIndex: index, of: shards.count) }
        try await Task.sleep(for: Self.warmUp / 2)
        var tick = -1
        for shard in shards { tick = max(tick, try await shard.latestMirroredTick()) }
        for shard in shards { try await shard.countMoves(afterTick: tick + Self.countingMargin) }
        try await Task.sleep(for: Self.warmUp / 2)

        progress("measuring for \(options.seconds) s")
        for shard in shards { try await shard.beginWindow() }
        let resources = ResourceWindow(serverPID: report.server?.pid)
        let companion = Task { await meanwhile() }
        // Cancellation ends this sleep, and so the window, early; the code below reads the samples without sleeping.
        await window(beside: companion)
        await companion.value
        for shard in shards { try await shard.endWindow() }
        report.add(resources.end(), threads: options.threads)

        progress("waiting for the last acknowledgements")
        let clock = ContinuousClock()
        let end = clock.now + Self.longestDrain
        try await Task.sleep(for: Self.drain)
        while clock.now < end {
            var outstanding = 0
            for shard in shards { outstanding += try await shard.outstanding() }
            if outstanding == 0 { break }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Returns when the measured window is over, and cancels what runs beside it.
    private func window(beside companion: Task<Void, Never>) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [options] in try? await Task.sleep(for: .seconds(options.seconds)) }
            if options.endsWithCompanion { group.addTask { await companion.value } }
            await group.next()
            group.cancelAll()
            companion.cancel()
        }
    }
}

extension PlayersBenchmark.Report {
    /// Adds what the window cost.
    mutating func add(_ use: ResourceWindow.Use, threads: Int) {
        seconds = use.seconds
        if let cpuSeconds = use.serverCPUSeconds {
            server?.cpuSeconds = cpuSeconds
            server?.residentBytes = use.serverResidentBytes
            server?.proportionalBytes = use.serverProportionalBytes
        } else if server != nil {
            server = nil
            incidents["the server's process can no longer be read", default: 0] += 1
        }
        generatorCPUSeconds = use.generatorCPUSeconds
        generatorBusyShare = use.generatorCPUSeconds / use.seconds / Double(threads)
        machineBusyShare = use.machineBusyShare
        loadAverage = use.loadAverage
    }

    /// Adds the measurements of the clients to the report.
    mutating func add(_ tally: ShardTally) {
        roundTrip = tally.roundTrip.summary
        serverWait = tally.serverWait.summary
        roundTripWithoutWait = tally.roundTripWithoutWait.summary
        gap = tally.gap.summary
        sendLateness = tally.sendLateness.summary
        age = tally.age.summary
        (datagrams, movedTicks, heldTicks) = (tally.datagrams, tally.movedTicks, tally.heldTicks)
        commandsSent = tally.commandsSent
        commandsAcknowledged = tally.commandsAcknowledged
        commandsUnanswered = tally.commandsUnanswered
        commandsSkipped = tally.commandsSkipped
        refusals = tally.refusals
        deltas = tally.deltas
        changes = tally.changes
        bytes = tally.bytes
        resynchronisations = tally.resynchronisations
        disconnects = tally.disconnects
        stalledClosed = tally.stalledClosed
        incidents.merge(tally.incidents, uniquingKeysWith: +)
        if tally.tickSpanSeconds > 0 { tickRateHz = Double(tally.tickSpan) / tally.tickSpanSeconds }
        if seconds > 0, let least = tally.deltasPerClient.min(), let most = tally.deltasPerClient.max() {
            let mean = Double(tally.deltasPerClient.reduce(0, +)) / Double(tally.deltasPerClient.count)
            deltasPerSecond = (Double(least) / seconds, mean / seconds, Double(most) / seconds)
        }
        guard areAllInView else { return }
        moves = PlayersBenchmark.MoveCheck(
            comparing: tally.mirrors, executed: tally.executedCommands, coordinates: tally.coordinatesPerClient)
        if tally.sampledScannedChanges > 0 {
            parsedShare = Double(tally.sampledParsedChanges) / Double(tally.sampledScannedChanges)
        }
        if tally.sampledAcknowledgements > 0 {
            ownMoveShare = Double(tally.sampledOwnMoves) / Double(tally.sampledAcknowledgements)
        }
    }
}
