extension Setting {
    /// The keys about the game and its maps.
    static let game: [Setting] = [
        .gameName,
        .startMap,
        .whole(
            "port", \.port, default: 8080, 1...65_535, for: .nextStart, allowed: "1 to 65535", shownDefault: "8080",
            "where the server listens, unless `--port` names another port"),
        .whole("tick_rate", \.tickRate, default: 60, 1...240, unit: .hertz, "steps of a map a second"),
        .whole(
            "send_rate", \.sendRate, default: 30, 1...240, unit: .hertz, allowed: "1 to `tick_rate`",
            shownDefault: "30 or less",
            "how often clients are told of changes, a second"),
        .milliseconds(
            "event_time_limit_ms", \.eventTimeLimit, default: 50, 1...10_000,
            "CPU time of an event, trigger or hook"),
        .milliseconds(
            "timeout_time_limit_ms", \.timeoutTimeLimit, default: 5, 1...10_000,
            "CPU time of a timeout formula"),
        .milliseconds(
            "tick_limit_ms", \.tickLimit, default: 100, 1...10_000,
            "CPU time of all events of one tick; what is left over waits for the next tick. Joins and "
                + "entities from other maps have half as much of their own"),
        .mebibytes("memory_limit_mb", \.memoryLimitBytes, default: 64, 1...4096, "memory of a map's scripts"),
        .whole("max_entities", \.maxEntities, default: 10_000, 1...1_000_000, "entities on one map"),
        .mebibytes(
            "world_limit_mb", \.worldLimitBytes, default: 16, 1...1024,
            "what the texts, json components and pending events' data of one map may weigh, with the tables "
                + "of components that scripts hold though they were replaced; and what its scripts may send in one "
                + "tick, each message with its bytes and 256 for each client that gets it, "
                + "or [less](lua/sockets.md#limits) for packets of Socket.IO in a row"),
        .whole(
            "max_message_bytes", \.maxMessageBytes, default: 16_384, 256...1 << 20, unit: .bytes, for: .nextConnection,
            "the longest message of a client"),
        .whole(
            "command_rate", \.commandRate, default: 60, 1...10_000, unit: .perSecond, for: .nextConnection,
            "commands of a client a second"),
        .whole(
            "command_burst", \.commandBurst, default: 120, 1...100_000, for: .nextConnection,
            "commands of a client at once"),
        .whole(
            "send_buffer_bytes", \.sendBufferBytes, default: 262_144, 16_384...64 << 20, unit: .bytes,
            for: .nextConnection,
            "unsent bytes from which a client counts as slow"),
        .whole(
            "linger_seconds", \.lingerSeconds, default: 0, 0...3600, unit: .seconds,
            "how long a player stays on the map whose connection is gone"),
        .whole(
            "view_distance", \.viewDistance, default: 0, 0...4096, unit: .tiles,
            "how far from its own entity a client is told of others, in tiles; 0 for the whole map"),
        .whole(
            "border_view", \.borderView, default: 0, 0...64, unit: .tiles,
            "how far beyond an edge clients are told of the neighbouring map's entities, in tiles; 0 for not "
                + "at all"),
        .positionDecimals,
        .neighbours,
        .allowedOrigins,
        .trustedProxies,
        .metrics,
        .flag(
            "socket_guests", \.takesSocketGuests,
            "whether clients of Socket.IO without an account may connect to the events in `sockets/`"),
        .whole(
            "socket_recovery_seconds", \.socketRecoverySeconds, default: 0, 0...120, unit: .seconds, for: .nextStart,
            "how long a client of Socket.IO that lost its connection can come back to its socket, and get the events "
                + "that it missed; 0 for not at all"),
    ]

    // MARK: Keys that are no numbers

    private static let gameName = Setting(
        name: "name", fallback: "Perigee", allowed: "1 to 100 characters", unit: nil, effect: .atOnce, about: "",
        reset: { $0.name = "Perigee" },
        read: { (value, configuration) throws(SettingMistake) in
            guard let text = value.string, (1...100).contains(text.count) else {
                throw SettingMistake("name is \(value.shown); it must be text of 1 to 100 characters")
            }
            configuration.name = text
        }, shown: { $0.name })

    private static let startMap = Setting(
        name: "start_map", fallback: "the lowest", allowed: "a map's number", unit: nil, effect: .atOnce,
        about: "where new players appear", reset: { $0.startMap = nil },
        read: { (value, configuration) throws(SettingMistake) in
            configuration.startMap = try value.whole(1...Int(Int32.max), as: "start_map")
        }, shown: { $0.startMap.map(String.init) ?? "the lowest" })

