import World

extension MapSimulation.Surroundings {
    /// The same surroundings, with what a map learns from them written down.
    ///
    /// - Parameter recorder: The recorder of that one map.
    /// - Returns: What to make the map with.
    package func recorded(by recorder: MapRecorder) -> Self {
        let outside = RecordedSurroundings(base: self, recorder: recorder)
        var recorded = self
        recorded.ids = outside
        recorded.persistence = outside
        recorded.router = outside
        recorded.logSink = outside
        let clock = clock
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
        recorded.recorder = recorder
        return recorded
    }
}

/// Passes on what a map asks, and notes the answers.
private struct RecordedSurroundings: EntityIDSource, EntityPersistence, MapRouter, MapLogSink {
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

    func hand(_ record: EntityRecord, to mapID: Int, from origin: Int?) -> Bool {
        let isTaken = base.router?.hand(record, to: mapID, from: origin) ?? false
        recorder.handed(isTaken)
        return isTaken
    }

    func hang(_ event: RemoteEvent, on mapID: Int) -> Bool {
        let isTaken = base.router?.hang(event, on: mapID) ?? false
        recorder.handed(isTaken)
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

    func show(_ strip: BorderStrip, to mapID: Int) { base.router?.show(strip, to: mapID) }

    func append(_ lines: [String], mapID: Int, isError: Bool) {
        base.logSink?.append(lines, mapID: mapID, isError: isError)
        recorder.logged(lines, isError: isError)
    }
}
