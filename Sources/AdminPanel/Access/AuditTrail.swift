import Gateway
import JSONValues
import Logging
import Storage
import Synchronization

/// Writes the audit log. Any task may call it.
final class AuditTrail: Sendable {
    /// The longest text of an entry, in bytes, if its note does not allow more; longer ones are cut.
    static let maxText = 2_000

    private let storage: any OperatorStorage
    private let time: TimeSource
    private let logger: Logger
    /// Refused attempts of one address that are written down; more would only cost the disk.
    private let refusals: Throttle
    private let losses = Mutex(Losses())

    /// The entries that could not be written since the start of the server.
    struct Losses: Sendable {
        var count = 0
        /// Unix time in seconds of the latest one.
        var latest = 0.0
    }

    init(storage: any OperatorStorage, time: TimeSource, logger: Logger) {
        self.storage = storage
        self.time = time
        self.logger = logger
        refusals = Throttle(RateLimit(burst: 30, perSecond: 0.1), time: time)
    }

    /// Writes an entry.
    ///
    /// The change was made already, so an error of the store is logged and counted, and no reason to refuse it.
    ///
    /// - Parameters:
    ///   - action: What was done, such as `operators.create`.
    ///   - actor: The operator or the key that made the change.
    ///   - origin: From where.
    ///   - note: What it was done to, and the values before and afterwards.
    ///   - refusal: Why it was refused; `nil` for what was done.
    /// - Returns: `false` when the store could not write the entry.
    @discardableResult
    func record(
        _ action: String, by actor: String, from origin: ClientOrigin, _ note: AuditNote.Content, refusal: String? = nil
    ) async -> Bool {
        if refusal != nil, refusals.attempt(origin.key) != nil { return true }
        let entry = AuditEntry(
            time: time.unix(), actor: Self.clipped(note.actor ?? actor),
            address: origin.address.map { "\($0)" } ?? "unknown", action: action, target: Self.clipped(note.target),
            before: note.before.map { Self.clipped($0.text, to: note.maxText) },
            after: note.after.map { Self.clipped($0.text, to: note.maxText) },
            refusal: refusal.map { Self.clipped($0) })
        do throws(StorageError) {
            try await storage.appendAuditEntry(entry, limit: Self.limit(of: entry.kind))
            return true
        } catch {
            losses.withLock { losses in
                losses.count += 1
                losses.latest = entry.time
            }
            logger.error(
                "an entry of the audit log is lost",
                metadata: ["action": "\(action)", "actor": "\(entry.actor)", "error": "\(error)"])
            return false
        }
    }

    /// What is missing in the log since the start of the server; `nil` for nothing.
    var lost: Losses? {
        let lost = losses.withLock { $0 }
        return lost.count > 0 ? lost : nil
    }

    /// The most entries of a kind.
    private static func limit(of kind: AuditEntry.Kind) -> Int {
        switch kind {
        case .change: 10_000
        case .session, .refusal: 2_000
        }
    }

    /// The text with escapes for control characters, cut when it is too long.
    private static func clipped(_ text: String, to limit: Int = maxText) -> String {
        text.visible.clipped(to: limit)
    }
}
