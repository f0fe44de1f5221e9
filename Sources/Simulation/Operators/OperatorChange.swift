package import JSONValues
package import World

/// A change that an operator makes to the world of a running map [M0.11]. The map carries it out at the beginning of a
/// tick, as if a script had done it: types are checked by the game's schema, triggers and hooks run.
package enum OperatorChange: Sendable, Equatable {
    /// Sets fields and components of an entity: all of them, or none when one is refused.
    case set(EntityKey, fields: JSONObject, components: JSONObject)
    /// Adds an entity that is no player, with the data that `objects.add` takes. A given place is kept although nobody
    /// may stand there; without a place it gets a random one.
    case add(EntityKind, JSONObject)
    /// Removes an entity for good. A player is disconnected and kept, as by a script.
    case remove(EntityKey)
    /// Makes an event the pending one of its group.
    case queueEvent(EntityKey, group: String, event: String, data: JSONObject)
    /// Takes the pending event of a group off.
    case removeEvent(EntityKey, group: String)
    /// Runs Lua that an operator typed.
    case run(ConsoleSnippet)
}

/// Lua that an operator typed, with the entity that it sees as `object`.
package struct ConsoleSnippet: Sendable, Equatable {
    /// The path in messages and logs.
    package static let path = "console"

    /// The text; up to 64 KiB.
    package var source: String
    /// The entity that is `object`; `nil` for none.
    package var object: EntityKey?

    /// Makes a snippet.
    ///
    /// - Parameters:
    ///   - source: The text.
    ///   - object: The entity that is `object`.
    package init(source: String, object: EntityKey? = nil) {
        self.source = source
        self.object = object
    }
}

/// What a map did with an ``OperatorChange``.
package enum OperatorOutcome: Sendable, Equatable {
    /// It is done. `before` and `after` are the values that it concerned, for the audit log; empty for what was not
    /// there.
    case done(EntityKey, before: JSONObject, after: JSONObject)
    /// The snippet ran, perhaps with an error.
    case ran(ConsoleResult)
    /// Nothing was changed, and why.
    case refused(OperatorRefusal)
    /// The map has ended, or has too much waiting to take it.
    case closed
    /// The map did not begin with it in time, and will not make it.
    case withdrawn
    /// The map has begun with it, and did not say in time what came of it.
    case unknown
}

/// Why a map refused an ``OperatorChange``.
package struct OperatorRefusal: Error, Sendable, Equatable {
    /// What kind of refusal it is.
    package enum Kind: Sendable, Equatable {
        /// The entity is not on the map.
        case absent
        /// A value is wrong.
        case wrong
        /// It is not possible now.
        case conflict
    }

    /// What kind of refusal it is.
    package var kind: Kind
    /// What is wrong, and what is allowed.
    package var message: String
    /// The field that is wrong, such as `components.hp`.
    package var field: String?

    init(_ kind: Kind, _ message: String, field: String? = nil) {
        self.kind = kind
        self.message = message
        self.field = field
    }
}

/// What a snippet did in the VM.
package struct ConsoleResult: Sendable, Equatable {
    /// Why it ended early.
    package struct Failure: Sendable, Equatable {
        /// `syntax`, `runtime`, `time_limit`, `memory_limit` or `stopped`.
        package var kind: String
        /// What went wrong.
        package var message: String
        /// The line in the snippet, from 1; `nil` when the error is elsewhere.
        package var line: Int?
        /// The calls that led there, a line each.
        package var traceback: String
    }

    /// The lines that it printed, and those of the scripts that it made run; at most ``maxLines``.
    package var output: [String] = []
    /// The errors of the scripts that it made run, such as triggers; at most ``maxLines``.
    package var errors: [String] = []
    /// How many lines and errors were left out.
    package var omitted = 0
    /// The value that it returned, as text of up to 4,000 bytes; `nil` for nil.
    package var value: String?
    /// Why it ended early; `nil` when it ran to its end. What it had changed until then stays, as for other scripts.
    package var failure: Failure?

    /// The most lines that are kept of the output, and the most errors.
    package static let maxLines = 200
}
