import Logging
import Synchronization
import World

/// Notices within seconds that the store was deleted, damaged or replaced while it was in use, and continues in a new
/// store.
///
/// An error in the log says what was lost and in which file the game goes on. `/health` reports it until the next
/// start.
package final class StoreWatch: Sendable {
    private struct State {
        var problem: String?
        /// What was lost, while there is no new store yet.
        var loss: String?
        var failures = 0
    }

    private let storage: any Storage
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a watch.
    ///
    /// - Parameters:
    ///   - storage: The store.
    ///   - logger: Where a loss is logged.
    init(storage: any Storage, logger: Logger) {
        self.storage = storage
        self.logger = logger
    }

    /// The problem that an operator has to solve, for `/health`; `nil` when there is none. May be read on any thread.
    package var problem: String? { state.withLock { $0.problem } }

    /// Checks the store, and starts a new one when it was lost; for one caller at a time, about once a second.
    ///
    /// - Parameters:
    ///   - error: Why the last save failed, if it failed.
    ///   - now: Unix time in seconds.
    /// - Returns: Whether a new store was started; then everything has to be saved again.
    func look(after error: StorageError?, now: Double) async -> Bool {
        var loss = state.withLock { $0.loss }
        if loss == nil, case .corrupt(let path, let reason)? = error { loss = "\(path) is damaged: \(reason)" }
        if loss == nil { loss = await storage.loss() }
        guard let loss else { return false }
        let isNew = state.withLock { state in
            defer { state.loss = loss }
            return state.loss == nil
        }
        let name = String(Timestamp(unixTime: now).description.map { $0.isNumber ? $0 : "-" })
        do throws(StorageError) {
            let place = try await storage.replaceLostStore(named: name)
            let problem =
                "\(loss); the game goes on in \(place), with all that could be read and all that the maps have. To keep it, stop "
                + "the server and move that file to the place of the database"
            state.withLock { state in
                state.loss = nil
                state.failures = 0
                state.problem = problem
            }
            logger.error("the database was lost", metadata: ["problem": "\(problem)"])
            return true
        } catch {
            let failures = state.withLock { state in
                state.failures += 1
                state.problem =
                    "\(loss), and a new database can't be made: \(error); the game goes on, but nothing is saved; free "
                    + "space or fix permissions"
                return state.failures
            }
            if isNew || failures % 60 == 1 {
                logger.error(
                    "the database was lost, and a new one can't be made; the server tries again every second",
                    metadata: ["loss": "\(loss)", "error": "\(error)", "failures": "\(failures)"])
            }
            return false
        }
    }
}
