import NIOCore
import Testing

@testable import WebRTC

@Suite("The peers that are not open") final class HalfOpenPeersTests {
    var peers = HalfOpenPeers()

    func add(_ id: UInt32, _ source: String? = nil, at seconds: Int64 = 0) {
        peers.add(id, source: source, now: PeerTableTests.start + .seconds(seconds))
    }

    func oldest(at seconds: Int64, checked: Set<UInt32> = []) -> UInt32? {
        peers.oldest(addedBefore: PeerTableTests.start + .seconds(seconds)) { checked.contains($0) }
    }

    @Test("they are counted by their source")
    func sources() {
        for (id, source) in [(1, "a"), (2, "a"), (3, "b"), (4, nil)] as [(UInt32, String?)] { add(id, source) }
        #expect(peers.count == 4 && peers.count(of: "a") == 2 && peers.count(of: "b") == 1)
        for id in [1, 3, 3, 4, 9] as [UInt32] { peers.remove(id) }
        #expect(peers.count == 1 && peers.count(of: "a") == 1 && peers.count(of: "b") == 0)
    }

    @Test("the oldest is the first one without a check")
    func order() {
        for id in 1...4 as ClosedRange<UInt32> { add(id, at: Int64(id)) }
        peers.remove(1)
        #expect(oldest(at: 1, checked: [2]) == nil)
        #expect(oldest(at: 3, checked: [2]) == 3)
        peers.remove(3)
        #expect(oldest(at: 3) == nil && oldest(at: 4) == 4)
    }

    @Test("those that have opened are forgotten, also when there is always room")
    func memory() {
        for id in 1...10_000 as ClosedRange<UInt32> {
            add(id)
            if id > 10 { peers.remove(id - 10) }
        }
        #expect(peers.count == 10 && peers.keptCount == 11)
    }
}
