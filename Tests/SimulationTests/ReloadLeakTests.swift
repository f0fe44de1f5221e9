import Foundation
import GameFolder
import JSONValues
import LuaSandbox
import NIOCore
import SimulationTestKit
import Testing
import Wire
import World

@testable import Simulation

@Suite("Reloads leak nothing [3-game-folder, hot reload]") struct ReloadLeakTests {
    /// 100,000 with `scripts/test --soak`, which sets this; 1,000 normally, which take seconds in a debug build.
    static let reloads = ProcessInfo.processInfo.environment["PERIGEE_SOAK"] == nil ? 1_000 : 100_000

    struct Counts: Equatable {
        var functions: Int
        var environments: Int
        var entities: Int
        var nodes: Int
        var scripts: Int
        var columns: Int
        var logLines: Int
    }

    static func counts(_ map: TestMap) -> Counts {
        let host = map.simulation.host
        return Counts(
            functions: host.sandbox.liveFunctionCount, environments: host.sandbox.liveEnvironmentCount,
            entities: map.simulation.world.count, nodes: host.nodes.count, scripts: host.scripts.byPath.count,
            columns: map.simulation.world.columns.all.count, logLines: min(map.log.count, MapLog.maxLines))
    }

    /// Bytes of the process in memory, from `/proc/self/statm`.
    static func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    @Test(
        "100,000 reloads (1,000 without --soak) add, change, break and remove every kind of script and leak nothing")
    func leaks() throws {
        let map = try HotReloadTests.map(["components/bag.lua": "--@type json\n--@default {\"slots\":[1]}\n"])
        map.script("object.components.bag.slots[2] = {n = 1} object.events.add('say', 'more')")
        let base = map.simulation.game
        let variants = try [
            [:],
            [
                "components/hp.lua": "--@type string\n--@default \"a\"\nprint(value)",
                "components/mana.lua": "--@type json\n--@default {\"a\":[1,2]}\n",
                "lib/a.lua": "function f() return {} end",
                "events/new/index.lua": "--@public true\nf()", "spawn/players.lua": "x = {f()}",
            ],
            ["events/say/index.lua": "if then", "lib/a.lua": "error('no')", "components/title.lua": nil],
            [
                "events/say/more.lua": "--@param n number = 1\nprint(n)",
                "events/say/timeout.lua": "--@order 4\nreturn 3",
            ],
        ].map { (change: [String: String?]) in
            try map.change(change)
            defer { for path in change.keys { try? map.restore(path, HotReloadTests.files[path]) } }
            return map.simulation.game
        }
        func run(_ count: Int) {
            for index in 0..<count {
                let now = map.now + Double(index) / 16
                for delivery in map.simulation.tick(
                    now: now, inputs: [.replaceGame(variants[index % variants.count], problems: [])])
                { _ = delivery.message.payload.readableBytes }
            }
            _ = map.simulation.tick(now: map.now, inputs: [.replaceGame(base, problems: [])])
            map.simulation.host.sandbox.collectGarbage()
        }
        // The first rounds allocate everything that is allocated once, and fill buffers and logs up to their bounds.
        run(400)
        let (before, memory, resident) = (
            Self.counts(map), map.simulation.host.sandbox.usedBytes, try Self.residentBytes()
        )
        run(Self.reloads)
        #expect(Self.counts(map) == before)
        // A leak of one byte a reload is already found.
        #expect(map.simulation.host.sandbox.usedBytes - memory < 1_000)
        let growth = try Self.residentBytes() - resident
        // With --soak 1 KiB a reload would be 100 MB; other tests run beside this one and have memory of their own.
        #expect(growth < 96 << 20, "\(growth) bytes")
        #expect(HotReloadTests.component("bag", map)?.object?["slots"]?.array?.count == 2)
    }
}

extension TestMap {
    /// Gives a file its former contents back, or removes it when it did not exist.
    fileprivate func restore(_ path: String, _ text: String?) throws {
        if let text {
            try Self.write([path: text], to: directory)
        } else {
            try FileManager.default.removeItem(at: directory.appendingPathComponent(path))
        }
    }
}
