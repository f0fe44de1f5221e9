import GameFolder

/// A crash of the server, mostly while a script ran: that version of the script does not run again before an operator
/// resumes it.
package struct ScriptCrash: Sendable, Equatable {
    /// Unix time in seconds.
    package var time: Int
    /// The signal's name: `SIGSEGV`.
    package var signal: String
    /// The map that last ticked on the crashed thread; `nil` on a thread that never ran a map.
    package var mapID: Int?
    /// The number of that tick.
    package var tick: Int
    /// The script's file in the game folder; `nil` when none ran.
    package var path: String?
    /// The script's version; `-` when no script ran.
    package var version: String

    /// Reads a line of the journal: time, signal, map, tick, version and path, separated by single spaces. Fails for
    /// anything else, such as a line that is incomplete because the disk was full.
    ///
    /// - Parameter line: The line, without its end.
    package init?(_ line: some StringProtocol) {
        let parts = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, let time = Int(parts[0]), parts[1].hasPrefix("SIG"), let mapID = Int(parts[2]),
            let tick = Int(parts[3]), !parts[4].isEmpty, !parts[5].isEmpty
        else { return nil }
        self.time = time
        signal = String(parts[1])
        self.mapID = mapID < 0 ? nil : mapID
        self.tick = tick
        version = String(parts[4])
        path = parts[5] == "-" ? nil : String(parts[5])
    }

    /// The line of the journal for this crash.
    package var line: String { "\(time) \(signal) \(mapID ?? -1) \(tick) \(version) \(path ?? "-")" }

    /// What happened, for people: `the server died by SIGSEGV while events/go/index.lua ran on map 4, tick 123`.
    package var description: String {
        let place = mapID.map { " on map \($0), tick \(tick)" } ?? ""
        return path.map { "the server died by \(signal) while \($0) ran\(place)" }
            ?? "the server died by \(signal)\(place), and no script ran on its thread"
    }

    /// Whether this version of the script ran when the server crashed.
    func isOf(_ script: GameScript) -> Bool { path == script.path && version == script.version }
}

/// The crashes of earlier processes. Any thread.
package protocol CrashHistory: Sendable {
    /// The crashes whose scripts no operator has resumed.
    var crashes: [ScriptCrash] { get }

    /// Forgets the crashes of a script, because an operator lets it run again.
    ///
    /// - Parameter path: The script's file.
    func forgive(_ path: String)
}

/// The scripts of a VM that do not run because the server crashed while they ran; read from the history when the map
/// is made.
struct CrashedScripts {
    private let history: (any CrashHistory)?
    private var crashes: [ScriptCrash]

    init(_ history: (any CrashHistory)?) {
        self.history = history
        crashes = history?.crashes ?? []
    }

    /// The last crash of exactly this version; a changed file is another version.
    func crash(of script: GameScript) -> ScriptCrash? {
        // Nearly always empty.
        crashes.isEmpty ? nil : crashes.last { $0.isOf(script) }
    }

    /// All of them, oldest first.
    var all: [ScriptCrash] { crashes }

    /// Lets a script run again on this map, and on all maps after the next start of the server.
    ///
    /// - Returns: `false` when there was no crash of the script.
    mutating func forgive(_ path: String) -> Bool {
        guard crashes.contains(where: { $0.path == path }) else { return false }
        crashes.removeAll { $0.path == path }
        history?.forgive(path)
        return true
    }
}
