extension GameConfiguration {
    /// Takes the value of one key over.
    ///
    /// - Parameters:
    ///   - value: What is written.
    ///   - key: The key.
    /// - Throws: What is wrong with the key or its value; then nothing changes.
    package mutating func set(_ value: SettingValue, for key: String) throws(SettingMistake) {
        guard let setting = Setting.named(key) else {
            let hint = Suggestion.hint(for: key, among: Setting.names)
            // The list is long: a mistyped key gets the nearest one instead.
            let allowed = hint.isEmpty ? "; allowed are \(Setting.names.joined(separator: ", "))" : hint
            throw SettingMistake("unknown key \(key)\(allowed)", at: .key(key))
        }
        try setting.read(value, &self)
    }

    /// Gives keys that follow others their values, and compares those that must fit each other.
    ///
    /// - Parameter written: The keys of the file.
    /// - Throws: The first two keys that don't fit.
    package mutating func complete(written: Set<String>) throws(SettingMistake) {
        try completeRates(written)
        try completePings(written)
        // Clients that see a part of their map are told of that map alone.
        if viewDistance > 0, borderView > 0 {
            throw SettingMistake(
                "border_view is for maps that clients see whole; set it or view_distance, not both",
                at: .key("border_view"))
        }
    }

    /// The default send rate follows a low tick rate; a written one must fit.
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

    /// A client that is not pinged before it counts as dead would be closed for being quiet: where one of the two times
    /// is written, the other follows, and two that are written must fit.
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

    /// What differs from another configuration: `tick_rate 30 instead of 60`, … in the order of the documentation.
    ///
    /// - Parameter old: The configuration before.
    /// - Returns: A text for each key whose value differs.
    package func changes(since old: GameConfiguration) -> [String] {
        Setting.all.compactMap { setting in
            guard let new = setting.shown(self), let before = setting.shown(old), new != before else { return nil }
            let note =
                switch setting.effect {
                case .atOnce: ""
                case .nextConnection: " for connections made from now on"
                }
            return "\(setting.name) \(new) instead of \(before)\(note)"
        }
    }
}
