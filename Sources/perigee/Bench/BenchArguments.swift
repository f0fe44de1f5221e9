import ArgumentParser
import Bench
import Foundation

/// Numbers with commas between them: `250,500,1000` makes a run for each.
struct NumberSeries: ExpressibleByArgument {
    var numbers: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        numbers = parts.compactMap { $0 }
        guard numbers.count == parts.count else { return nil }
    }

    init(_ numbers: Int...) { self.numbers = numbers }

    var defaultValueDescription: String { numbers.map(String.init).joined(separator: ",") }

    /// Checks every number.
    ///
    /// - Throws: `ValidationError`.
    func check(_ name: String, _ range: ClosedRange<Int>) throws {
        for number in numbers { try checkOption(name, number, range) }
    }
}

/// Checks the value of an option.
///
/// - Throws: `ValidationError` that names the option, the value and what is allowed.
func checkOption(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    do { try BenchError.check(name, value, range) } catch { throw ValidationError("\(error)") }
}

/// The options of all benchmarks.
struct BenchArguments: ParsableArguments {
    @Flag(help: "Leaves server and generator on all cores. (Without it, on Linux, each has its own.)")
    var noPin = false
    @Flag(help: "Prints one JSON object.") var json = false
}

extension PlayersBenchmark.Options {
    /// The options of a benchmark whose players don't all see each other, so that no worlds of clients are compared.
    ///
    /// - Parameters:
    ///   - players: How many connect.
    ///   - seconds: The length of the measured window.
    ///   - joinSeconds: The time for all players to connect.
    init(apart players: Int, seconds: Int, joinSeconds: Int) {
        self.init()
        self.players = players
        self.seconds = seconds
        self.joinSeconds = joinSeconds
        joinConcurrency = 32
        sampled = 0
        areAllInView = false
    }

    /// Checks every value.
    ///
    /// - Throws: `ValidationError` that names the first option that is out of range, and what is allowed.
    func checkOnCommandLine() throws {
        do { try validate() } catch { throw ValidationError("\(error)") }
    }
}

/// The option `--plot`.
struct PlotArgument: ParsableArguments {
    @Option(help: "Draws the runs as SVG into this file.") var plot: String?

    /// Draws the runs that are results, if the command line asks for it.
    ///
    /// - Throws: ``WrongArgument`` when the file can't be written.
    func draw(_ rows: [BenchOutcome.Row], as picture: SeriesPlot) throws {
        guard let plot else { return }
        do {
            let drawn = rows.filter { $0.label != "ratio" && $0.isResult }
            try Data(picture.svg(drawn).utf8).write(to: URL(fileURLWithPath: plot))
        } catch {
            throw WrongArgument("can't write --plot \"\(plot)\" (\(error.localizedDescription)); name another file")
                .printed()
        }
    }
}
