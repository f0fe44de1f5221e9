import Gateway
import Simulation
import Synchronization

/// The histories of all maps of the game. Any thread may read them; one caller at a time takes samples.
///
/// A sample reads what the maps publish, so it asks nothing of their threads. A map that does not run has no samples in
/// that time, and keeps those that it has.
final class MapHistories: Sendable {
    /// What the last look at a map saw.
    private struct Look {
        var now: Double
        var status: MapStatus
        var sent, received: UInt64

        init(_ map: any MapHandle, at now: Double) {
            self.now = now
            status = map.status
            sent = map.traffic?.sent ?? status.sentBytes
            received = map.traffic?.received ?? status.receivedBytes
        }
    }

    private struct Entry {
        var history = MapHistory()
        var last: Look?
    }

    private let entries = Mutex<[Int: Entry]>([:])

    /// Takes a sample of each map that runs, and forgets maps that the game no longer has.
    ///
    /// - Parameters:
    ///   - maps: The maps.
    ///   - now: Unix time in seconds.
    func sample(_ maps: any RunningMaps, at now: Double) {
        let looks = maps.handles.filter(\.isReady).map { Look($0, at: now) }
        let known = Set(looks.map(\.status.mapID)).union(maps.closedReasons.keys).union(maps.handles.map(\.mapID))
        entries.withLock { entries in
            entries = entries.filter { known.contains($0.key) }
            for mapID in entries.keys where !looks.contains(where: { $0.status.mapID == mapID }) {
                entries[mapID]?.last = nil
            }
            for look in looks {
                var entry = entries.removeValue(forKey: look.status.mapID) ?? Entry()
                if let last = entry.last, let sample = Self.sample(look, since: last) { entry.history.note(sample) }
                entry.last = look
                entries[look.status.mapID] = entry
            }
        }
    }

    /// What a map did between two looks; `nil` when it was made anew between them.
    private static func sample(_ look: Look, since last: Look) -> MapHistory.Sample? {
        let (status, before) = (look.status, last.status)
        guard look.now > last.now, status.tick >= before.tick, look.sent >= last.sent,
            look.received >= last.received
        else { return nil }
        let seconds = look.now - last.now
        // A map that sleeps keeps the figures of its last ticks.
        let hasTicked = status.tick > before.tick
        return MapHistory.Sample(
            time: look.now, fps: Float(Double(status.tick - before.tick) / tickingSeconds(look, since: last)),
            tickMs: hasTicked ? Float(status.tickNowMeanMs) : 0, tickP95Ms: hasTicked ? Float(status.tickNowP95Ms) : 0,
            players: Int32(clamping: status.players), entities: Int32(clamping: status.entities),
            luaBytes: status.luaBytes, sentPerSecond: Float(Double(look.sent - last.sent) / seconds),
            receivedPerSecond: Float(Double(look.received - last.received) / seconds))
    }

    /// The time in which the ticks between two looks were made. A status may be a quarter of a second old, so it is the
    /// time between both statuses; a map that slept did not renew its status, and has the time between the looks.
    private static func tickingSeconds(_ look: Look, since last: Look) -> Double {
        let looks = look.now - last.now
        let statuses = look.status.time - last.status.time
        // Looks that follow quickly see the same status, or two statuses with nearly no time between them.
        return statuses > 1 && abs(statuses - looks) < 1 ? statuses : looks
    }

    /// The samples of a map, oldest first.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - time: Only samples later than this, Unix time in seconds.
    ///   - now: Unix time in seconds.
    /// - Returns: The samples.
    func samples(of mapID: Int, since time: Double, at now: Double) -> [MapHistory.Sample] {
        entries.withLock { $0[mapID]?.history.samples(since: time, at: now) ?? [] }
    }

    /// The latest sample of a map.
    func latest(of mapID: Int) -> MapHistory.Sample? { entries.withLock { $0[mapID]?.history.latest } }
}
