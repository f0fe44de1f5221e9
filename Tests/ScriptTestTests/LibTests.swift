import Foundation
import LuaSandbox
import Simulation
import Testing

@testable import ScriptTest

@Suite("A game's libs in its tests") struct LibTests {
    @Test("a lib that fails on the map does not run again for a test")
    func failedLib() throws {
        let game = try ScratchGame([
            "lib/broken.lua": "print('tried')\nerror('no')",
            "tests/a.lua": "test('a', function() expect(double(1)).is(2) end)",
        ])
        let results = try game.run()
        #expect(results.map(\.text) == [""])
        #expect(results.map(\.printed) == [[]])
    }

    @Test("a lib that fails in a test's VM alone fails the test, each time, and leaves nothing behind")
    func libOfTheMapAlone() throws {
        let game = try ScratchGame([
            "lib/broken.lua": "if world then error('only on maps') end", "tests/a.lua": "test('a', function() end)",
        ])
        #expect(try game.run().map(\.text) == ["lib/broken.lua:1: only on maps"])
        let tests = try game.tests()
        let file = try TestFile(path: "tests/a.lua", in: game.directory.path)
        let vm = try TestVM(
            file, game: tests.game, options: .init(clock: SimulationClock(now: { 0 }, monotonic: { 0 })))
        let before = vm.sandbox.liveEnvironmentCount
        for _ in 1...2 {
            #expect(throws: (any Error).self) { try vm.run("a") }
            #expect(vm.sandbox.liveEnvironmentCount == before)
        }
    }
}
