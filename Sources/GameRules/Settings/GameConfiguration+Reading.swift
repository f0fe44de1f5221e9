extension GameConfiguration {
    /// Sets the value of one key.
    ///
    /// - Parameters:
    ///   - value: The value in the file.
    ///   - key: The key.
    /// - Throws: The mistake in the key or its value; then nothing changes.
    package mutating func set(_ value: SettingValue, for key: String) throws(SettingMistake) {
        guard let setting = Setting.named(key) else {
            let hint = Suggestion.hint(for: key, among: Setting.names)
            // The list of keys is long: when a key is similar to this one, the message has only the similar key.
            let allowed = hint.isEmpty ? "; allowed are \(Setting.names.joined(separator: ", "))" : hint
            throw SettingMistake("unknown key \(key)\(allowed)", at: .key(key))
        }
        try setting.read(value, &self)
    }

    /// Sets the keys whose default depends on another key, and checks keys that depend on each other.
    ///
    /// - Parameters:
    ///   - written: The keys that are in the file.
    ///   - broken: Those of them whose values are mistakes; they are compared with nothing.
    /// - Returns: A mistake for each key that does not fit another one.
    package mutating func complete(written: Set<String>, broken: Set<String>) -> [SettingMistake] {
        var mistakes: [SettingMistake] = []
        func check(_ keys: [String], _ work: () throws(SettingMistake) -> Void) {
            guard broken.isDisjoint(with: keys) else { return }
            do throws(SettingMistake) { try work() } catch { mistakes.append(error) }
        }
        check(["tick_rate", "send_rate"]) { () throws(SettingMistake) in try completeRates(written) }
        check(["ping_seconds", "dead_after_seconds"]) { () throws(SettingMistake) in try completePings(written) }
        return mistakes
    }

    /// Lowers the default send rate to a lower tick rate; a send rate in the file must be at most the tick rate.
    private mutating func completeRates(_ written: Set<String>) throws(SettingMistake) {
        guard written.contains("send_rate") else {
            sendRate = min(sendRate, tickRate)
            return
        }
        guard sendRate <= tickRate else {
            throw SettingMistake(
                "send_rate is \(sendRate); it must be at most tick_rate, which is \(tickRate)", at: .key("send_rate"))
        }
    }

    /// Keeps `ping_seconds` below `dead_after_seconds`; otherwise a client that only listens would be closed before its
    /// first ping. When the file has one of the two keys, the other follows it; when it has both, they must fit.
    private mutating func completePings(_ written: Set<String>) throws(SettingMistake) {
        let (ping, dead) = (connections.pingSeconds, connections.deadAfterSeconds)
        switch (written.contains("ping_seconds"), written.contains("dead_after_seconds")) {
        case (true, false): connections.deadAfterSeconds = max(dead, 3 * ping)
        case (false, true): connections.pingSeconds = min(ping, max(1, dead / 3))
        case (true, true) where dead <= ping:
            throw SettingMistake(
                "dead_after_seconds is \(dead); it must be more than ping_seconds, which is \(ping)",
                at: .key("dead_after_seconds"))
        default: break
        }
    }

    /// Lists the differences from another configuration in the order of the documentation: `tick_rate 30 instead of
    /// 60`, …
    ///
    /// - Parameter old: The older configuration.
    /// - Returns: A text for each key whose value differs.
    package func changes(since old: GameConfiguration) -> [String] {
        Setting.all.compactMap { setting in
            guard let new = setting.shown(self), let before = setting.shown(old), new != before else { return nil }
            let note =
                switch setting.effect {
                case .atOnce: ""
                case .nextConnection: " for connections made from now on"
                case .nextStart: " from the next start on"
                }
            return "\(setting.name) \(new) instead of \(before)\(note)"
        }
    }
}
