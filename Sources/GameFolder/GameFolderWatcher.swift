import Glibc
import Synchronization

/// Watches a game folder and calls a function when something in it has changed.
///
/// Changes that come together, such as an editor's save by renaming or a `git checkout`, lead to one call: when nothing
/// has changed for the quiet period, or when changes have gone on for the longest burst. New folders are watched too;
/// the game folder itself may be deleted and made again. Every link and folder on its path, and on the paths of links
/// in it, may be replaced: a link to a release, the `..data` of a mounted volume. `client/`, `music/`, `tests/`,
/// `stubs/`, hidden files and the backup files of editors are not watched.
///
/// Start the watcher before the first load, so that no change in between is lost.
package final class GameFolderWatcher: Sendable {
    private let thread: Mutex<pthread_t?>
    private let stopPipe: Descriptor

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - directory: The folder; it must exist.
    ///   - quietPeriod: How long nothing must change before `onChange` is called.
    ///   - longestBurst: `onChange` is called after this time even if changes still go on.
    ///   - onChange: Called on the watcher's own thread, never twice at once. It may take long (changes meanwhile lead
    ///     to another call), and must not call ``stop()``.
    /// - Throws: ``GameFolderError`` when the folder does not exist or the system refuses to watch it.
    package init(
        directory: String, quietPeriod: Duration = .milliseconds(50), longestBurst: Duration = .seconds(1),
        onChange: @escaping @Sendable () -> Void
    ) throws(GameFolderError) {
        let inotify = Descriptor(inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC)))
        guard inotify.isOpen else {
            throw .unwatchable(directory: directory, reason: lastSystemError())
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .unwatchable(directory: directory, reason: lastSystemError()) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let stopSignal = Descriptor(ends[0])
        stopPipe = Descriptor(ends[1])
        var watches = FolderWatches(directory: directory, inotify: inotify)
        try watches.rescan()
        let loop = WatchLoop(
            watches: watches, stopSignal: stopSignal, quietPeriod: quietPeriod, longestBurst: longestBurst,
            onChange: onChange)
        thread = Mutex(try Self.start(loop, directory: directory))
    }

    deinit { stop() }

    /// Stops watching. It waits for a call of `onChange` that is running; no call follows after it returns.
    package func stop() {
        stopPipe.close()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let running { pthread_join(running, nil) }
    }

    private static func start(_ loop: WatchLoop, directory: String) throws(GameFolderError) -> pthread_t {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(loop))
        let status = pthread_create(
            &thread, nil,
            { argument in
                // The box was retained for this thread alone, and its pointer is never null.
                guard let argument else { return nil }
                let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                box.loop.run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw .unwatchable(directory: directory, reason: String(cString: strerror(status)))
        }
        return thread
    }

    /// Passes the loop to its thread through a C pointer.
    private final class Box {
        var loop: WatchLoop

        init(_ loop: WatchLoop) { self.loop = loop }
    }
}

/// A file descriptor that is closed at most once.
final class Descriptor: Sendable {
    private let number: Mutex<Int32>

    init(_ number: Int32) { self.number = Mutex(number) }

    deinit { close() }

    var isOpen: Bool { value >= 0 }

    /// The descriptor's number, or -1 when it is closed.
    var value: Int32 { number.withLock { $0 } }

    func close() {
        let old = number.withLock { number in
            defer { number = -1 }
            return number
        }
        if old >= 0 { _ = Glibc.close(old) }
    }
}

/// Merges changes that come together into one call of `onChange`; runs on the watcher's thread.
private struct WatchLoop {
    var watches: FolderWatches
    let stopSignal: Descriptor
    let quietPeriod: Duration
    let longestBurst: Duration
    let onChange: @Sendable () -> Void
    let clock = ContinuousClock()

    /// Returns when the other end of the stop pipe is closed.
    mutating func run() {
        var burst: (began: ContinuousClock.Instant, last: ContinuousClock.Instant)?
        while true {
            var wait: Duration?
            if let burst {
                let due = min(burst.last + quietPeriod, burst.began + longestBurst)
                wait = max(.zero, clock.now.duration(to: due))
            }
            guard let hasEvents = waitForEvents(wait) else { return }
            if hasEvents, watches.takeEvents() {
                let now = clock.now
                burst = (burst?.began ?? now, now)
            }
            if let current = burst {
                let now = clock.now
                if now >= current.last + quietPeriod || now >= current.began + longestBurst {
                    burst = nil
                    onChange()
                }
            }
        }
    }

    /// - Returns: Whether there are events; `nil` when the loop must stop.
    private func waitForEvents(_ wait: Duration?) -> Bool? {
        var descriptors = [
            pollfd(fd: watches.inotify.value, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stopSignal.value, events: Int16(POLLIN), revents: 0),
        ]
        var timeout: Int32 = -1
        if let wait {
            // Rounded up to milliseconds, so that `poll` never returns before the time is over.
            let (seconds, attoseconds) = wait.components
            timeout = Int32(min(seconds, 1000) * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        }
        let count = poll(&descriptors, 2, timeout)
        if count < 0 { return errno == EINTR ? false : nil }
        if descriptors[1].revents != 0 { return nil }
        return descriptors[0].revents != 0
    }
}
