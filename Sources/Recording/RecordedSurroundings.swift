package import Simulation
import World

extension RecordingFile {
    /// Wraps the surroundings of a map, so that its inputs and the answers that it gets from outside are recorded.
    ///
    /// - Parameters:
    ///   - surroundings: What the map is connected to.
    ///   - mapID: The map.
    /// - Returns: The wrapped surroundings; make only one map with them.
    package func recorded(_ surroundings: MapSimulation.Surroundings, mapID: Int) -> MapSimulation.Surroundings {
        let recorder = MapRecorder(mapID: mapID, file: self)
        let outside = RecordedSurroundings(base: surroundings, recorder: recorder)
        var recorded = surroundings
        recorded.ids = outside
        recorded.persistence = outside
        recorded.router = outside
        recorded.logSink = outside
        recorded.crashes = outside
        let clock = surroundings.clock
        recorded.clock.elapsed = { start in
            let nanoseconds = clock.elapsed(start)
            recorder.elapsed(nanoseconds)
            return nanoseconds
        }
        recorded.clock.scriptCPU = {
            let nanoseconds = clock.scriptCPU()
            recorder.cpu(nanoseconds)
            return nanoseconds
        }
        recorded.watcher = recorder
        return recorded
    }
}

/// Passes a map's calls on to its surroundings, and records the answers.
private struct RecordedSurroundings: EntityIDSource, EntityPersistence, MapRouter, MapLogSink, CrashHistory {
    let base: MapSimulation.Surroundings
    let recorder: MapRecorder

    func nextID(_ kind: EntityKind) -> Int {
        let id = base.ids.nextID(kind)
        recorder.gave(EntityKey(kind, id))
        return id
    }

    func save(_ records: [EntityRecord], removed: [EntityKey]) { base.persistence?.save(records, removed: removed) }

    func latest(_ key: EntityKey) -> EntityRecord? {
        let record = base.persistence?.latest(key)
        recorder.latest(record)
        return record
    }

    func transfer(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        let isTaken = base.router?.transfer(record, to: mapID, from: origin) ?? false
        recorder.accepted(isTaken)
        return isTaken
    }

    func queue(_ event: RemoteEvent, on mapID: Int) -> Bool {
        let isTaken = base.router?.queue(event, on: mapID) ?? false
        recorder.accepted(isTaken)
        return isTaken
    }

    func room(forEventsFrom origin: Int, on mapID: Int) -> InputShare {
        let room = base.router?.room(forEventsFrom: origin, on: mapID) ?? .unlimited
        recorder.room(room)
        return room
    }

    func watch(_ mapID: Int, from neighbour: Int, isNew: Bool) {
        base.router?.watch(mapID, from: neighbour, isNew: isNew)
    }

    func sendBorder(_ strip: BorderStrip, to mapID: Int) { base.router?.sendBorder(strip, to: mapID) }

    func append(_ lines: [String], mapID: Int, isError: Bool) {
        base.logSink?.append(lines, mapID: mapID, isError: isError)
        recorder.logged(lines, isError: isError)
    }

    func note(_ entry: MapLog.Entry, mapID: Int) { base.logSink?.note(entry, mapID: mapID) }

    /// A map reads this once, when it is made.
    var crashes: [ScriptCrash] {
        let crashes = base.crashes?.crashes ?? []
        recorder.begin(with: crashes)
        return crashes
    }

    func forgive(_ path: String) { base.crashes?.forgive(path) }
}
