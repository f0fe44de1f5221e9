import Dispatch
import Gateway
import HTTPTypes
import Synchronization

/// Runs work that blocks its thread, such as reading files or running a game's tests, one after the other and away from
/// the threads of maps and connections. Any task may call it.
final class WorkQueue: Sendable {
    /// What the work is, in the plural, for messages.
    private let name: String
    private let maxWaiting: Int
    private let queue: DispatchQueue
    private let waiting = Mutex(0)

    /// Makes a queue.
    ///
    /// - Parameters:
    ///   - name: What the work is, in the plural, for messages.
    ///   - maxWaiting: The most pieces of work that wait or run; more are refused.
    init(_ name: String, maxWaiting: Int) {
        self.name = name
        self.maxWaiting = maxWaiting
        queue = DispatchQueue(label: "perigee.editor.\(name)", qos: .utility)
    }

    /// Runs a piece of work.
    ///
    /// - Parameter work: The work.
    /// - Returns: Its result.
    /// - Throws: ``GatewayError`` with status 503 when too much waits; what the work throws.
    func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        let isAdmitted = waiting.withLock { waiting in
            guard waiting < maxWaiting else { return false }
            waiting += 1
            return true
        }
        guard isAdmitted else {
            throw GatewayError(
                .serviceUnavailable, "busy", "\(maxWaiting) \(name) wait already; try again in a moment", retry: 1)
        }
        defer { waiting.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
