import GameFolder
import GameRules

/// What ran in one tick, for the line that the log gets when the tick took too long.
struct TickWork {
    /// Inputs that came since the tick before, and those that waited.
    var inputs = 0
    /// Due events that had their turn.
    var events = 0
    /// Messages to clients.
    var messages = 0
    /// How long the tick took.
    var wallNanoseconds: UInt64 = 0
    /// How much of that its thread ran.
    var cpuNanoseconds: UInt64 = 0
}

/// Decides which of the ticks that took too long are logged: the first, and the first after a good while, because one
/// line for each tick would fill the log of a map that is overloaded.
struct OverrunLog {
    /// How long no tick may have taken too long before another one is logged, in seconds.
    static let pause = 10.0

    /// How many ticks took too long.
    private(set) var count: UInt64 = 0
    /// When the last tick took too long, Unix time in seconds.
    private var last = -Double.infinity

    /// Notes a tick that took too long.
    ///
    /// - Parameter now: The tick's time, Unix time in seconds.
    /// - Returns: Whether to log it.
    mutating func admits(at now: Double) -> Bool {
        defer { last = now }
        count += 1
        return now - last >= Self.pause || now < last
    }
}

extension MapSimulation {
    /// How many scripts the line names.
    private static let maxScripts = 3

    /// Logs what ran in the last tick if it took longer than a tick interval; see ``OverrunLog``.
    ///
    /// Call it between ticks: how long a tick takes differs from run to run, so a recording must not have the line.
    package func logOverrun() {
        let interval = 1e9 / Double(game.configuration.tickRate)
        guard Double(work.wallNanoseconds) > interval, overruns.admits(at: now) else { return }
        let scripts = host.scripts.mostExpensive(ofTick: tickNumber, count: Self.maxScripts)
        let most = scripts.map { "\($0.path) \(Self.milliseconds($0.nanoseconds))" }.joined(separator: ", ")
        log.line(
            """
            the tick took \(Self.milliseconds(work.wallNanoseconds)) of its \(Self.milliseconds(UInt64(interval))) \
            (\(Self.milliseconds(work.cpuNanoseconds)) of CPU time): \(work.inputs) inputs, \(work.events) events, \
            \(work.messages) messages; most CPU time: \(most.isEmpty ? "no script" : most). The next such line comes \
            when no tick has been too long for \(Int(OverrunLog.pause)) s
            """, time: now, tick: tickNumber)
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> String {
        let tenths = (nanoseconds + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}
