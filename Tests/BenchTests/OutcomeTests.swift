import Foundation
import JSONValues
import Testing

@testable import Bench

@Suite("Outcome of a benchmark") struct OutcomeTests {
    static func outcome() -> BenchOutcome {
        var outcome = BenchOutcome(bench: "view", about: "players in rows")
        outcome.rows = [
            .init("Perigee", [.init("players", "players", 1_000, digits: 0), .init("p99_ms", "p99 ms", 41.26)]),
            .init("floor", [.init("players", "players", 1_000, digits: 0), .init("p99_ms", "p99 ms", nil)]),
        ]
        outcome.targets = [.init("p99 ms", most: 40, measured: 41.26), .init("KiB each", most: 8, measured: 7)]
        return outcome
    }

    @Test("is a table of Markdown with a column for each figure")
    func table() {
        let lines = Self.outcome().text.split(separator: "\n").map(String.init)
        #expect(lines.contains("| run     | players | p99 ms |"))
        #expect(lines.contains("| Perigee |    1000 |   41.3 |"))
        #expect(lines.contains("| floor   |    1000 |      - |"))
    }

    @Test("prints a missed target as missed, and one that was not measured too")
    func targets() {
        var outcome = Self.outcome()
        outcome.targets.append(.init("seconds", most: 10, measured: nil))
        #expect(outcome.text.contains("target MISSED: p99 ms 41.26, at most 40.00"))
        #expect(outcome.text.contains("target reached: KiB each 7.00, at most 8.00"))
        #expect(outcome.text.contains("target MISSED: seconds not measured, at most 10.00"))
    }

    @Test("a target may be a least, which a large value reaches", arguments: [(4.9, false), (5.0, true), (7.0, true)])
    func leastTargets(measured: Double, isReached: Bool) {
        let target = BenchOutcome.Target("players", least: 5, measured: measured)
        #expect(target.isReached == isReached)
        var outcome = Self.outcome()
        outcome.targets = [target]
        #expect(outcome.text.contains("at least 5.00"))
        let object = outcome.json.object?["targets"]?.array?.first?.object
        #expect(object?["least"]?.number == 5 && object?["most"] == nil)
    }

    @Test("rows of several groups stand in tables of their own, each with its columns")
    func groups() {
        var outcome = Self.outcome()
        outcome.rows[0].group = "one"
        outcome.rows[1].group = "other"
        outcome.rows[1].figures.removeLast()
        let text = outcome.text
        #expect(text.contains("one\n\n| run     | players | p99 ms |\n"))
        #expect(text.contains("\n\nother\n\n| run   | players |\n"))
        #expect(outcome.rows[0].ratio(to: outcome.rows[1]).group == "one")
    }

    @Test("remarks stand beside the notes")
    func remarks() {
        var outcome = Self.outcome()
        outcome.remarks = ["the generator was full"]
        #expect(outcome.notes == ["the generator was full"])
        outcome.rows[0].figures.append(.init("cores_busy_with_others", "others' cores", 1))
        #expect(outcome.notes.count == 2)
    }

    @Test("is one JSON object with every run, target and problem")
    func json() throws {
        var outcome = Self.outcome()
        outcome.problems = ["only 3 of 1000 players were connected"]
        let object = try #require(try JSON(parsing: outcome.json.text).object)
        #expect(object["bench"]?.string == "view")
        let runs = try #require(object["runs"]?.array)
        #expect(runs.count == 2)
        #expect(runs[0].object?["p99_ms"]?.number == 41.26)
        #expect(runs[1].object?["p99_ms"] == .null)
        #expect(object["targets"]?.array?.first?.object?["reached"] == .bool(false))
        #expect(object["problems"]?.array?.count == 1)
        #expect(object["machine"]?.object?["pinned"] == .bool(false))
    }

