import World

/// What differs from the game as it was before: for logs, in words.
extension GameDefinition {
    /// A file that is new, changed or gone.
    package struct FileChange: Sendable, Equatable {
        /// The path within the game folder.
        package var path: String
        /// Its version now; `nil` when it is gone.
        package var version: String?
        /// Whether it was not there before.
        package var isNew: Bool

        /// `reloaded maps/4-forest.tmj 3f2a5b6c7d8e`, `loaded …`, `removed …`
        package var description: String {
            guard let version else { return "removed \(path)" }
            return "\(isNew ? "loaded" : "reloaded") \(path) \(version)"
        }
    }

    /// The files of a map that differ from those another definition read for it: the map file and its tilesets.
    ///
    /// - Parameters:
    ///   - id: The map.
    ///   - old: The definition before.
    /// - Returns: The changes by ascending path; none when neither has a file for the map.
    package func mapFileChanges(of id: Int, since old: GameDefinition) -> [FileChange] {
        Self.changes(from: old.mapSources[id]?.files ?? [:], to: mapSources[id]?.files ?? [:])
    }

    /// The Tiled worlds that differ from those another definition read.
    ///
    /// - Parameter old: The definition before.
    /// - Returns: The changes by ascending path.
    package func worldFileChanges(since old: GameDefinition) -> [FileChange] {
        Self.changes(from: old.worldSources, to: worldSources)
    }

    private static func changes(from before: [String: UInt64], to now: [String: UInt64]) -> [FileChange] {
        Set(before.keys).union(now.keys).sorted().compactMap { path in
            guard before[path] != now[path] else { return nil }
            return FileChange(path: path, version: now[path].map(GameScript.version), isNew: before[path] == nil)
        }
    }

    /// How `game.yaml` changed.
    ///
    /// - Parameter old: The definition before.
    /// - Returns: The file, if its text differs, and what that changed.
    package func configurationChange(since old: GameDefinition) -> (file: FileChange, keys: [String])? {
        guard configurationVersion != old.configurationVersion || configuration != old.configuration else { return nil }
        let file = FileChange(
            path: "game.yaml", version: configurationVersion, isNew: old.configurationVersion == nil)
        return (file, configuration.changes(since: old.configuration))
    }
}

extension GameConfiguration {
    /// `tick_rate 30 instead of 60`, … in the order of the documentation; all keys are taken over by the running game.
    func changes(since old: GameConfiguration) -> [String] {
        var changes: [String] = []
        func compare<Value: Equatable>(_ key: String, _ value: (GameConfiguration) -> Value, _ note: String = "") {
            let (new, before) = (value(self), value(old))
            if new != before { changes.append("\(key) \(new) instead of \(before)\(note)") }
        }
        let forNewConnections = " for connections made from now on"
        compare("name", \.name)
        compare("start_map") { $0.startMap.map(String.init) ?? "the lowest" }
        compare("tick_rate", \.tickRate)
        compare("send_rate", \.sendRate)
        compare("event_time_limit_ms") { $0.eventTimeLimit / .milliseconds(1) }
        compare("timeout_time_limit_ms") { $0.timeoutTimeLimit / .milliseconds(1) }
        compare("tick_limit_ms") { $0.tickLimit / .milliseconds(1) }
        compare("memory_limit_mb") { $0.memoryLimitBytes >> 20 }
        compare("max_entities", \.maxEntities)
        compare("world_limit_mb") { $0.worldLimitBytes >> 20 }
        compare("max_message_bytes", \.maxMessageBytes, forNewConnections)
        compare("command_rate", \.commandRate, forNewConnections)
        compare("command_burst", \.commandBurst, forNewConnections)
        compare("send_buffer_bytes", \.sendBufferBytes, forNewConnections)
        compare("linger_seconds", \.lingerSeconds)
        compare("view_distance", \.viewDistance)
        compare("border_view", \.borderView)
        compare("allowed_origins", { $0.allowedOrigins.isEmpty ? "none" : $0.allowedOrigins.joined(separator: " ") })
        compare(
            "trusted_proxies",
            {
                $0.trustedProxies.isEmpty ? "none" : $0.trustedProxies.map(\.description).joined(separator: " ")
            })
        return changes
    }
}