    private static let positionDecimals = Setting(
        name: "position_decimals", fallback: "all", allowed: "0 to 6", unit: nil, effect: .atOnce,
        about: "how many decimals of `x`, `y` and `z` clients get; what is stored and what scripts see stays exact",
        reset: { $0.positionDecimals = nil },
        read: { (value, configuration) throws(SettingMistake) in
            configuration.positionDecimals = try value.whole(0...6, as: "position_decimals")
        }, shown: { $0.positionDecimals.map(String.init) ?? "all" })

    /// Its value is no part of the configuration: `GameFolder` reads it when all maps are known.
    private static let neighbours = Setting(
        name: "neighbours", fallback: "none", allowed: "see [below](#maps-side-by-side)", unit: nil, effect: .atOnce,
        about: "which map lies beyond which edge", reset: { _ in }, read: { _, _ in }, shown: { _ in nil })

    private static let allowedOrigins = Setting(
        name: "allowed_origins", fallback: "none",
        allowed: "an origin such as `https://example.org`, a list of them, or `\"*\"`",
        unit: nil, effect: .atOnce,
        about: "other web pages whose clients may log in and connect; `\"*\"` allows all pages",
        reset: { $0.allowedOrigins = [] },
        read: { (value, configuration) throws(SettingMistake) in
            configuration.allowedOrigins =
                switch value {
                case .text(let text, _) where !text.isEmpty: [try origin(value)]
                case .list(let elements): try each(elements, origin)
                default:
                    throw SettingMistake(
                        "allowed_origins is \(value.shown); it must be an origin such as https://example.org, a list of "
                            + "them, or \"*\"")
                }
        }, shown: { $0.allowedOrigins.isEmpty ? "none" : $0.allowedOrigins.joined(separator: " ") })

    private static let metrics = Setting(
        name: "metrics", fallback: "private", allowed: "private or public", unit: nil, effect: .atOnce,
        about: "who may read `/metrics`: this machine and those who have a session or a key of the panel, or everybody",
        reset: { $0.metricsArePublic = false },
        read: { (value, configuration) throws(SettingMistake) in
            switch value.string {
            case "public": configuration.metricsArePublic = true
            case "private": configuration.metricsArePublic = false
            default: throw SettingMistake("metrics is \(value.shown); it must be private or public")
            }
        }, shown: { $0.metricsArePublic ? "public" : "private" })

    /// An origin as browsers send it, or `*`.
    private static func origin(_ value: SettingValue) throws(SettingMistake) -> String {
        guard let text = value.string else {
            throw SettingMistake("\(value.shown) is no origin; \(WebOrigin.allowed)")
        }
        return text == "*" ? text : try WebOrigin(text).text
    }

    /// Reads the values of a list, also after a mistake, so that all mistakes are told at once.
    static func each<Value>(
        _ elements: [SettingValue], _ read: (SettingValue) throws(SettingMistake) -> Value
    ) throws(SettingMistake) -> [Value] {
        var (values, mistakes): ([Value], [SettingMistake]) = ([], [])
        for (index, element) in elements.enumerated() {
            do throws(SettingMistake) {
                values.append(try read(element))
            } catch {
                mistakes.append(SettingMistake(error.message, at: .element(index)))
            }
        }
        if let first = mistakes.first { throw first.and(mistakes.dropFirst()) }
        return values
    }

    private static let trustedProxies = Setting(
        name: "trusted_proxies", fallback: "none",
        allowed: "list of addresses and ranges such as `10.0.0.0/8`, at most 100", unit: nil, effect: .atOnce,
        about: "proxies in front of the server: the last address in `X-Forwarded-For` that is not one of them is the "
            + "client's, and `X-Forwarded-Proto: https` means that it speaks TLS; from all others these fields are ignored",
        reset: { $0.trustedProxies = [] },
        read: { (value, configuration) throws(SettingMistake) in
            guard case .list(let elements) = value, elements.count <= 100 else {
                throw SettingMistake(
                    "trusted_proxies is \(value.shown); it must be a list of at most 100 addresses such as "
                        + "[\"127.0.0.1\"]")
            }
            configuration.trustedProxies = try each(elements) { element throws(SettingMistake) in
                guard let text = element.string, let range = AddressRange(text) else {
                    throw SettingMistake(
                        "\(element.shown) is no address; write one such as 127.0.0.1 or \"::1\", or a range such as "
                            + "10.0.0.0/8, whose bits behind the 8 are 0")
                }
                return range
            }
        },
        shown: {
            $0.trustedProxies.isEmpty ? "none" : $0.trustedProxies.map(\.description).joined(separator: " ")
        })
}
