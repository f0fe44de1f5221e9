/// The thread on which sessions get their messages: a tick runs one job for all sessions of a thread.
package struct SessionThread: Sendable {
    /// The same for all sessions of the thread.
    package let id: ObjectIdentifier
    /// Runs a job on the thread, after all earlier jobs. May be called on any thread; must not block.
    package let execute: @Sendable (_ job: @escaping @Sendable () -> Void) -> Void

    /// Makes a value that stands for a thread.
    ///
    /// - Parameters:
    ///   - owner: The object that runs the jobs; two values with the same owner stand for the same thread.
    ///   - execute: Runs a job on the thread, after all earlier jobs.
    package init(of owner: AnyObject, execute: @escaping @Sendable (_ job: @escaping @Sendable () -> Void) -> Void) {
        id = ObjectIdentifier(owner)
        self.execute = execute
    }

    /// For sessions whose map runs without a ``MapActor``, in a test or a replay: runs jobs at once, on the caller's
    /// thread.
    package static let caller = SessionThread(of: CallingThread()) { $0() }

    private final class CallingThread {}
}
