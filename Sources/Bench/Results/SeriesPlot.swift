import Foundation

/// Draws a series of runs as SVG: one panel for each figure, one line for each label, axes with their units.
package struct SeriesPlot: Sendable {
    /// One panel.
    package struct Panel: Sendable, Equatable {
        /// The figure's name in JSON.
        package var key: String
        /// The label of its axis, with the unit.
        package var label: String

        /// Makes a panel.
        ///
        /// - Parameters:
        ///   - key: The figure's name in JSON.
        ///   - label: The label of its axis.
        package init(_ key: String, _ label: String) { (self.key, self.label) = (key, label) }
    }

    /// The title.
    package var title: String
    /// The figure on the horizontal axis.
    package var across: Panel
    /// The figures above it.
    package var panels: [Panel]

    private static let (width, panelHeight, left, right, gap) = (640.0, 200.0, 80.0, 20.0, 56.0)
    private static let colours = ["#1f6fb4", "#c0504d", "#4f8f3a", "#8064a2", "#b07a1e"]

    /// Prepares a plot.
    ///
    /// - Parameters:
    ///   - title: The title.
    ///   - across: The figure on the horizontal axis.
    ///   - panels: The figures above it.
    package init(title: String, across: Panel, panels: [Panel]) {
        (self.title, self.across, self.panels) = (title, across, panels)
    }

    /// Draws rows.
    ///
    /// - Parameter rows: The runs; those with the same label are one line.
    /// - Returns: The text of an SVG file, which needs no scripts and no fonts of its own.
    package func svg(_ rows: [BenchOutcome.Row]) -> String {
        let height = 70 + Double(panels.count) * (Self.panelHeight + Self.gap)
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.text(Self.width)) \(Self.text(height))\" "
                + "width=\"\(Self.text(Self.width))\" height=\"\(Self.text(height))\" "
                + "font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            Self.word(title, Self.left, 22, size: 15),
        ]
        var labels: [String] = []
        for row in rows where !labels.contains(row.label) { labels.append(row.label) }
        for (index, label) in labels.enumerated() {
            let x = Self.left + Double(index) * 120
            lines.append(
                "<rect x=\"\(Self.text(x))\" y=\"34\" width=\"12\" height=\"12\" fill=\"\(Self.colour(index))\"/>")
            lines.append(Self.word(label, x + 18, 44))
        }
        for (index, panel) in panels.enumerated() {
            lines += draw(panel, rows, labels, top: 64 + Double(index) * (Self.panelHeight + Self.gap))
        }
        lines.append("</svg>\n")
        return lines.joined(separator: "\n")
    }

    private func draw(_ panel: Panel, _ rows: [BenchOutcome.Row], _ labels: [String], top: Double) -> [String] {
        let points = rows.compactMap { row in
            row.value(across.key).flatMap { x in row.value(panel.key).map { (label: row.label, x: x, y: $0) } }
        }
        let (xStep, xEnd) = Self.scale(points.map(\.x).max() ?? 0)
        let (yStep, yEnd) = Self.scale(points.map(\.y).max() ?? 0)
        let bottom = top + Self.panelHeight
        func place(_ x: Double, _ y: Double) -> (Double, Double) {
            (Self.left + x / xEnd * (Self.width - Self.left - Self.right), bottom - y / yEnd * Self.panelHeight)
        }
        var lines: [String] = []
        for value in stride(from: 0, through: yEnd + yStep / 2, by: yStep) {
            let (_, y) = place(0, value)
            lines.append(Self.line(Self.left, y, Self.width - Self.right, y, colour: "#dddddd"))
            lines.append(Self.word(Self.text(value), Self.left - 6, y + 4, anchor: "end"))
        }
        for value in stride(from: 0, through: xEnd + xStep / 2, by: xStep) {
            let (x, _) = place(value, 0)
            lines.append(Self.line(x, bottom, x, bottom + 4, colour: "#333333"))
            lines.append(Self.word(Self.text(value), x, bottom + 17, anchor: "middle"))
        }
        lines.append(Self.line(Self.left, bottom, Self.width - Self.right, bottom, colour: "#333333"))
        lines.append(Self.line(Self.left, top, Self.left, bottom, colour: "#333333"))
        let middle = (Self.left + Self.width - Self.right) / 2
        lines.append(Self.word(across.label, middle, bottom + 34, anchor: "middle"))
        let (x, y) = (18.0, top + Self.panelHeight / 2)
        lines.append(
            Self.word(panel.label, x, y, anchor: "middle", turn: "rotate(-90 \(Self.text(x)) \(Self.text(y)))"))
        for (index, label) in labels.enumerated() {
            let own = points.filter { $0.label == label }.sorted { $0.x < $1.x }.map { place($0.x, $0.y) }
            guard !own.isEmpty else { continue }
            let path = own.map { "\(Self.text($0.0)),\(Self.text($0.1))" }.joined(separator: " ")
            let colour = Self.colour(index)
            lines.append("<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"/>")
            for point in own {
                lines.append(
                    "<circle cx=\"\(Self.text(point.0))\" cy=\"\(Self.text(point.1))\" r=\"3.5\" fill=\"\(colour)\"/>")
            }
        }
        return lines
    }

    /// The distance between marks, one of 1, 2 or 5 times a power of ten, and the end of an axis from 0 to a value.
    static func scale(_ most: Double) -> (step: Double, end: Double) {
        guard most > 0, most.isFinite else { return (1, 1) }
        let power = pow(10, (log10(most / 5)).rounded(.down))
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { most / $0 <= 5.000001 } ?? 10 * power
        return (step, (most / step - 0.000001).rounded(.up) * step)
    }

    private static func colour(_ index: Int) -> String { colours[index % colours.count] }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String) -> String {
        "<line x1=\"\(text(x1))\" y1=\"\(text(y1))\" x2=\"\(text(x2))\" y2=\"\(text(y2))\" stroke=\"\(colour)\"/>"
    }

    private static func word(
        _ words: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int = 12, turn: String? = nil
    ) -> String {
        let escaped = words.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        let turned = turn.map { " transform=\"\($0)\"" } ?? ""
        return "<text x=\"\(text(x))\" y=\"\(text(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" "
            + "fill=\"#222222\"\(turned)>\(escaped)</text>"
    }

    /// A number with as few digits as it needs, up to three after the point.
    private static func text(_ value: Double) -> String {
        var text = String(format: "%.3f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }
}
