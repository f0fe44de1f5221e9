import World

extension MapSimulation {
    /// What the map's scripts cost, at this moment; `status` is what the caller knows of the map.
    package func performance(_ status: MapStatus) -> MapPerformance {
        let now = surroundings.clock.monotonic()
        let ticks = times.all.totalNanoseconds
        let tenSeconds = times.recent.sum(ofLast: 10, at: now)
        let minute = times.recent.sum(ofLast: 60, at: now)
        return MapPerformance(
            status: status, ticks: tickCosts,
            scripts: host.scripts.byPath.map { script in
                let former = script.formerCosts
                return MapPerformance.Script(
                    script: script.path, version: script.version,
                    lastTenSeconds: .init(
                        script.recent.sum(ofLast: 10, at: now), script.spread.percentiles(of: .tenSeconds, at: now),
                        of: tenSeconds),
                    lastMinute: .init(
                        script.recent.sum(ofLast: 60, at: now), script.spread.percentiles(of: .minute, at: now),
                        of: minute),
                    current: .init(script.costs), share: script.costs.share(ofTicksUntil: ticks),
                    former: former.map { .init($0) }, formerShare: former?.share(ofTicksUntil: ticks),
                    formerVersion: former?.version, errors: script.errorCount, isSuspended: script.isSuspended)
            })
    }

    /// What they cost over the last quarter of an hour.
    package var costHistory: CostHistory {
        let clock = surroundings.clock
        let (monotonic, unix) = (clock.monotonic(), max(clock.now(), now))
        let length = Double(CostTimeline.length) / 1e9
        let sinceSlot = Double(monotonic % CostTimeline.length) / 1e9
        let count = CostTimeline.slots
        let times = (0..<count).map { unix - sinceSlot - Double(count - 1 - $0) * length }
        let series = host.scripts.byPath.compactMap { script -> (total: UInt64, series: CostHistory.Series)? in
            let slots = script.timeline.all(at: monotonic)
            guard slots.contains(where: { $0.count > 0 }) else { return nil }
            // The current stretch is not over: its time so far counts, at least a second.
            let ms = slots.enumerated().map { index, slot in
                Double(slot.totalNanoseconds) / 1e6 / (index == count - 1 ? max(sinceSlot, 1) : length)
            }
            let total = slots.reduce(0) { $0 &+ $1.totalNanoseconds }
            let counts = slots.map { Int($0.count) }
            return (total, CostHistory.Series(script: script.path, msPerSecond: ms, counts: counts))
        }
        return CostHistory(
            times: times, seconds: length, scripts: series.sorted { $0.total > $1.total }.map(\.series),
            reloads: reloads.all.filter { $0.time >= times[0] })
    }
}

extension MapPerformance.Window {
    fileprivate init(_ sum: RecentTimes.Sum, _ spread: RecentHistogram.Percentiles, of ticks: RecentTimes.Sum) {
        self.init()
        guard sum.count > 0 else { return }
        count = sum.count
        meanMs = Double(sum.totalNanoseconds) / Double(sum.count) / 1e6
        maxMs = Double(sum.maxNanoseconds) / 1e6
        // The middle of the bucket may be above the longest duration.
        p50Ms = min(Double(spread.p50) / 1e6, maxMs)
        p95Ms = min(Double(spread.p95) / 1e6, maxMs)
        p99Ms = min(Double(spread.p99) / 1e6, maxMs)
        cpuMs = Double(sum.cpuNanoseconds) / 1e6
        if ticks.totalNanoseconds > 0 {
            share = min(Double(sum.totalNanoseconds) / Double(ticks.totalNanoseconds), 1)
        }
    }
}

/// The latest changes of the game on a map, bounded.
struct RecentReloads {
    private static let most = 50
    private static let mostFiles = 5
    /// Oldest first.
    private(set) var all: [CostHistory.Reload] = []

    /// Notes a change.
    mutating func note(_ files: [String], at time: Double) {
        var lines = Array(files.prefix(Self.mostFiles))
        if files.count > Self.mostFiles { lines.append("… and \(files.count - Self.mostFiles) more") }
        all.append(.init(time: time, files: lines))
        if all.count > Self.most { all.removeFirst() }
    }
}
