/// Lets clients connect, some at the same time, and stops at the first that can't.
enum ParallelJoin {
    /// Clients that connect at the same time.
    private static let concurrency = 16

    /// Connects clients.
    ///
    /// - Parameters:
    ///   - total: How many.
    ///   - seconds: The longest time.
    ///   - count: How many are connected.
    ///   - join: Connects a client, by its number from 0, and waits until it is in.
    /// - Returns: Why not all are connected; `nil` when they are.
    static func run(
        _ total: Int, within seconds: Int, count: @escaping @Sendable () async -> Int,
        _ join: @escaping @Sendable (Int) async throws -> Void
    ) async -> BenchError? {
        await withTaskGroup(of: BenchError?.self, returning: BenchError?.self) { tasks in
            tasks.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                return .joinTimedOut(joined: await count(), wanted: total, seconds: seconds, obstacle: "")
            }
            let workers = min(concurrency, total)
            for worker in 0..<workers {
                tasks.addTask {
                    for index in stride(from: worker, to: total, by: workers) where !Task.isCancelled {
                        do {
                            try await join(index)
                        } catch {
                            return error as? BenchError
                                ?? .notAdmitted(login: "client \(index + 1)", reason: "\(error)")
                        }
                    }
                    return nil
                }
            }
            defer { tasks.cancelAll() }
            // The first that fails ends it: there is nothing to measure then.
            for _ in 0..<workers {
                if let obstacle = await tasks.next() ?? nil { return obstacle }
            }
            return nil
        }
    }
}
