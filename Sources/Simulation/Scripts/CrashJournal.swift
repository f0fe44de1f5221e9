import CProcess
package import GameFolder
import Glibc
import Synchronization

/// The scripts that the server died of: the file `crashes` in the data folder, to which a dying process appends a line.
///
/// Bounded by the scripts of the game: one line each, and the others go at the start. Any thread.
package final class CrashJournal: CrashHistory {
    /// The most bytes of the file that are read.
    private static let maxBytes = 1 << 20

    private let descriptor: Int32
    private let state: Mutex<[ScriptCrash]>
    /// What happened since the last start, and what is suspended, for people.
    package let news: [String]

    /// Opens the journal, making it at the first start, and forgets the crashes of scripts that are changed or gone.
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

    /// Those whose scripts were neither changed nor resumed.
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

    /// From now on a crash of this process is written down, also to the maps' error logs.
    ///
    /// - Parameter logDirectory: Where those are.
    package func begin(logDirectory: String) {
        // Somebody who sets the variable wants to see what Swift shows, which takes seconds.
        _ = process_report_crashes(descriptor, logDirectory, getenv("SWIFT_BACKTRACE") != nil)
    }

    /// In place: the dying process writes through the same descriptor.
    private func rewrite(_ crashes: [ScriptCrash]) {
        guard ftruncate(descriptor, 0) == 0 else { return }
        let text = Array(crashes.map { $0.line + "\n" }.joined().utf8)
        // What can't be written suspends nothing at the next start; there is nobody to tell.
        _ = write(descriptor, text, text.count)
    }
}
