import CProcess
import Glibc

/// Threads with a stack that is large enough for the deepest script.
///
/// The deepest calls of a script take about 2 MB. The stack of the main thread has the size of the process's limit,
/// which may be smaller and can't be changed after the start; so scripts never run on the main thread.
enum DeepThread {
    /// The stack size of every thread except the main thread, in bytes. Unused stack costs no memory.
    static let stackBytes = 8 << 20

    /// Sets the stack size of all threads that start later, including those of libraries.
    static func setUp() {
        let code = process_set_stack_size(stackBytes)
        guard code != 0 else { return }
        StandardError.print(
            "perigee: threads can't be given a stack of \(stackBytes) bytes: \(String(cString: strerror(code)))")
    }

    /// Runs work on a new thread and waits for its end.
    ///
    /// - Parameter work: The work.
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

    /// Only one thread uses a job at a time: the caller waits while the new thread runs it.
    private final class Job {
        private let work: () throws -> Void
        private(set) var result: Result<Void, any Error> = .success(())

        init(_ work: @escaping () throws -> Void) { self.work = work }

        func run() { result = Result(catching: work) }
    }
}
