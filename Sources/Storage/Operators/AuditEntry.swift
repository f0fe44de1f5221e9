/// One line of the audit log: what an operator changed, or what was refused. The operators' API answers with its JSON,
/// so the names are a part of that API.
package struct AuditEntry: Codable, Sendable, Equatable {
    /// The number, from 1, ascending with time; 0 for an entry that is not stored yet.
    package var id: Int
    /// Unix time in seconds.
    package var time: Double
    /// Who did it: an operator's login, or a description of another caller.
    package var actor: String
    /// From which address.
    package var address: String
    /// The name of what was done, such as `operators.create`.
    package var action: String
    /// What it was done to; empty where there is nothing to name.
    package var target: String
    /// The value before, as JSON; `nil` for something new.
    package var before: String?
    /// The value afterwards, as JSON; `nil` for something that is gone.
    package var after: String?
    /// Why it was refused; `nil` for what was done.
    package var refusal: String?

    /// The kinds of entries, each of which has a limit of its own: so neither refused attempts of strangers nor logins
    /// displace changes.
    package enum Kind: Int, Sendable, CaseIterable {
        /// Something was changed.
        case change = 0
        /// A session began or ended, or an operator changed the own password.
        case session = 1
        /// Something was refused.
        case refusal = 2
    }

    /// What the beginnings of actions of ``Kind/session`` are.
    private static let sessionActions = ["session.", "sessions.", "password."]

    /// The kind of entry.
    package var kind: Kind {
        if refusal != nil { return .refusal }
        return Self.sessionActions.contains { action.hasPrefix($0) } ? .session : .change
    }

    /// Describes an entry.
    ///
    /// - Parameters:
    ///   - id: The number; 0 for an entry that is not stored yet.
    ///   - time: Unix time in seconds.
    ///   - actor: The operator or the key that made the change.
    ///   - address: From which address.
    ///   - action: The name of what was done.
    ///   - target: What it was done to.
    ///   - before: The value before, as JSON.
    ///   - after: The value afterwards, as JSON.
    ///   - refusal: Why it was refused.
    package init(
        id: Int = 0, time: Double, actor: String, address: String, action: String, target: String = "",
        before: String? = nil, after: String? = nil, refusal: String? = nil
    ) {
        self.id = id
        self.time = time
        self.actor = actor
        self.address = address
        self.action = action
        self.target = target
        self.before = before
        self.after = after
        self.refusal = refusal
    }
}

/// Which entries of the audit log are wanted; without any condition all of them.
package struct AuditFilter: Sendable, Equatable {
    /// Only entries of this actor.
    package var actor: String?
    /// Only entries whose action begins with this text, such as `operators.`.
    package var action: String?
    /// Only what was refused (`true`) or what was done (`false`).
    package var isRefused: Bool?
    /// Only entries in which one of the texts contains this one, without regard to the case of ASCII letters.
    package var text: String?
    /// Only entries with a lower number.
    package var before: Int?
    /// The most entries, from 1.
    package var limit: Int

    /// Describes the wanted entries.
    ///
    /// - Parameters:
    ///   - actor: Only entries of this actor.
    ///   - action: Only entries whose action begins with this text.
    ///   - isRefused: Only what was refused, or what was done.
    ///   - text: Only entries in which one of the texts contains this one.
    ///   - before: Only entries with a lower number.
    ///   - limit: The most entries, from 1.
    package init(
        actor: String? = nil, action: String? = nil, isRefused: Bool? = nil, text: String? = nil, before: Int? = nil,
        limit: Int = 100
    ) {
        self.actor = actor
        self.action = action
        self.isRefused = isRefused
        self.text = text
        self.before = before
        self.limit = limit
    }
}
