import JSONValues
package import World

extension MapSimulation {
    /// Puts the stored entities on the map, then those of the map file that are not among them.
    ///
    /// - Parameters:
    ///   - records: The stored entities of this map that are not players.
    ///   - now: Unix time in seconds.
    package func populate(_ records: [EntityRecord], now: Double) {
        self.now = max(now, self.now)
        surroundings.watcher?.begin(.populate(records), now: self.now)
        defer { surroundings.watcher?.end([], world, now: self.now) }
        host.begin(tick: tickNumber, now: self.now)
        var stored: Set<Int> = []
        for record in records {
            if let spawnID = record.spawnID { stored.insert(spawnID) }
            enter(record, placement: record.spawnID == nil ? .nearest : .exact)
        }
        for spawn in world.geometry.spawns where spawn.kind != .players && !stored.contains(spawn.id) {
            enter(record(of: spawn), placement: .exact, isNew: true)
        }
    }

    /// What the map file declares, as a record; a property that fits nothing is named in the log.
    private func record(of spawn: MapGeometry.SpawnPoint) -> EntityRecord {
        var record = EntityRecord(
            key: EntityKey(spawn.kind, surroundings.ids.nextID(spawn.kind)), mapID: world.geometry.id, x: spawn.x,
            y: spawn.y, created: now.rounded(.down), spawnID: spawn.id)
        for (name, value) in spawn.properties.members {
            do {
                if world.columns.components[name] != nil {
                    record.components[name] = value
                } else {
                    try record.apply([name: value])
                }
            } catch {
                let message = (error as? ScriptFault)?.message ?? "\(error)"
                log.line(
                    "map object \(spawn.id) (\(spawn.name)): property '\(name)': \(message)", time: now,
                    tick: tickNumber)
            }
        }
        return record
    }

    /// What each script cost so far, by path.
    package var scriptTimings: [MapDiagnostics.ScriptTiming] {
        host.scripts.byPath.map {
            .init(
                script: $0.path, count: $0.timing.count, meanMs: $0.timing.meanMs, p50Ms: $0.timing.p50Ms,
                p95Ms: $0.timing.p95Ms, p99Ms: $0.timing.p99Ms, maxMs: $0.timing.maxMs,
                cpuMs: Double($0.cpuNanoseconds) / 1e6, allocatedBytes: $0.allocatedBytes, errors: $0.errorCount,
                isSuspended: $0.isSuspended)
        }
            + host.failures.suspendedLibs.map {
                .init(script: $0, count: 0, meanMs: 0, p95Ms: 0, maxMs: 0, isSuspended: true)
            }
    }
}
