import ArgumentParser
import Bench
import Foundation
import Glibc
import JSONValues
import PostgresStorage
import Storage
import World

/// `perigee bench saves`: what it costs to save players who all change every second.
struct BenchSavesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saves", abstract: "Saves many changed players once a second, and measures what that costs.",
        discussion: """
            It saves into a new database in a file or, with --store, into a PostgreSQL database that is empty or holds the \
            players of an earlier bench. The CPU time of PostgreSQL is measured when it runs on this machine.
            """)

    @Option(help: "Players that change every second (1 to 100000).") var players = 5_000
    @Option(help: "How many saves are measured, one a second (1 to 600).") var seconds = 10
    @Option(help: "The PostgreSQL database, in the place of a file.") var store: String?
    @OptionGroup var shared: BenchArguments

    /// The most microseconds of PostgreSQL's CPU time that the save of an entity may cost.
    private static let mostDatabaseCPU = 15.0

    func validate() throws {
        try checkOption("players", players, 1...100_000)
        try checkOption("seconds", seconds, 1...600)
    }

    func run() async throws {
        let outcome = BenchOutcome(bench: "saves", about: "\(players) changed players saved once a second")
        try await BenchWorkplace.run(outcome, shared) { workplace, outcome in
            if let store {
                let storage = try await BenchStore.emptied(PostgresAddress(store))
                let process = Int32(try await storage.savingProcess())
                let row = try await measure("PostgreSQL", storage, process: process)
                outcome.rows.append(row)
                outcome.targets.append(
                    .init(
                        "µs of the database's CPU an entity", most: Self.mostDatabaseCPU,
                        measured: row.value("database_cpu_us_per_entity")))
                _ = try await storage.importLines([BenchStore.head], file: "the bench", replacing: true)
                await storage.close()
            } else {
                let storage = try SQLiteStorage(path: try workplace.newFolder().path + "/perigee.sqlite")
                outcome.rows.append(try await measure("SQLite", storage, process: nil))
                try storage.close()
            }
        }
    }

    private func measure(
        _ label: String, _ storage: any GameStorage, process: Int32?
    ) async throws -> BenchOutcome.Row {
        var game = ChangingPlayers(players)
        // The first save makes the rows, and the second one the statements' plans and the pages' free space.
        for _ in 0..<2 { try await storage.save(game.next(), removed: [], at: 1) }
        let databaseBefore = process.flatMap { ProcessSample(pid: $0) }
        var (waits, own): ([Double], Double) = ([], 0)
        var due = ContinuousClock.now
        for second in 0..<seconds {
            due += .seconds(1)
            let records = game.next()
            let (start, startCPU) = (ContinuousClock.now, Self.processSeconds())
            try await storage.save(records, removed: [], at: Double(second + 2))
            own += Self.processSeconds() - startCPU
            waits.append(start.duration(to: .now) / .milliseconds(1))
            try await Task.sleep(until: due, clock: .continuous)
        }
        let database = process.flatMap { ProcessSample(pid: $0) }
        let used = database.flatMap { after in databaseBefore.map { after.cpuSeconds - $0.cpuSeconds } }
        let saved = Double(players * seconds)
        waits.sort()
        return BenchOutcome.Row(
            label,
            [
                .init("players", "players", Double(players), digits: 0),
                .init("p50_ms", "p50 of a save, ms", waits[waits.count / 2]),
                .init("max_ms", "longest save, ms", waits[waits.count - 1]),
                .init("own_cpu_us_per_entity", "own CPU µs an entity", own / saved * 1e6),
                .init("database_cpu_us_per_entity", "database's CPU µs an entity", used.map { $0 / saved * 1e6 }),
            ])
    }

    /// The CPU time of this process, in seconds; POSIX defines the unit of `clock` as a microsecond.
    private static func processSeconds() -> Double { Double(clock()) / 1e6 }
}

/// Players of whom each has a bag and pending events, about 550 bytes, and who all change with each step.
private struct ChangingPlayers {
    private let count: Int
    private var step = 0

    init(_ count: Int) { self.count = count }

    mutating func next() -> [EntityRecord] {
        step += 1
        return (1...count).map { number in
            let state = Double((number &* 31 &+ step &* 17) % 1000)
            let time = 1_795_247_251.65 + Double(step)
            return EntityRecord(
                key: EntityKey(.players, number), login: "player\(number)", mapID: number % 10 + 1, prefab: "Player",
                x: state / 10, y: state / 7, side: step % 2 == 0 ? "up" : "down", action: "move",
                created: 1_795_247_251.43,
                components: [
                    "bag": .object(["potions": .number(2), "arrows": .number(Double(number % 40))]),
                    "hp": .number(10 + Double(step % 9)), "max_hp": .number(10), "score": .number(state),
                    "speed": .number(5), "strength": .number(3),
                ],
                events: [
                    "move": EventRecord(
                        action: "to", data: .object(["x": .number(21), "y": .number(26)]),
                        commandID: 1_670_069_589_900 + Double(step), time: time),
                    "regen": EventRecord(action: "index", time: time + 3),
                ])
        }
    }
}
