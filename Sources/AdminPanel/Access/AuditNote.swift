import JSONValues
import Synchronization

/// What a handler learns about a change while it makes it, for the audit log; also when the change is refused in the
/// end. Any thread may call it.
final class AuditNote: Sendable {
    struct Content: Sendable, Equatable {
        /// The operator who acted, if the request has no caller yet, such as a login.
        var actor: String?
        /// What it was done to.
        var target = ""
        var before: JSON?
        var after: JSON?
        /// The longest text of each value in the log, in bytes; longer ones are cut.
        var maxText = AuditTrail.maxText
        /// Whether the log has an entry of a request that only reads, such as the export of a player's data.
        var isDisclosure = false
        /// What the log says about a refusal instead of its text, when that text has the login of a player: the log
        /// must not keep the logins of erased players.
        var refusal: String?
    }

    private let state = Mutex(Content())

    var content: Content { state.withLock { $0 } }

    /// Notes more about the change.
    func write(_ change: (inout Content) -> Void) { state.withLock { change(&$0) } }
}
