internal import CProcess
import GameFolder

/// The name of a script in a form that a signal handler can read, noted on a thread while the script runs there: if
/// the process crashes meanwhile, the operator learns which script ran.
final class ScriptNote {
    /// The note of the script that ran before on this thread.
    typealias Before = OpaquePointer?

    /// `nil` when there was no memory; then a report of a crash does not name the script.
    private let note: OpaquePointer?

    convenience init(_ script: GameScript) { self.init(path: script.path, version: script.version) }

    init(path: String, version: String) { note = process_script_new(path, version) }

    deinit { process_script_free(note) }

    /// Notes that the script begins, perhaps inside another one; costs two stores to memory.
    ///
    /// - Returns: The argument for ``end(_:)``.
    func begin() -> Before { process_begin_script(note) }

    /// Notes that a script has ended.
    static func end(_ before: Before) { process_end_script(before) }

    /// Notes that a map begins a tick on this thread.
    static func beginTick(_ tick: Int, mapID: Int) { process_begin_tick(Int64(mapID), UInt64(max(tick, 0))) }
}
