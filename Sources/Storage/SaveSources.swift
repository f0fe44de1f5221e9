import Synchronization

/// Asks all maps at once to save their changes, and does not wait long for a busy map.
///
/// A map in the middle of a long tick answers after the tick; the changes of the other maps are written meanwhile.
/// It may be used on any thread.
package final class SaveSources: Sendable {
    /// A map that is asked for its changes.
    package struct Source: Sendable {
        let id: Int
        let ask: @Sendable (_ everything: Bool) async -> Void

        /// Makes a source.
        ///
        /// - Parameters:
        ///   - id: Identifies the source; it must be the same each time.
        ///   - ask: Saves the changes, or everything, before it returns.
        package init(id: Int, ask: @escaping @Sendable (_ everything: Bool) async -> Void) {
            self.id = id
            self.ask = ask
        }
    }

    /// The longest wait for the answers of all sources.
    static let patience = Duration.milliseconds(250)

    private let sources: @Sendable () -> [Source]
    /// Sources that were asked and have not answered; they are not asked again.
    private let busy = Mutex<Set<Int>>([])
    /// Sources that have to save everything the next time.
    private let mustSaveEverything = Mutex<Set<Int>>([])

    /// Makes the list.
    ///
    /// - Parameter sources: Returns the sources to ask this time.
    package init(_ sources: @escaping @Sendable () -> [Source]) { self.sources = sources }

    /// Makes each current source save everything when it is asked next.
    func needEverything() { mustSaveEverything.withLock { $0.formUnion(sources().map(\.id)) } }

    /// Asks every source that is not busy.
    ///
    /// - Parameter clock: The clock that measures ``patience``.
    func ask(_ clock: any Clock<Duration>) async {
        let asked = sources().filter { source in busy.withLock { $0.insert(source.id).inserted } }
        guard !asked.isEmpty else { return }
        let (answers, answer) = AsyncStream.makeStream(of: Void.self)
        for source in asked {
            Task {
                await source.ask(mustSaveEverything.withLock { $0.remove(source.id) } != nil)
                _ = busy.withLock { $0.remove(source.id) }
                answer.yield()
            }
        }
        await withTaskGroup { group in
            group.addTask {
                var waiting = asked.count
                for await _ in answers {
                    waiting -= 1
                    if waiting == 0 { return }
                }
            }
            group.addTask { try? await clock.sleep(for: Self.patience) }
            await group.next()
            group.cancelAll()
        }
    }
}
