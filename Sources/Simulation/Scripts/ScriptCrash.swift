import GameFolder

/// A crash of the server while a script ran: that version of it is not run again before an operator resumes it.
package struct ScriptCrash: Sendable, Equatable {
    /// Unix time in seconds.
    package var time: Int
    /// The signal's name: `SIGSEGV`.
    package var signal: String
    /// The map; `nil` outside ticks.
    package var mapID: Int?
    /// The number of the tick.
    package var tick: Int
    /// The script's file in the game folder; `nil` when none ran.
    package var path: String?
    /// The version of it that ran.
    package var version: String

    /// Reads a line of the journal: time, signal, map, tick, version and path, parted by single spaces. Fails for
    /// anything else, such as a line that the disk had no room for.
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

    /// The line of the journal that says this.
    package var line: String { "\(time) \(signal) \(mapID ?? -1) \(tick) \(version) \(path ?? "-")" }

    /// What happened, for people: `the server died by SIGSEGV while events/go/index.lua ran on map 4, tick 123`.
    package var description: String {
        let place = mapID.map { " on map \($0), tick \(tick)" } ?? ""
        return path.map { "the server died by \(signal) while \($0) ran\(place)" }
            ?? "the server died by \(signal)\(place), and no script ran on its thread"
    }

    /// Whether it was this version of a script.
    func isOf(_ script: GameScript) -> Bool { path == script.path && version == script.version }
}

/// The crashes of earlier processes. Any thread.
package protocol CrashHistory: Sendable {
    /// Those whose scripts nobody has resumed.
    var crashes: [ScriptCrash] { get }

    /// Forgets the crashes of a script, because an operator lets it run again.
    ///
    /// - Parameter path: The script's file.
    func forgive(_ path: String)
}

/// The scripts of a VM that are not run because the server died while they ran; maps begin with what the history says.
struct CrashedScripts {
    private let history: (any CrashHistory)?
    private var crashes: [ScriptCrash]

    init(_ history: (any CrashHistory)?) {
        self.history = history
        crashes = history?.crashes ?? []
    }

    /// The last crash of this very version; a changed file is another one.
    func crash(of script: GameScript) -> ScriptCrash? {
        // Nearly always empty.
        crashes.isEmpty ? nil : crashes.last { $0.isOf(script) }
    }

    /// All of them, oldest first.
    var all: [ScriptCrash] { crashes }

    /// Lets a script run again here, and everywhere after the next start.
    ///
    /// - Returns: `false` when nothing had died of it.
    mutating func forgive(_ path: String) -> Bool {
        guard crashes.contains(where: { $0.path == path }) else { return false }
        crashes.removeAll { $0.path == path }
        history?.forgive(path)
        return true
    }
}
