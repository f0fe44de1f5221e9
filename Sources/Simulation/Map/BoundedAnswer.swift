/// Waits for the answer of something that may hang, such as a map, and not for longer than `patience`.
///
/// - Parameters:
///   - patience: How long.
///   - clock: What that is measured with.
///   - ask: Gives the answer. It goes on when nobody waits for it any more.
/// - Returns: The answer; `nil` when there was none in time.
package func answer<Value: Sendable>(
    within patience: Duration, clock: any Clock<Duration> = ContinuousClock(),
    _ ask: @escaping @Sendable () async -> Value
) async -> Value? {
    let (answers, answer) = AsyncStream.makeStream(of: Value.self)
    // Not of the group below, which would wait for it.
    Task {
        answer.yield(await ask())
        answer.finish()
    }
    return await withTaskGroup(of: Value?.self) { group in
        group.addTask {
            for await value in answers { return value }
            return nil
        }
        group.addTask {
            try? await clock.sleep(for: patience)
            return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
    }
}
