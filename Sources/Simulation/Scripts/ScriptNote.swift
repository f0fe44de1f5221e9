internal import CProcess
import GameFolder

/// The name of a script in a form that a signal's handler can read, noted on a thread while the script runs there: if
/// the process dies of it, the operator learns which script it was.
final class ScriptNote {
    /// What ran before on this thread.
    typealias Before = OpaquePointer?

    /// `nil` when there was no memory: then the script is not named.
    private let note: OpaquePointer?

    init(_ script: GameScript) { note = process_script_new(script.path, script.version) }

    deinit { process_script_free(note) }

    /// Notes that the script begins, perhaps inside another; two stores.
    ///
    /// - Returns: What to give to ``end(_:)``.
    func begin() -> Before { process_begin_script(note) }

    /// Notes that a script has ended.
    static func end(_ before: Before) { process_end_script(before) }

    /// Notes that a map begins a tick on this thread.
    static func beginTick(_ tick: Int, mapID: Int) { process_begin_tick(Int64(mapID), UInt64(max(tick, 0))) }
}
