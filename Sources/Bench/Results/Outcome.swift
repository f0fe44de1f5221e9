import Foundation
package import JSONValues

/// The results of one benchmark: a table with a row for each run, targets, and what went wrong.
package struct BenchOutcome: Sendable, Equatable {
    /// One figure of a run.
    package struct Figure: Sendable, Equatable {
        /// The name in JSON, which ends in the unit.
        package var key: String
        /// The column's title, with the unit.
        package var title: String
        /// The value; `nil` when it could not be measured.
        package var value: Double?
        /// Digits after the point in the table; JSON has them all.
        package var digits: Int

        /// Makes a figure.
        ///
        /// - Parameters:
        ///   - key: The name in JSON.
        ///   - title: The column's title.
        ///   - value: The value; one that is not finite counts as not measured.
        ///   - digits: Digits after the point in the table.
        package init(_ key: String, _ title: String, _ value: Double?, digits: Int = 1) {
            (self.key, self.title, self.digits) = (key, title, digits)
            self.value = value.flatMap { $0.isFinite ? $0 : nil }
        }

        /// The value as the table shows it.
        var text: String { value.map { String(format: "%.\(digits)f", $0) } ?? "-" }
    }

    /// One run.
    package struct Row: Sendable, Equatable {
        /// What was run: `Perigee`, `floor`, `two maps`.
        package var label: String
        /// Its figures.
        package var figures: [Figure]
        /// The title of the table in which it stands; empty when there is only one.
        package var group = ""
        /// Whether the load was reached; else the figures are no result.
        package var isResult = true
        /// Everything else that was measured, for JSON only.
        package var report: JSON?

        /// Makes a row.
        ///
        /// - Parameters:
        ///   - label: What was run.
        ///   - figures: Its figures.
        package init(_ label: String, _ figures: [Figure]) { (self.label, self.figures) = (label, figures) }

        /// The value of a figure.
        ///
        /// - Parameter key: Its name in JSON.
        /// - Returns: The value; `nil` when there is no such figure, or it could not be measured.
        package func value(_ key: String) -> Double? { figures.first { $0.key == key }?.value }

        /// This row divided by another one, figure by figure, as far as a ratio says something.
        ///
        /// - Parameter floor: The row of the bare broadcaster.
        /// - Returns: The row `ratio`, with the same keys.
        package func ratio(to floor: Row) -> Row {
            var ratio = Row(
                "ratio",
                figures.filter { Self.comparable.contains($0.key) }.map { figure in
                    let base = floor.value(figure.key).flatMap { $0 > 0 ? $0 : nil }
                    let ratio = figure.value.flatMap { value in base.map { value / $0 } }
                    return Figure(figure.key, figure.title, ratio, digits: 2)
                })
            ratio.group = group
            return ratio
        }

        private static let comparable: Set<String> = [
            "server_cpu_percent", "server_cpu_us_per_player_second", "server_cpu_us_per_change", "p50_ms", "p99_ms",
            "kib_per_connection", "bytes_per_change", "server_cpu_us_per_message", "server_cpu_us_per_delivery",
            "others_p50_ms", "others_p99_ms", "bytes_per_event", "round_trips_per_second",
            "round_trips_per_core_second", "server_cpu_us_per_round_trip", "server_cpu_us_per_datagram",
        ]
    }

    /// A value that a release should reach.
    package struct Target: Sendable, Equatable {
        /// What is compared, with the unit.
        package var name: String
        /// The most that is allowed; `nil` when a least is.
        package var most: Double?
        /// The least that is allowed; `nil` when a most is.
        package var least: Double?
        /// What was measured; `nil` counts as missed.
        package var measured: Double?

        /// Makes a target.
        ///
        /// - Parameters:
        ///   - name: What is compared.
        ///   - most: The most that is allowed.
        ///   - measured: What was measured.
        package init(_ name: String, most: Double, measured: Double?) {
            (self.name, self.most, self.measured) = (name, most, measured)
        }

        /// Makes a target that is reached by a large value.
        ///
        /// - Parameters:
        ///   - name: What is compared.
        ///   - least: The least that is allowed.
        ///   - measured: What was measured.
        package init(_ name: String, least: Double, measured: Double?) {
            (self.name, self.least, self.measured) = (name, least, measured)
        }

        /// Whether the target is reached.
        package var isReached: Bool {
            guard let measured else { return false }
            return measured <= most ?? .infinity && measured >= least ?? -.infinity
        }

        /// What is allowed, as a text.
        fileprivate var allowed: String {
            most.map { "at most \(short($0))" } ?? least.map { "at least \(short($0))" } ?? ""
        }

        fileprivate var json: JSON {
            var object: JSONObject = ["name": .string(name)]
            object["most"] = most.map { .number($0) }
            object["least"] = least.map { .number($0) }
            object["measured"] = measured.map { .number($0) } ?? .null
            object["reached"] = .bool(isReached)
            return .object(object)
        }
    }

    /// The subcommand.
    package var bench: String
    /// What was measured, in one line.
    package var about: String
    /// The runs.
    package var rows: [Row] = []
    /// The targets of these runs.
    package var targets: [Target] = []
    /// Why the figures are no result; empty for a good run.
    package var problems: [String] = []
    /// What else must be known to read the figures.
    package var remarks: [String] = []
    /// Whether server and generator had cores of their own.
    package var isPinned = false

    /// Makes an outcome without runs.
    ///
    /// - Parameters:
    ///   - bench: The subcommand.
    ///   - about: What is measured, in one line.
    package init(bench: String, about: String) { (self.bench, self.about) = (bench, about) }

    /// Adds why the last run is no result.
    ///
    /// - Parameter found: The reasons; with none, the run stays a result.
    package mutating func addProblems(_ found: [String]) {
        guard !found.isEmpty else { return }
        problems += found
        if !rows.isEmpty { rows[rows.count - 1].isResult = false }
    }

    /// The remarks, and what may have distorted the figures, though the load was reached.
    package var notes: [String] {
        let most = rows.compactMap { $0.value("cores_busy_with_others") }.max() ?? 0
        guard most > Self.disturbingCores else { return remarks }
        let cores = String(format: "%.1f", most)
        return remarks + [
            "other processes kept up to \(cores) cores busy: times are not to be trusted, CPU time is less exact"
        ]
    }

    /// The cores of the machine.
    static let cores = ProcessInfo.processInfo.processorCount

    /// Other processes that keep more cores busy than this take time from the server or the generator.
    package static let disturbingCores = 0.25

    /// The outcome for people; the table is Markdown, so that it can be put on a page.
    package var text: String {
        var lines = [about, Self.machine(isPinned), ""]
        lines += tables
        if !targets.isEmpty { lines.append("") }
        for target in targets {
            let measured = target.measured.map { short($0) } ?? "not measured"
            lines.append(
                "target \(target.isReached ? "reached" : "MISSED"): \(target.name) \(measured), \(target.allowed)")
        }
        for problem in problems { lines.append("problem: \(problem)") }
        for note in notes { lines.append("note: \(note)") }
        return lines.joined(separator: "\n")
    }

    /// The outcome as JSON; every name ends in its unit.
    package var json: JSON {
        .object([
            "bench": .string(bench), "about": .string(about),
            "machine": .object([
                "cores": .number(Double(Self.cores)), "pinned": .bool(isPinned),
            ]),
            "runs": .array(
                rows.map { row in
                    var object: JSONObject = ["label": .string(row.label), "result": .bool(row.isResult)]
                    for figure in row.figures { object[figure.key] = figure.value.map { .number($0) } ?? .null }
                    if let report = row.report { object["report"] = report }
                    return .object(object)
                }),
            "targets": .array(targets.map(\.json)),
            "problems": .array(problems.map { .string($0) }), "notes": .array(notes.map { .string($0) }),
        ])
    }

    /// A table for each group of rows, in the order of appearance.
    private var tables: [String] {
        var groups: [String] = []
        for row in rows where !groups.contains(row.group) { groups.append(row.group) }
        return groups.enumerated().flatMap { index, group in
            (index > 0 ? [""] : []) + (group.isEmpty ? [] : [group, ""])
                + Self.table(rows.filter { $0.group == group })
        }
    }

    private static func table(_ rows: [Row]) -> [String] {
        // Rows of different kinds have different figures: the columns are all of them, in the order of appearance.
        var columns: [Figure] = []
        for figure in rows.flatMap(\.figures) where !columns.contains(where: { $0.key == figure.key }) {
            columns.append(figure)
        }
        var cells = [["run"] + columns.map(\.title)]
        for row in rows {
            cells.append(
                [row.label + (row.isResult ? "" : " (no result)")]
                    + columns.map { column in row.figures.first { $0.key == column.key }?.text ?? "" })
        }
        let widths = (0...columns.count).map { column in cells.map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = cells.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = widths.enumerated().map { column, width in
            column == 0 ? String(repeating: "-", count: width) : String(repeating: "-", count: max(width - 1, 1)) + ":"
        }
        return [line(cells[0]), line(rule)] + cells.dropFirst().map(line)
    }

    private static func machine(_ isPinned: Bool) -> String {
        "\(cores) cores, server and generator \(isPinned ? "on cores of their own" : "on all of them")"
    }
}

private func short(_ value: Double) -> String { String(format: "%.2f", value) }