    @Test("notes that other processes were busy, which is no problem of the load", arguments: [(0.1, 0), (1.3, 1)])
    func notes(cores: Double, count: Int) {
        var outcome = Self.outcome()
        outcome.rows[0].figures.append(.init("cores_busy_with_others", "others' cores", cores))
        #expect(outcome.notes.count == count)
        #expect(outcome.text.contains("note: other processes kept up to 1.3 cores busy") == (count == 1))
        #expect(outcome.json.object?["notes"]?.array?.count == count)
        #expect(outcome.problems.isEmpty)
    }

    @Test("a run that did not reach its load is marked, and only that one")
    func noResult() {
        var outcome = Self.outcome()
        outcome.addProblems([])
        #expect(outcome.rows.map(\.isResult) == [true, true])
        outcome.addProblems(["3 connections were lost"])
        #expect(outcome.rows.map(\.isResult) == [true, false])
        #expect(outcome.text.contains("| floor (no result) |"))
        #expect(outcome.problems == ["3 connections were lost"])
    }

    @Test("a figure that is not finite counts as not measured")
    func notFinite() {
        #expect(BenchOutcome.Figure("a", "a", .nan).value == nil)
        #expect(BenchOutcome.Figure("a", "a", .infinity).text == "-")
    }

    @Test("a ratio divides what can be compared, and nothing by zero")
    func ratio() {
        let own = BenchOutcome.Row(
            "Perigee", [.init("players", "n", 10), .init("p99_ms", "p99", 60), .init("p50_ms", "p50", 30)])
        let floor = BenchOutcome.Row(
            "floor", [.init("players", "n", 10), .init("p99_ms", "p99", 40), .init("p50_ms", "p50", 0)])
        let ratio = own.ratio(to: floor)
        #expect(ratio.label == "ratio")
        #expect(ratio.value("p99_ms") == 1.5)
        #expect(ratio.value("p50_ms") == nil)
        #expect(!ratio.figures.contains { $0.key == "players" })
    }
}

@Suite("Plot of a series") struct SeriesPlotTests {
    @Test("names its axes with units and draws a line for each label")
    func svg() {
        let plot = SeriesPlot(
            title: "a < b", across: .init("players", "players"), panels: [.init("p99_ms", "p99, ms")])
        let rows = [("Perigee", 500.0, 30.0), ("Perigee", 1_000, 45), ("floor", 500, 20), ("floor", 1_000, 25)].map {
            BenchOutcome.Row($0.0, [.init("players", "players", $0.1), .init("p99_ms", "p99 ms", $0.2)])
        }
        let svg = plot.svg(rows)
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(svg.hasSuffix("</svg>\n"))
        #expect(svg.contains(">p99, ms</text>"))
        #expect(svg.contains(">players</text>"))
        #expect(svg.contains("a &lt; b"))
        #expect(svg.components(separatedBy: "<polyline").count == 3)
        #expect(svg.components(separatedBy: "<circle").count == 5)
        #expect(!svg.contains("nan") && !svg.contains("<script"))
    }

    @Test("is a picture without a line when there is nothing to draw")
    func empty() {
        let plot = SeriesPlot(title: "t", across: .init("players", "players"), panels: [.init("p99_ms", "ms")])
        let svg = plot.svg([.init("Perigee", [.init("players", "players", 3), .init("p99_ms", "ms", nil)])])
        #expect(!svg.contains("<polyline") && !svg.contains("nan"))
    }

    @Test(
        "marks are 1, 2 or 5 times a power of ten, at most six, and reach the largest value",
        arguments: [(1.0, 0.2, 1.0), (7, 2, 8), (48, 10, 50), (1_500, 500, 1_500), (0.23, 0.05, 0.25), (0, 1, 1)])
    func scale(most: Double, step: Double, end: Double) {
        let scale = SeriesPlot.scale(most)
        #expect(abs(scale.step - step) < 1e-9)
        #expect(abs(scale.end - end) < 1e-9)
    }
}
