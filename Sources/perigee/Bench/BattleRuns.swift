import ArgumentParser
import Bench
import Foundation

/// The runs of the battle: a series of numbers of players, or the search for the most.
struct BattleRuns {
    /// The title of the rows' table.
    static let group = "battle: an event of its own for each move"

    /// What a client of the battle can be connected to.
    enum Server: String {
        case perigee = "Perigee"
        case floor
        case python = "python-socketio"
    }

    /// How many times the players of python-socketio Perigee should have.
    private static let leastPlayers = 5.0
    /// A number of players counts as too large when it was so this often: a moment's disturbance must not decide.
    private static let attempts = 2

    let workplace: BenchWorkplace
    let command: BenchSocketIOCommand

    /// Measures each number of players.
    func series(_ outcome: inout BenchOutcome) async throws {
        for count in command.players.numbers {
            let report = try await measure(.perigee, count)
            add(report.row(Server.perigee.rawValue), to: &outcome)
            outcome.addProblems(report.problems.map { "battle with \(count) players: \($0)" })
            let worst = report.own.count > 0 ? max(report.own.p99, report.others.p99) : nil
            outcome.targets.append(
                .init("p99 ms of the battle with \(count) players", most: Double(command.limitMs), measured: worst))
            if command.floor { try await addFloor(count, to: &outcome) }
        }
    }

    /// Finds the most players of Perigee and of python-socketio.
    func search(_ outcome: inout BenchOutcome) async throws {
        let python = try await largest(.python, &outcome)
        if python.isGeneratorLimit {
            outcome.problems.append(
                "the generator was full before python-socketio was: it may have more than \(python.players) players")
        }
        let perigee = try await largest(.perigee, &outcome)
        if command.floor, perigee.players > 0 { try await addFloor(perigee.players, to: &outcome) }
        if perigee.isGeneratorLimit {
            outcome.remarks.append(
                "the generator was full before Perigee was: it may have more than \(perigee.players) players")
        }
        for (label, found) in [("Perigee, most", perigee), ("python-socketio, most", python)] {
            add(
                .init(
                    label,
                    [
                        .init("players", "players", Double(found.players), digits: 0),
                        .init("generator_limited", "generator full", found.isGeneratorLimit ? 1 : 0, digits: 0),
                    ]), to: &outcome)
        }
        let ratio = python.players > 0 ? Double(perigee.players) / Double(python.players) : nil
        outcome.targets.append(
            .init("players of Perigee over those of python-socketio", least: Self.leastPlayers, measured: ratio))
    }

    private func largest(
        _ server: Server, _ outcome: inout BenchOutcome
    ) async throws -> (players: Int, isGeneratorLimit: Bool) {
        var search = LargestSearch(
            from: command.players.numbers[0], most: command.most, precisionPercent: command.precision)
        var isGeneratorLimit = false
        while let count = search.next {
            var isHeld = false
            for _ in 0..<Self.attempts where !isHeld {
                let report = try await measure(server, count)
                isHeld = report.holds(within: Double(command.limitMs))
                var row = report.row(server.rawValue)
                row.figures.insert(.init("held", "held", isHeld ? 1 : 0, digits: 0), at: 1)
                add(row, to: &outcome)
                // The smallest number that was not held decides, and that is the last one.
                if !isHeld { isGeneratorLimit = report.isGeneratorFull }
                BenchWorkplace.progress(
                    isHeld ? "held" : "not held" + (report.problems.first.map { ": \($0)" } ?? ""))
            }
            search.record(isHeld: isHeld)
        }
        if search.held == 0 { outcome.problems.append("\(server.rawValue): not even 1 player was held") }
        if search.isAtMost {
            outcome.remarks.append("\(server.rawValue) held all of the \(search.held) players that --most allows")
        }
        return (search.held, isGeneratorLimit)
    }

    private func addFloor(_ count: Int, to outcome: inout BenchOutcome) async throws {
        let report = try await measure(.floor, count)
        let measured = outcome.rows.last { $0.label == Server.perigee.rawValue && $0.value("players") == Double(count) }
        add(report.row(Server.floor.rawValue), to: &outcome)
        outcome.addProblems(report.problems.map { "floor of the battle with \(count) players: \($0)" })
        if let measured, let floor = outcome.rows.last { outcome.rows.append(measured.ratio(to: floor)) }
    }

    private func add(_ row: BenchOutcome.Row, to outcome: inout BenchOutcome) {
        var row = row
        row.group = Self.group
        outcome.rows.append(row)
    }

    /// Starts a server, measures it and ends it.
    private func measure(_ server: Server, _ count: Int) async throws -> BattleBenchmark.Report {
        BenchWorkplace.progress("battle on \(server.rawValue) with \(count) players")
        let process = try await start(server)
        defer { process.stop() }
        var options = BattleBenchmark.Options()
        options.players = count
        options.movesPerSecond = command.movesPerSecond
        options.seconds = command.seconds
        options.joinSeconds = command.joinSeconds
        options.port = process.port
        options.serverPID = process.pid
        return try await BattleBenchmark(options, progress: BenchWorkplace.progress).run()
    }

    private func start(_ server: Server) async throws -> ServerProcess {
        switch server {
        case .perigee: return try await workplace.serve(try game(), accounts: 0).process
        case .floor:
            return try await ServerProcess.battleFloor(
                rateHz: Self.floorRateHz, folder: workplace.folder, affinity: workplace.affinity)
        case .python:
            return try await ServerProcess.opponent(
                server.rawValue, program: URL(fileURLWithPath: command.python),
                script: URL(fileURLWithPath: "Benchmarks/socketio/battle_server.py"), folder: workplace.folder,
                affinity: workplace.affinity)
        }
    }

    /// The rate of the ticks in `games/battle`.
    private static let floorRateHz = 60

    /// A copy of the game without its limits for sessions and connections; all other limits stay.
    private func game() throws -> URL {
        guard FileManager.default.fileExists(atPath: command.game + "/game.yaml") else {
            throw WrongArgument("--game is \"\(command.game)\", where no game.yaml is; name the folder of the battle")
                .printed()
        }
        let copy = try workplace.copy(command.game)
        let file = copy.appendingPathComponent("game.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(BenchGame.configuration(text, with: BenchGame.openDoors).utf8).write(to: file)
        return copy
    }
}
