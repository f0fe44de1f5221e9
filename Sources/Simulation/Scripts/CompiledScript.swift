import GameFolder
import LuaSandbox

/// One script of the game as it runs on one map, with the costs of its calls.
final class CompiledScript {
    /// The version that was compiled. A new VM compiles it from here, because the game folder may hold a broken
    /// version.
    let script: GameScript
    let path: String
    let role: GameScript.Role
    let version: String
    let function: LuaFunction
    let environment: LuaEnvironment
    let note: ScriptNote
    /// The crash because of which an empty script was compiled instead, until an operator resumes the script; else
    /// `nil`.
    let crash: ScriptCrash?
    /// Whether its text mentions `data`; otherwise the table is not made.
    let readsData: Bool
    /// Whether its text mentions `args`; otherwise the table is not made.
    let readsArguments: Bool
    /// Whether its text mentions `event`.
    let readsEvent: Bool
    /// Whether it may read `event.data`: its text mentions `data`, or `event` itself, which a lib's function may get.
    let readsEventData: Bool
    /// What it returns, if that is known without calling it.
    let constantTimeout: Double?
    /// What its calls cost.
    private(set) var costs: ScriptCosts
    /// How often it was called since it was compiled, which happens anew when its text or a lib changes.
    private(set) var runs = 0
    /// How long its calls of the last minute took.
    private(set) var recent = RecentTimes()
    /// How these times were spread.
    private(set) var spread = RecentHistogram()
    /// What its calls of the last quarter of an hour took, those of former versions included.
    private(set) var timeline = CostTimeline()
    /// What those of the former version cost, the last one that ran; `nil` before the first change [M7.5].
    private(set) var formerCosts: ScriptCosts?
    /// CPU time and number of its calls in one tick, and which tick that is.
    private var tickCost = (tick: 0, nanoseconds: UInt64(0), runs: 0)
    /// Counts its calls for the metrics; made when it first runs, and passed on to its next version.
    private var metrics: ScriptMetrics?
    private(set) var errorCount = 0
    /// Failures since it last ran without an error.
    private(set) var failuresInARow = 0
    /// The clients for which a script of `sockets/` failed since then; no more than ``clientsToSuspend``.
    private var failedClients: Set<String> = []
    /// Whether it does not run until it is changed or resumed: after too many failures in a row, or after a crash
    /// [`2-lua-api.md` 1].
    var isSuspended: Bool

    /// How many failures in a row suspend a script.
    static let maxFailuresInARow = 100
    /// For how many different clients a script of `sockets/` must have failed before it is suspended: what one client
    /// sends must not end an event for all others.
    static let clientsToSuspend = 3

    init(
        script: GameScript, function: LuaFunction, environment: LuaEnvironment, note: ScriptNote,
        crash: ScriptCrash? = nil, ticksBefore: UInt64 = 0
    ) {
        self.script = script
        self.note = note
        self.crash = crash
        isSuspended = crash != nil
        path = script.path
        role = script.role
        version = script.version
        costs = ScriptCosts(version: script.version, ticksBefore: ticksBefore)
        self.function = function
        self.environment = environment
        constantTimeout = crash == nil ? script.constantTimeout : nil
        // A script that builds names at run time (`getfenv`, `_G`) may read anything.
        let isDynamic = Self.mentions("getfenv", in: script.source) || Self.mentions("_G", in: script.source)
        readsData = isDynamic || Self.mentions("data", in: script.source)
        readsArguments = isDynamic || Self.mentions("args", in: script.source)
        readsEvent = isDynamic || Self.mentions("event", in: script.source)
        readsEventData = readsData || Self.mentions("event", in: script.source) { !Self.isField(after: $0) }
    }

    /// Notes what a call cost that ended when the monotonic clock showed `time`; all times in nanoseconds.
    func record(wall: UInt64, cpu: UInt64, allocated: UInt64, at time: UInt64, tick: Int) {
        runs &+= 1
        costs.record(wall: wall, cpu: cpu, allocated: allocated)
        recent.record(wall, cpu: cpu, at: time)
        spread.record(wall, at: time)
        timeline.record(wall, at: time)
        if tickCost.tick != tick { tickCost = (tick, 0, 0) }
        tickCost.nanoseconds &+= cpu
        tickCost.runs &+= 1
    }

    /// Notes that a call failed.
    ///
    /// - Parameter client: The client for which it ran; `nil` for a script that runs for no client.
    func noteFailure(for client: String?) {
        errorCount += 1
        failuresInARow += 1
        if let client, failedClients.count < Self.clientsToSuspend { failedClients.insert(client) }
    }

    /// Begins to count failures anew, because a call did not fail, or an operator resumes the script.
    func forgiveFailures() {
        guard failuresInARow > 0 else { return }
        failuresInARow = 0
        failedClients.removeAll()
    }

    /// Whether it failed so often in a row that it must be suspended.
    var failsTooOften: Bool {
        guard failuresInARow >= Self.maxFailuresInARow else { return false }
        if case .socket = role { return failedClients.count >= Self.clientsToSuspend }
        return true
    }

    /// Takes over the failures of the same script in a former VM.
    func takeFailures(of old: CompiledScript) {
        (errorCount, failuresInARow, failedClients) = (old.errorCount, old.failuresInARow, old.failedClients)
        isSuspended = old.isSuspended
    }

    /// What counts its calls for the metrics; `map` makes it when the script first runs. `nil` when nobody asks for
    /// metrics.
    func metrics(of map: MapMetrics?) -> ScriptMetrics? {
        if metrics == nil { metrics = map?.script(path) }
        return metrics
    }

    /// Ends its series of the metrics.
    func endMetrics() { metrics = nil }

    /// CPU time of its calls in a tick, in nanoseconds.
    func cost(ofTick tick: Int) -> UInt64 { tickCost.tick == tick ? tickCost.nanoseconds : 0 }

    /// How often it was called in a tick.
    func runs(ofTick tick: Int) -> Int { tickCost.tick == tick ? tickCost.runs : 0 }

    /// Continues the costs of a script that this one replaces: the same text continues its counts, a changed one begins
    /// new ones beside those of the former.
    func takeCosts(of old: CompiledScript) {
        metrics = old.metrics
        timeline = old.timeline
        if old.version == version {
            (costs, formerCosts, recent, spread) = (old.costs, old.formerCosts, old.recent, old.spread)
        } else {
            formerCosts = old.costs.timing.count > 0 ? old.costs.ended(at: costs.ticksBefore) : old.formerCosts
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
            || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Whether a text begins with a dot and a name.
    private static func isField(after text: ArraySlice<UInt8>) -> Bool {
        text.first == UInt8(ascii: ".") && text.dropFirst().first.map(isWordByte) == true
    }

    /// Whether a source contains a word, not only as a part of another word.
    ///
    /// - Parameters:
    ///   - word: The word.
    ///   - source: The source.
    ///   - counts: Whether a place counts, by the text after it.
    /// - Returns: Whether there is a place that counts.
    private static func mentions(
        _ word: StaticString, in source: [UInt8], where counts: (ArraySlice<UInt8>) -> Bool = { _ in true }
    ) -> Bool {
        let length = word.utf8CodeUnitCount
        guard source.count >= length else { return false }
        for start in 0...source.count - length where source[start] == word.utf8Start[0] {
            if start > 0, isWordByte(source[start - 1]) { continue }
            if start + length < source.count, isWordByte(source[start + length]) { continue }
            if (0..<length).allSatisfy({ source[start + $0] == word.utf8Start[$0] }),
                counts(source[(start + length)...])
            {
                return true
            }
        }
        return false
    }
}
