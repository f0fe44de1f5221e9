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
    /// Whether its text mentions `event`.
    let readsEvent: Bool
    var timing = Timing()
    /// CPU time of all its calls.
    private(set) var cpuNanoseconds: UInt64 = 0
    /// CPU time of its calls in one tick, and which tick that is.
    private var tickCost = (tick: 0, nanoseconds: UInt64(0))
    /// Bytes that all its calls allocated, including those that were freed again.
    var allocatedBytes: UInt64 = 0
    var errorCount = 0
    /// Failures since it last ran without an error.
    var failuresInARow = 0
    /// Whether it does not run until it is changed or resumed: after too many failures in a row, or after a crash
    /// [`2-lua-api.md` 1].
    var isSuspended: Bool

    /// How many failures in a row suspend a script.
    static let maxFailuresInARow = 100

    init(
        script: GameScript, function: LuaFunction, environment: LuaEnvironment, note: ScriptNote,
        crash: ScriptCrash? = nil
    ) {
        self.script = script
        self.note = note
        self.crash = crash
        isSuspended = crash != nil
        path = script.path
        role = script.role
        version = script.version
        self.function = function
        self.environment = environment
        // A script that builds names at run time (`getfenv`, `_G`) may read anything.
        let isDynamic = Self.mentions("getfenv", in: script.source) || Self.mentions("_G", in: script.source)
        readsData = isDynamic || Self.mentions("data", in: script.source)
        readsEvent = isDynamic || Self.mentions("event", in: script.source)
    }

    /// Counts a call's CPU time.
    func count(cpuNanoseconds taken: UInt64, tick: Int) {
        cpuNanoseconds &+= taken
        if tickCost.tick != tick { tickCost = (tick, 0) }
        tickCost.nanoseconds &+= taken
    }

    /// CPU time of its calls in a tick, in nanoseconds.
    func cost(ofTick tick: Int) -> UInt64 { tickCost.tick == tick ? tickCost.nanoseconds : 0 }

    /// Takes over the costs that the calls of its former version had.
    func takeCosts(of old: CompiledScript) {
        timing = old.timing
        cpuNanoseconds = old.cpuNanoseconds
        allocatedBytes = old.allocatedBytes
    }

    /// Whether a source contains a word, not only as a part of another word.
    private static func mentions(_ word: StaticString, in source: [UInt8]) -> Bool {
        func isWordByte(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
                || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        }
        let length = word.utf8CodeUnitCount
        guard source.count >= length else { return false }
        for start in 0...source.count - length where source[start] == word.utf8Start[0] {
            if start > 0, isWordByte(source[start - 1]) { continue }
            if start + length < source.count, isWordByte(source[start + length]) { continue }
            if (0..<length).allSatisfy({ source[start + $0] == word.utf8Start[$0] }) { return true }
        }
        return false
    }
}
