import Yams

extension GameConfiguration {
    /// A configuration and where each of its keys stands, for problems that show only later.
    struct Parsed {
        var configuration = GameConfiguration()
        var lines: [String: Int] = [:]
    }

    /// Reads `game.yaml`.
    ///
    /// - Throws: The first mistake with its line: broken YAML, an unknown key, a value out of its range.
    static func parse(_ source: [UInt8], file: String) throws(GameFolderProblem) -> Parsed {
        guard let text = String(validating: source, as: UTF8.self) else {
            throw GameFolderProblem(file: file, message: "not UTF-8; save the file as UTF-8")
        }
        guard let root = try compose(text, file: file) else { return Parsed() }
        // A document of comments alone composes to an empty scalar.
        if let scalar = root.scalar, scalar.string.isEmpty { return Parsed() }
        guard let mapping = root.mapping else {
            throw GameFolderProblem(file: file, line: root.mark?.line, message: "write one `key: value` a line")
        }
        var reader = ConfigurationReader(file: file)
        for (keyNode, value) in mapping {
            guard let key = keyNode.scalar?.string else {
                throw GameFolderProblem(file: file, line: keyNode.mark?.line, message: "a key must be a plain word")
            }
            reader.line = keyNode.mark?.line
            reader.key = key
            try reader.read(value)
        }
        try reader.checkRates()
        return reader.parsed
    }

    private static func compose(_ text: String, file: String) throws(GameFolderProblem) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw GameFolderProblem(file: file, line: mark.line, message: "not YAML: \(problem)")
            case .duplicatedKeysInMapping(let keys, let context):
                throw GameFolderProblem(
                    file: file, line: context.mark.line,
                    message: "\(keys.joined(separator: ", ")) is there twice; keep one")
            default:
                throw GameFolderProblem(file: file, message: "not YAML: \(error)")
            }
        } catch {
            throw GameFolderProblem(file: file, message: "not YAML: \(error)")
        }
    }
}

/// Takes one key after the other into a configuration.
private struct ConfigurationReader {
    let file: String
    var parsed = GameConfiguration.Parsed()
    var line: Int?
    var key = ""

    static let keys = [
        "allowed_origins", "command_burst", "command_rate", "event_time_limit_ms", "max_entities", "max_message_bytes",
        "memory_limit_mb", "name", "send_buffer_bytes", "send_rate", "start_map", "tick_rate", "timeout_time_limit_ms",
    ]

    init(file: String) { self.file = file }

    func problem(_ message: String, at node: Node? = nil) -> GameFolderProblem {
        GameFolderProblem(file: file, line: node?.mark?.line ?? line, message: message)
    }

    mutating func read(_ value: Node) throws(GameFolderProblem) {
        guard parsed.lines.updateValue(line ?? 0, forKey: key) == nil else {
            throw problem("\(key) is there twice; keep one")
        }
        switch key {
        case "name":
            guard let text = value.scalar?.string, (1...100).contains(text.count) else {
                throw problem("name must be text of 1 to 100 characters", at: value)
            }
            parsed.configuration.name = text
        case "start_map": parsed.configuration.startMap = try whole(value, 1...Int(Int32.max))
        case "tick_rate": parsed.configuration.tickRate = try whole(value, 1...240)
        case "send_rate": parsed.configuration.sendRate = try whole(value, 1...240)
        case "event_time_limit_ms":
            parsed.configuration.eventTimeLimit = .milliseconds(try whole(value, 1...10_000))
        case "timeout_time_limit_ms":
            parsed.configuration.timeoutTimeLimit = .milliseconds(try whole(value, 1...10_000))
        case "memory_limit_mb": parsed.configuration.memoryLimitBytes = try whole(value, 1...4096) << 20
        case "max_entities": parsed.configuration.maxEntities = try whole(value, 1...1_000_000)
        case "max_message_bytes": parsed.configuration.maxMessageBytes = try whole(value, 256...1 << 20)
        case "command_rate": parsed.configuration.commandRate = try whole(value, 1...10_000)
        case "command_burst": parsed.configuration.commandBurst = try whole(value, 1...100_000)
        case "send_buffer_bytes": parsed.configuration.sendBufferBytes = try whole(value, 16_384...64 << 20)
        case "allowed_origins": parsed.configuration.allowedOrigins = try origins(value)
        default: throw problem("unknown key \(key); allowed are \(Self.keys.joined(separator: ", "))")
        }
    }

    /// The default send rate follows a low tick rate; a written one must fit.
    mutating func checkRates() throws(GameFolderProblem) {
        let tickRate = parsed.configuration.tickRate
        if let sendLine = parsed.lines["send_rate"] {
            line = sendLine
            guard parsed.configuration.sendRate <= tickRate else {
                throw problem(
                    "send_rate is \(parsed.configuration.sendRate); it must be at most tick_rate, which is \(tickRate)")
            }
        } else {
            parsed.configuration.sendRate = min(30, tickRate)
        }
    }

    private func shown(_ node: Node) -> String { node.scalar.map { "\"\($0.string)\"" } ?? "not a plain value" }

    private func whole(_ node: Node, _ range: ClosedRange<Int>) throws(GameFolderProblem) -> Int {
        guard let value = node.int, range.contains(value) else {
            throw problem(
                "\(key) is \(shown(node)); it must be a whole number from \(range.lowerBound) to \(range.upperBound)",
                at: node)
        }
        return value
    }

    private func origins(_ node: Node) throws(GameFolderProblem) -> [String] {
        guard let sequence = node.sequence else {
            throw problem("allowed_origins must be a list such as [\"https://example.org\"]", at: node)
        }
        var origins: [String] = []
        for element in sequence {
            guard let text = element.scalar?.string,
                text == "*" || text.hasPrefix("http://") || text.hasPrefix("https://")
            else {
                throw problem(
                    "\(shown(element)) is no origin; write https://HOST, http://HOST:PORT or \"*\"", at: element)
            }
            origins.append(text)
        }
        return origins
    }
}
