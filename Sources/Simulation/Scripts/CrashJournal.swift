import CProcess
package import GameFolder
import Glibc
import Synchronization

/// The scripts during which the server crashed: the file `crashes` in the data folder, to which a crashing process
/// appends a line.
///
/// Bounded by the scripts of the game: at the start, the last line of each current script version is kept and all other
/// lines are removed. Any thread.
package final class CrashJournal: CrashHistory {
    /// The most bytes of the file that are read.
    private static let maxBytes = 1 << 20

    private let descriptor: Int32
    private let state: Mutex<[ScriptCrash]>
    /// The crashes since the last start and the suspended scripts, as texts for people.
    package let news: [String]

    /// Opens the journal, creates it at the first start, and removes the crashes of scripts that are changed or gone.
    ///
    /// - Parameters:
    ///   - directory: The data folder.
    ///   - game: The game.
    /// - Throws: `PlainFile.Failure` naming the file.
    package init(directory: String, game: GameDefinition) throws(PlainFile.Failure) {
        descriptor = try PlainFile.open(directory + "/crashes", O_RDWR | O_APPEND | O_CREAT)
        var bytes = [UInt8](repeating: 0, count: Self.maxBytes)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let all = String(decoding: bytes[..<max(count, 0)], as: UTF8.self).split(separator: "\n").compactMap {
            ScriptCrash($0)
        }
        let versions = Dictionary(game.scripts.map { ($0.path, $0.version) }, uniquingKeysWith: { $1 })
        var last: [String: ScriptCrash] = [:]
        for crash in all { if let path = crash.path { last[path] = crash } }
        let kept = last.values.filter { $0.path.flatMap { versions[$0] } == $0.version }.sorted { $0.time < $1.time }
        state = Mutex(kept)
        news =
            all.filter { crash in !kept.contains(crash) }.map(\.description)
            + kept.map { "\($0.description); that script is not run until it is changed or resumed in the panel" }
        if kept != all { rewrite(kept) }
    }

    deinit { close(descriptor) }

    /// The crashes of scripts that were neither changed nor resumed.
    package var crashes: [ScriptCrash] { state.withLock { $0 } }

    /// Forgets the crashes of a script, also in the file.
    ///
    /// - Parameter path: The script's file.
    package func forgive(_ path: String) {
        state.withLock { crashes in
            guard crashes.contains(where: { $0.path == path }) else { return }
            crashes.removeAll { $0.path == path }
            rewrite(crashes)
        }
    }

    /// Makes a crash of this process be written to the journal and to the map's error log, from now on.
    ///
    /// - Parameter logDirectory: The folder of the maps' error logs.
    package func begin(logDirectory: String) {
        // With `SWIFT_BACKTRACE` set, Swift's own handler runs afterwards; its backtrace takes seconds.
        _ = process_report_crashes(descriptor, logDirectory, getenv("SWIFT_BACKTRACE") != nil)
    }

    /// Rewrites the file in place, because a crashing process writes through the same descriptor.
    private func rewrite(_ crashes: [ScriptCrash]) {
        guard ftruncate(descriptor, 0) == 0 else { return }
        let text = Array(crashes.map { $0.line + "\n" }.joined().utf8)
        // Crashes that can't be written don't suspend scripts at the next start; this can't be reported here.
        _ = write(descriptor, text, text.count)
    }
}
