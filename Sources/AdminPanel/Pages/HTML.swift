import Foundation

/// A piece of HTML. Interpolated texts are escaped, so that a text of a script or a player can't become markup.
///
///     let row: HTML = "<td>\(login)</td><td>\(raw: cells)</td>"
struct HTML: ExpressibleByStringInterpolation, Sendable {
    /// The markup.
    private(set) var text: String

    init(stringLiteral value: String) { text = value }

    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

    init(joining pieces: some Sequence<HTML>) { text = pieces.map(\.text).joined() }

    /// A moment; `panel.js` writes it in the zone of the reader.
    static func time(_ unix: Double) -> HTML {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let text = Date(timeIntervalSince1970: unix).formatted(style)
        return "<time datetime=\"\(text)\">\(text)</time>"
    }

    /// Collects pieces and escapes them, except literals and `raw:` values.
    struct Interpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }

        mutating func appendInterpolation(_ value: some BinaryInteger) { text += "\(value)" }

        mutating func appendInterpolation(raw html: HTML) { text += html.text }
    }

    /// Escapes a text, so that no character in it can begin markup or end an attribute.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // Control characters are not allowed in HTML, and bidirectional ones change the order of the text around
            // them.
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control || scalar.properties.isBidiControl:
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
