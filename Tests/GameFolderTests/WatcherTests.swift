import Foundation
import GameFolder
import Synchronization
import Testing

/// Counts a watcher's calls; a test waits for the next one, at most ten seconds.
final class Calls: Sendable {
    private let arrived = DispatchSemaphore(value: 0)
    private let total = Mutex(0)

    func add() {
        total.withLock { $0 += 1 }
        arrived.signal()
    }

    /// Waits for the next call and returns whether it came; a call that came before this wait counts too.
    func next() -> Bool { arrived.wait(timeout: .now() + 10) == .success }

    /// Makes ``next()`` wait for a call that comes later.
    func forgetArrived() {
        while arrived.wait(timeout: .now()) == .success {}
    }

    var count: Int { total.withLock { $0 } }
}

@Suite("Watching a game folder") struct WatcherTests {
    private func watch(
        _ folder: ScratchFolder, _ calls: Calls, quiet: Duration = .milliseconds(50), longest: Duration = .seconds(1)
    ) throws -> GameFolderWatcher {
        try GameFolderWatcher(directory: folder.path, quietPeriod: quiet, longestBurst: longest) { calls.add() }
    }

    @Test("calls back when a file is written, made, moved or removed")
    func changes() throws {
        let folder = try ScratchFolder(goodGame)
        let calls = Calls()
        let watcher = try watch(folder, calls)
        defer { watcher.stop() }
        try folder.write("events/move/to.lua", "object.x = 1")
        #expect(calls.next())
        try folder.write("events/move/up.lua", "object.y = 1")
        #expect(calls.next())
        try folder.move("events/move/up.lua", to: "events/move/down.lua")
        #expect(calls.next())
        try folder.remove("events/move/down.lua")
        #expect(calls.next())
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/lib/linked.lua", withDestinationPath: "walk.lua")
        #expect(calls.next())
    }

    @Test("an editor's save by renaming is one call")
    func atomicSave() throws {
        let folder = try ScratchFolder(goodGame)
        let calls = Calls()
        let watcher = try watch(folder, calls, quiet: .seconds(1), longest: .seconds(60))
        defer { watcher.stop() }
        // As vim saves: a probe, the old file as a backup, a new file, the backup removed.
        try folder.write("events/move/4913", "")
        try folder.remove("events/move/4913")
        try folder.move("events/move/to.lua", to: "events/move/to.lua~")
        try folder.write("events/move/to.lua", "object.x = 1")
        try folder.remove("events/move/to.lua~")
        #expect(calls.next())
        // As other editors save: a temporary file is moved over the old one.
        try folder.write("events/move/.to.lua.new", "object.x = 2")
        _ = rename("\(folder.path)/events/move/.to.lua.new", "\(folder.path)/events/move/to.lua")
        #expect(calls.next())
        watcher.stop()
        #expect(calls.count == 2)
    }

    @Test("a burst of changes in many files and new folders is one call, and new folders are watched too")
    func burst() throws {
        let folder = try ScratchFolder(goodGame)
        let calls = Calls()
        let watcher = try watch(folder, calls, quiet: .seconds(1), longest: .seconds(60))
        defer { watcher.stop() }
        for group in 0..<20 {
            for event in 0..<10 { try folder.write("events/g\(group)/e\(event).lua", "x = \(event)") }
        }
        #expect(calls.next())
        try folder.write("events/g19/e9.lua", "x = 99")
        #expect(calls.next())
        watcher.stop()
        #expect(calls.count == 2)
    }

    @Test("changes of client/, music/, hidden files and backups cause no call")
    func ignored() throws {
        let folder = try ScratchFolder(goodGame)
        try folder.write("client/index.html", "")
        let calls = Calls()
        let watcher = try watch(folder, calls, quiet: .milliseconds(1))
        defer { watcher.stop() }
        try folder.write("client/index.html", "new")
        try folder.write("music/a.ogg", "new")
        try folder.write("lib/.walk.lua.swp", "new")
        try folder.write("lib/walk.lua~", "new")
        try folder.write(".git/index", "new")
        // The events of one inotify instance come in order: a call for an ignored file would come before this call.
        try folder.write("lib/walk.lua", "new")
        #expect(calls.next())
        watcher.stop()
        #expect(calls.count == 1)
    }

    @Test("the folder itself may be removed and made again, also moved away and replaced")
    func recreated() throws {
        let outer = try ScratchFolder(["lua/game.yaml": "name: A"])
        let calls = Calls()
        let watcher = try GameFolderWatcher(directory: "\(outer.path)/lua/", quietPeriod: .milliseconds(20)) {
            calls.add()
        }
        defer { watcher.stop() }
        try outer.remove("lua")
        #expect(calls.next())
        calls.forgetArrived()
        try outer.write("lua/components/hp.lua", "--@type number")
        #expect(calls.next())
        calls.forgetArrived()
        try outer.write("lua/components/hp.lua", "--@type string")
        #expect(calls.next())
        try outer.write("next/game.yaml", "name: B")
        try outer.move("lua", to: "old")
        try outer.move("next", to: "lua")
        #expect(calls.next())
        calls.forgetArrived()
        try outer.write("lua/game.yaml", "name: C")
        #expect(calls.next())
    }

    @Test("changes without a pause still cause a call")
    func longBurst() throws {
        let folder = try ScratchFolder(goodGame)
        let calls = Calls()
        let watcher = try watch(folder, calls, quiet: .seconds(3600), longest: .milliseconds(100))
        defer { watcher.stop() }
        try folder.write("lib/walk.lua", "x = 1")
        #expect(calls.next())
    }

    @Test("no call comes after stop, which may be called twice")
    func stop() throws {
        let folder = try ScratchFolder(goodGame)
        let calls = Calls()
        let watcher = try watch(folder, calls, quiet: .milliseconds(1))
        watcher.stop()
        watcher.stop()
        try folder.write("lib/walk.lua", "new")
        let second = Calls()
        let other = try watch(folder, second, quiet: .milliseconds(1))
        try folder.write("lib/walk.lua", "newer")
        #expect(second.next())
        other.stop()
        #expect(calls.count == 0)
    }

    @Test("a folder that is not there can't be watched, and the error says what to do")
    func missing() throws {
        let folder = try ScratchFolder()
        let error = #expect(throws: GameFolderError.self) {
            _ = try GameFolderWatcher(directory: "\(folder.path)/lua") {}
        }
        #expect(error?.description.contains("--game DIR") == true)
    }
}
