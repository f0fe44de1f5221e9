import GameFolder
import World

extension MapSimulation {
    /// What each script costs, by path, at this moment.
    package var scriptTimings: [MapDiagnostics.ScriptTiming] {
        let now = surroundings.clock.monotonic()
        let kept = world.failedEventCounts
        return host.scripts.byPath.map { script in
            MapDiagnostics.ScriptTiming(
                script: script.path, version: script.version, current: .init(script.costs),
                lastTenSeconds: .init(script.recent.sum(ofLast: 10, at: now)),
                lastMinute: .init(script.recent.sum(ofLast: 60, at: now)),
                former: script.formerCosts.map { .init($0) }, formerVersion: script.formerCosts?.version,
                errors: script.errorCount, isSuspended: script.isSuspended,
                keptEvents: script.role.count(in: kept))
        }
            + host.failures.suspendedLibs.map { .init(script: $0, isSuspended: true) }
    }

    /// What the map's ticks cost, at this moment.
    package var tickCosts: MapDiagnostics.TickCosts {
        let now = surroundings.clock.monotonic()
        return MapDiagnostics.TickCosts(
            lastTenSeconds: .init(times.recent.sum(ofLast: 10, at: now)),
            lastMinute: .init(times.recent.sum(ofLast: 60, at: now)),
            sinceReload: .init(times.sinceReload), beforeReload: times.beforeReload.map { .init($0) })
    }
}

extension MapDiagnostics.RecentCosts {
    fileprivate init(_ sum: RecentTimes.Sum) {
        self.init(
            count: sum.count,
            meanMs: sum.count == 0 ? 0 : Double(sum.totalNanoseconds) / Double(sum.count) / 1e6,
            maxMs: Double(sum.maxNanoseconds) / 1e6, cpuMs: Double(sum.cpuNanoseconds) / 1e6)
    }
}

extension MapDiagnostics.Costs {
    init(_ costs: ScriptCosts) {
        self.init(costs.timing)
        cpuMs = Double(costs.cpuNanoseconds) / 1e6
        allocatedBytes = costs.allocatedBytes
    }

    init(_ timing: Timing) {
        self.init(
            count: timing.count, meanMs: timing.meanMs, p50Ms: timing.p50Ms, p95Ms: timing.p95Ms, p99Ms: timing.p99Ms,
            p999Ms: timing.p999Ms, maxMs: timing.maxMs)
    }
}

extension GameScript.Role {
    /// The number of an event, of numbers by group and name; 0 for other scripts.
    func count(in counts: [String: [String: Int]]) -> Int {
        guard case .event(let group, let name) = self else { return 0 }
        return counts[group]?[name] ?? 0
    }
}
