import Yams

extension GameConfiguration {
    /// A configuration and where each of its keys stands, for problems that show only later.
    struct Parsed {
        var configuration = GameConfiguration()
        var marks: [String: Mark] = [:]
        /// The value of `neighbours`, which can be read only when all maps are known.
        var neighbours: Node?
    }

    /// Reads `game.yaml`.
    ///
    /// - Parameters:
    ///   - source: The file.
    ///   - file: Its path.
    ///   - problems: Takes each key that is unknown and each value that is wrong, with line and column.
    /// - Returns: What the good lines say.
    /// - Throws: What is no YAML at all.
    static func parse(
        _ source: [UInt8], file: String, problems: inout [GameFolderProblem]
    ) throws(GameFolderProblem) -> Parsed {
        // The parser takes a byte order mark for text when more than one line follows.
        let source = source.starts(with: [0xEF, 0xBB, 0xBF]) ? source[3...] : source[...]
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
            do throws(GameFolderProblem) {
                reader.mark = keyNode.mark
                guard let key = keyNode.scalar?.string else { throw reader.problem("a key must be a plain word") }
                reader.key = key
                try reader.read(value)
            } catch {
                problems.append(error)
            }
        }
        do throws(GameFolderProblem) {
            if problems.isEmpty {
                try reader.checkRates()
                try reader.checkPings()
                try reader.checkViews()
            }
        } catch {
            problems.append(error)
        }
        return reader.parsed
    }

    private static func compose(_ text: String, file: String) throws(GameFolderProblem) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw GameFolderProblem(
                    file: file, line: mark.line, column: mark.column, message: "not YAML: \(problem)")
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
    /// Where the key stands.
    var mark: Mark?
    var key = ""

    static let keys = [
        "allowed_origins", "border_view", "command_burst", "command_rate", "event_time_limit_ms", "linger_seconds",
        "max_entities",
        "max_message_bytes", "memory_limit_mb", "name", "neighbours", "send_buffer_bytes", "send_rate", "start_map",
        "tick_limit_ms", "tick_rate",
        "timeout_time_limit_ms", "trusted_proxies", "view_distance", "world_limit_mb",
    ]

    /// Those, and the ones about connections.
    static let allKeys = (keys + ConnectionSettings.keys.map(\.name)).sorted()

    init(file: String) { self.file = file }

    func problem(_ message: String, at node: Node? = nil) -> GameFolderProblem {
        let mark = node?.mark ?? mark
        return GameFolderProblem(file: file, line: mark?.line, column: mark?.column, message: message)
    }

    mutating func read(_ value: Node) throws(GameFolderProblem) {
        parsed.marks[key] = mark
        switch key {
        case "name":
            guard let text = value.scalar?.string, (1...100).contains(text.count) else {
                throw problem("name is \(shown(value)); it must be text of 1 to 100 characters", at: value)
            }
            parsed.configuration.name = text
        case "start_map": parsed.configuration.startMap = try whole(value, 1...Int(Int32.max))
        case "tick_rate": parsed.configuration.tickRate = try whole(value, 1...240)
        case "send_rate": parsed.configuration.sendRate = try whole(value, 1...240)
        case "event_time_limit_ms":
            parsed.configuration.eventTimeLimit = .milliseconds(try whole(value, 1...10_000))
        case "timeout_time_limit_ms":
            parsed.configuration.timeoutTimeLimit = .milliseconds(try whole(value, 1...10_000))
        case "tick_limit_ms": parsed.configuration.tickLimit = .milliseconds(try whole(value, 1...10_000))
        case "memory_limit_mb": parsed.configuration.memoryLimitBytes = try whole(value, 1...4096) << 20
        case "max_entities": parsed.configuration.maxEntities = try whole(value, 1...1_000_000)
        case "world_limit_mb": parsed.configuration.worldLimitBytes = try whole(value, 1...1024) << 20
        case "max_message_bytes": parsed.configuration.maxMessageBytes = try whole(value, 256...1 << 20)
        case "command_rate": parsed.configuration.commandRate = try whole(value, 1...10_000)
        case "command_burst": parsed.configuration.commandBurst = try whole(value, 1...100_000)
        case "send_buffer_bytes": parsed.configuration.sendBufferBytes = try whole(value, 16_384...64 << 20)
        case "border_view": parsed.configuration.borderView = try whole(value, 0...64)
        case "view_distance": parsed.configuration.viewDistance = try whole(value, 0...4096)
        case "linger_seconds": parsed.configuration.lingerSeconds = try whole(value, 0...3600)
        case "neighbours": parsed.neighbours = value
        case "allowed_origins": parsed.configuration.allowedOrigins = try origins(value)
        case "trusted_proxies": parsed.configuration.trustedProxies = try proxies(value)
        default:
            guard let connection = ConnectionSettings.keys.first(where: { $0.name == key }) else {
                let hint = Suggestion.hint(for: key, among: Self.allKeys)
                // The list is long: it is for those who did not just mistype a key.
                let allowed = hint.isEmpty ? "; allowed are \(Self.allKeys.joined(separator: ", "))" : hint
                throw problem("unknown key \(key)\(allowed)")
            }
            parsed.configuration.connections[keyPath: connection.path] = try whole(value, connection.range)
        }
    }

    /// Clients that see a part of their map are told of that map alone.
    func checkViews() throws(GameFolderProblem) {
        guard parsed.configuration.viewDistance > 0, parsed.configuration.borderView > 0 else { return }
        let mark = parsed.marks["border_view"]
        throw GameFolderProblem(
            file: file, line: mark?.line, column: mark?.column,
            message: "border_view is for maps that clients see whole; set it or view_distance, not both")
    }

    /// The default send rate follows a low tick rate; a written one must fit.
    mutating func checkRates() throws(GameFolderProblem) {
        let tickRate = parsed.configuration.tickRate
        if let sendMark = parsed.marks["send_rate"] {
            mark = sendMark
            guard parsed.configuration.sendRate <= tickRate else {
                throw problem(
                    "send_rate is \(parsed.configuration.sendRate); it must be at most tick_rate, which is \(tickRate)")
            }
        } else {
            parsed.configuration.sendRate = min(30, tickRate)
        }
    }

    /// Who is not pinged before being given up would be closed for being quiet: where one of the two times is written,
    /// the other follows, and two that are written must fit.
    mutating func checkPings() throws(GameFolderProblem) {
        let settings = parsed.configuration.connections
        switch (parsed.marks["ping_seconds"], parsed.marks["dead_after_seconds"]) {
        case (_?, nil):
            parsed.configuration.connections.deadAfterSeconds = max(settings.deadAfterSeconds, 3 * settings.pingSeconds)
        case (nil, _?):
            parsed.configuration.connections.pingSeconds = min(
                settings.pingSeconds, max(1, settings.deadAfterSeconds / 3))
        default: break
        }
        guard settings.deadAfterSeconds <= settings.pingSeconds, let written = parsed.marks["dead_after_seconds"],
            parsed.marks["ping_seconds"] != nil
        else { return }
        mark = written
        throw problem(
            "dead_after_seconds is \(settings.deadAfterSeconds); it must be more than ping_seconds, which is "
                + "\(settings.pingSeconds)")
    }

    /// A value as it may be told: short, on one line.
    private func shown(_ node: Node) -> String {
        if node.sequence != nil { return "a list" }
        guard let text = node.scalar?.string else { return "a table of keys" }
        if text.isEmpty { return "empty" }
        return text.count > 60 || text.contains(where: \.isNewline) ? "a long text" : "\"\(text)\""
    }

    private func whole(_ node: Node, _ range: ClosedRange<Int>) throws(GameFolderProblem) -> Int {
        // YAML's other ways of writing numbers (010 is 8, 1:30 is 90) are hardly ever meant.
        guard let scalar = node.scalar, scalar.style == .any || scalar.style == .plain, let value = Int(scalar.string),
            range.contains(value)
        else {
            throw problem(
                "\(key) is \(shown(node)); it must be a whole number from \(range.lowerBound) to \(range.upperBound)",
                at: node)
        }
        return value
    }

    private func origins(_ node: Node) throws(GameFolderProblem) -> [String] {
        guard let sequence = node.sequence else {
            throw problem(
                "allowed_origins is \(shown(node)); it must be a list such as [\"https://example.org\"]", at: node)
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

    private func proxies(_ node: Node) throws(GameFolderProblem) -> [AddressRange] {
        guard let sequence = node.sequence, sequence.count <= 100 else {
            throw problem(
                "trusted_proxies is \(shown(node)); it must be a list of at most 100 addresses such as [\"127.0.0.1\"]",
                at: node)
        }
        var ranges: [AddressRange] = []
        for element in sequence {
            guard let text = element.scalar?.string, let range = AddressRange(text) else {
                throw problem(
                    "\(shown(element)) is no address; write one such as 127.0.0.1 or \"::1\", or a range such as "
                        + "10.0.0.0/8, whose bits behind the 8 are 0", at: element)
            }
            ranges.append(range)
        }
        return ranges
    }
}
