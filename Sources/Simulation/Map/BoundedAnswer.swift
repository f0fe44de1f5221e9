/// Waits for the answer of something that may hang, such as a map, for at most `patience`.
///
/// - Parameters:
///   - patience: The longest time to wait.
///   - clock: The clock that measures it.
///   - ask: Gives the answer. It is cancelled when `patience` has passed, and this function does not wait for its end.
/// - Returns: The answer; `nil` when it did not come in time.
package func answer<Value: Sendable>(
    within patience: Duration, clock: any Clock<Duration> = ContinuousClock(),
    _ ask: @escaping @Sendable () async -> Value
) async -> Value? {
    let (answers, answer) = AsyncStream.makeStream(of: Value.self)
    // Not a child task of the group below: the group would wait for it.
    let asking = Task {
        answer.yield(await ask())
        answer.finish()
    }
    defer { asking.cancel() }
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
