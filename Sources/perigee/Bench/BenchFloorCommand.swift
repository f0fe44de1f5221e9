import ArgumentParser
import Bench
import Foundation

/// `perigee bench floor`: the bare broadcaster that the other benchmarks start for `--floor`.
struct BenchFloorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor", abstract: "Runs the bare broadcaster until its input ends.", shouldDisplay: false)

    private static let defaults = FloorServer.Options()

    @Option var recordBytes = defaults.recordBytes
    @Option var rate = defaults.rateHz
    @Option var players = 0
    @Option var spacing = 4
    @Option var viewDistance = defaults.viewDistance
    @Flag(help: "Broadcasts the battle's moves to Socket.IO clients.") var battle = false

    func validate() throws {
        try checkOption("record-bytes", recordBytes, 1...65_536)
        try checkOption("rate", rate, 1...240)
        try checkOption("players", players, 0...20_000)
        try checkOption("spacing", spacing, 1...1_000)
        try checkOption("view-distance", viewDistance, 0...4_096)
    }

    func run() async throws {
        if battle {
            let floor = try await BattleFloor(rateHz: rate)
            await untilInputEnds(floor.port)
            return try await floor.stop()
        }
        var options = FloorServer.Options()
        options.recordBytes = recordBytes
        options.rateHz = rate
        options.viewDistance = viewDistance
        if players > 0 { options.grid = PlayerGrid(count: players, spacing: spacing) }
        let floor = try await FloorServer(options)
        await untilInputEnds(floor.port)
        try await floor.stop()
    }

    /// Prints the port, and returns when the input ends. The benchmark holds its other end: the input ends even when
    /// the benchmark was killed.
    private func untilInputEnds(_ port: Int) async {
        FileHandle.standardOutput.write(Data("\(port)\n".utf8))
        await withCheckedContinuation { (ended: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread {
                while !FileHandle.standardInput.availableData.isEmpty {}
                ended.resume()
            }
        }
    }
}
