/// The thread on which sessions take their messages: one job of a tick serves all sessions of a thread.
package struct SessionThread: Sendable {
    /// The same for all sessions of the thread.
    package let id: ObjectIdentifier
    /// Runs a job on the thread, after all jobs that it was given before. Any thread; must not block.
    package let execute: @Sendable (_ job: @escaping @Sendable () -> Void) -> Void

    /// Makes the name of a thread.
    ///
    /// - Parameters:
    ///   - owner: What runs the jobs; two names with the same owner are of the same thread.
    ///   - execute: Runs a job on it, after all jobs that it was given before.
    package init(of owner: AnyObject, execute: @escaping @Sendable (_ job: @escaping @Sendable () -> Void) -> Void) {
        id = ObjectIdentifier(owner)
        self.execute = execute
    }

    /// For sessions whose map runs without a ``MapActor``, in a test or a replay: runs jobs at once, on the caller's
    /// thread.
    package static let caller = SessionThread(of: CallingThread()) { $0() }

    private final class CallingThread {}
}
