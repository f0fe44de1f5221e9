/// Why a script did not run, or did not run to its end.
public struct ScriptError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The class of the failure.
    public enum Kind: String, Sendable {
        /// The source does not compile, is too long, or is bytecode.
        case syntax
        /// An error that the script could have caught.
        case runtime
        /// The CPU time of the call was used up.
        case time
        /// The VM's memory limit was hit.
        case memory
        /// The host asked the VM to stop.
        case stopped
    }

    /// The class of the failure.
    public var kind: Kind
    /// What went wrong, with its position as Lua gives it: `events/move/to.lua:12: attempt to …`.
    public var message: String
    /// The script in which it happened, empty if not known.
    public var file: String
    /// The line in `file`, 0 if not known. For `time` the line that ran when the time was over, usually the hot one.
    public var line: Int
    /// `stack traceback:` and one line per level, innermost first.
    public var traceback: String
    /// True when the script's own `error()` raised it, so that the host's error log has it already.
    public var isLogged: Bool

    /// Creates an error.
    public init(
        kind: Kind, message: String, file: String = "", line: Int = 0, traceback: String = "", isLogged: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.file = file
        self.line = line
        self.traceback = traceback
        self.isLogged = isLogged
    }

    /// The message followed by the traceback.
    public var description: String {
        traceback.isEmpty ? message : "\(message)\n\(traceback)"
    }

    /// True for the failures that a script can't catch: time, memory, stopped.
    public var isFatal: Bool {
        switch kind {
        case .time, .memory, .stopped: true
        case .syntax, .runtime: false
        }
    }
}
