import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Gateway

@Suite("One task waits for all WebSockets of a server", .timeLimit(.minutes(5))) struct OpenWebSocketsTests {
    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    @Test("the first call waits until all are closed, the others end at once, and a later one waits again")
    func wait() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let open = OpenWebSockets()
        for _ in 1...2 {
            let closed = (0..<3).map { _ in loop.makePromise(of: Void.self) }
            let first = closed[0].futureResult
            let over = Flag()
            let waiting = Task {
                await open.serve(until: first)
                over.set()
            }
            while open.count == 0 { await Task.yield() }
            for promise in closed[1...] { await open.serve(until: promise.futureResult) }
            #expect(open.count == 3)
            for promise in closed {
                #expect(!over.isSet)
                promise.succeed()
            }
            await waiting.value
            #expect(over.isSet && open.count == 0)
        }
    }
}
