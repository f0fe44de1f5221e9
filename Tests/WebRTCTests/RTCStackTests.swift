import NIOCore
import Testing

@testable import WebRTC

/// Counts the ticks that a member gets; used on the loop of the stack only.
///
/// `@unchecked Sendable`: the `var` are used on that loop only.
private final class CountingMember: RTCStack.Member, @unchecked Sendable {
    var needsTicks: Bool
    private(set) var count = 0
    /// Called with ``count`` after each tick.
    var ticked: (Int) -> Void = { _ in }

    init(needsTicks: Bool) { self.needsTicks = needsTicks }

    func transmit(_ datagram: UnsafeBufferPointer<UInt8>) {}
    func encrypt(_ packet: UnsafeBufferPointer<UInt8>) {}
    func packetArrived(_ packet: UnsafeBufferPointer<UInt8>) {}

    func timePassed(now: NIODeadline) -> Bool {
        count += 1
        ticked(count)
        return needsTicks
    }
}

@Suite("The ticks of peers") struct RTCStackTests {
    @Test("a member that needs no ticks is looked at once in 100 of them, and when it is woken")
    func sleeping() async throws {
        let stack = RTCStack.shared
        let (busy, idle) = (CountingMember(needsTicks: true), CountingMember(needsTicks: false))
        let counts = try await stack.eventLoop.flatSubmit {
            let promise = stack.eventLoop.makePromise(of: [Int].self)
            var (ids, counts): ([UInt32], [Int]) = ([], [])
            for member in [busy, idle] {
                _ = stack.add {
                    ids.append($0); return member
                }
            }
            busy.ticked = { count in
                switch count {
                case 250:
                    counts.append(idle.count)
                    stack.wake(ids[1])
                case 252:
                    counts.append(idle.count)
                    for id in ids { stack.remove(id) }
                    busy.ticked = { _ in }
                    promise.succeed(counts)
                default: break
                }
            }
            return promise.futureResult
        }.get()
        #expect((3...4).contains(counts[0]), "the first tick, and its turns")
        #expect(counts[1] > counts[0])
    }
}
