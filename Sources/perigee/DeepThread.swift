import CProcess
import Glibc

/// Threads with a stack that holds whatever a script does.
///
/// The deepest that scripts get takes about 2 MB of it. The main thread has what the process's limit gives it, which
/// may be less and can't be changed any more; so scripts never run there.
enum DeepThread {
    /// The stack of every thread but the main one, in bytes. What is not touched costs no memory.
    static let stackBytes = 8 << 20

    /// Gives all threads that begin from now on such a stack, those of libraries included.
    static func setUp() {
        let code = process_set_stack_size(stackBytes)
        guard code != 0 else { return }
        StandardError.print(
            "perigee: threads can't be given a stack of \(stackBytes) bytes: \(String(cString: strerror(code)))")
    }

    /// Runs something on a thread of its own and waits for it.
    ///
    /// - Parameter work: What to run.
    /// - Throws: What `work` throws.
    static func run(_ work: () throws -> Void) throws {
        try withoutActuallyEscaping(work) { work in
            let job = Job(work)
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { job in
                    if let job { Unmanaged<Job>.fromOpaque(job).takeUnretainedValue().run() }
                    return nil
                }, Unmanaged.passUnretained(job).toOpaque())
            guard code == 0 else { return try work() }
            pthread_join(thread, nil)
            try job.result.get()
        }
    }

    /// Used by one thread at a time: the other waits for it.
    private final class Job {
        private let work: () throws -> Void
        private(set) var result: Result<Void, any Error> = .success(())

        init(_ work: @escaping () throws -> Void) { self.work = work }

        func run() { result = Result(catching: work) }
    }
}
