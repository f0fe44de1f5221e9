import JSONValues
import NIOCore
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite("What is kept for clients that are away") struct RecoveryStoreTests {
    private let clock = TestClock()
    private let packets = SocketPackets(offsets: PacketOffsets(prefix: "m"))

    private func makeStore(_ configure: (inout RecoveryStore.Limits) -> Void = { _ in }) -> RecoveryStore {
        var limits = RecoveryStore.Limits()
        configure(&limits)
        let clock = clock
        return RecoveryStore(limits: limits, now: { clock.now })
    }

    private func open(_ store: RecoveryStore, _ pid: String) -> RecoveryLog {
        store.open(pid: pid, socketID: "sid-\(pid)", namespace: "/") { $0() }
    }

    private func packet(_ fill: Int = 0) -> OutboundMessage {
        packets.event("x", [.string(String(repeating: "y", count: fill))])
    }

    private func offsets(_ log: RecoveryLog, after offset: String?) -> [String]? {
        log.missed(after: offset)?.map(\.offset)
    }

    private func isGranted(_ store: RecoveryStore, _ pid: String, after offset: String? = nil) -> Bool {
        if case .granted = store.claim(pid: pid, namespace: "/", offset: offset, evict: { $0() }) {
            true
        } else {
            false
        }
    }

    /// What packets cost that are kept, each once, without the lists of sockets.
    private func cost(_ packets: some Collection<OutboundMessage>) -> Int {
        packets.reduce(packets.count * PacketMark.overhead) { $0 + $1.size }
    }

    /// The bytes of a list with so many places.
    private func list(_ places: Int) -> Int { places * MemoryLayout<KeptPacket?>.stride }

    @Test("a socket keeps so many packets; a client that missed an older one can't come back")
    func packetCount() {
        let store = makeStore { $0.packetsPerSocket = 3 }
        let log = open(store, "a")
        let sent = (0..<100).map { _ in packet() }
        for packet in sent { store.append(packet, to: log) }
        let names = sent.compactMap(\.mark?.offset)
        #expect(offsets(log, after: names[96]) == Array(names[97...]))
        #expect(offsets(log, after: names[98]) == [names[99]])
        #expect(offsets(log, after: names[99]) == [])
        #expect(offsets(log, after: names[95]) == nil)
        #expect(offsets(log, after: nil) == nil)
        #expect(store.bytes - cost(sent[97...]) <= list(16))
        store.leave(log)
        #expect(isGranted(store, "a", after: names[96]))
    }

    @Test("a client that missed too much gets a new socket, and its former one is gone at once")
    func missedTooMuch() {
        let store = makeStore { $0.packetsPerSocket = 3 }
        let log = open(store, "a")
        for _ in 0..<5 { store.append(packet(), to: log) }
        store.leave(log)
        let gone = Mutex(0)
        store.whenGone(log) { gone.withLock { $0 += 1 } }
        #expect(!isGranted(store, "a", after: "m1"))
        #expect(gone.withLock { $0 } == 1)
        #expect(store.count == 0 && store.bytes == 0)
        #expect(!isGranted(store, "a", after: "m5"))
    }

    @Test("a socket keeps so many bytes, and not even one packet that is larger")
    func packetBytes() {
        let store = makeStore { $0.bytesPerSocket = 300 }
        let log = open(store, "a")
        for _ in 0..<10 { store.append(packet(100), to: log) }
        #expect(log.missed(after: "m8")?.count == 2)
        #expect(log.missed(after: "m7") == nil)
        #expect(store.bytes <= 300 + 2 * PacketMark.overhead + list(16))
        store.append(packet(1000), to: log)
        #expect(store.bytes <= list(16))
        #expect(offsets(log, after: "mb") == [])
        #expect(offsets(log, after: "ma") == nil)
    }

    @Test("old packets are forgotten while a client is connected, but those before its end stay while it is away")
    func age() {
        let store = makeStore()
        let log = open(store, "a")
        store.append(packet(), to: log)
        clock.advance(by: .seconds(121))
        store.append(packet(), to: log)
        #expect(offsets(log, after: nil) == nil)
        #expect(offsets(log, after: "m1") == ["m2"])
        store.leave(log)
        clock.advance(by: .seconds(119))
        store.append(packet(), to: log)
        #expect(offsets(log, after: "m1") == ["m2", "m3"])
        #expect(isGranted(store, "a", after: "m1"))
        clock.advance(by: .seconds(119))
        store.append(packet(), to: log)
        #expect(offsets(log, after: "m2") == ["m3", "m4"])
        #expect(offsets(log, after: "m1") == nil)
    }

    @Test("a packet that many sockets keep counts once, and each socket's place for it is small and counts too")
    func sharedBytes() {
        let store = makeStore()
        let logs = (0..<10).map { open(store, "\($0)") }
        let packet = packet(1000)
        for log in logs { store.append(packet, to: log) }
        let total = store.bytes
        #expect(total > cost([packet]) && total <= cost([packet]) + 10 * list(16))
        for log in logs.dropLast() { store.end(log) }
        #expect(store.bytes < total && store.bytes >= cost([packet]))
        store.end(logs[9])
        #expect(store.bytes == 0)
        store.append(packet, to: logs[9])
        #expect(store.bytes == 0)
    }

    @Test("the lists of many sockets are bounded too, whatever the packets share")
    func lists() {
        #expect(MemoryLayout<KeptPacket?>.stride <= 16)
        let store = makeStore { $0.bytes = 100_000 }
        let logs = (0..<100).map { open(store, "\($0)") }
        for log in logs[..<50] { store.leave(log) }
        for _ in 0..<300 {
            let packet = packet()
            for log in logs { store.append(packet, to: log) }
            #expect(store.bytes <= 100_000)
        }
        for log in logs { store.end(log) }
        #expect(store.bytes == 0)
    }

    @Test("the list of a socket whose packets are forgotten gives its memory back")
    func emptied() {
        let store = makeStore()
        let log = open(store, "a")
        for _ in 0..<1000 { store.append(packet(), to: log) }
        #expect(store.bytes >= 1000 * PacketMark.overhead + list(1000))
        clock.advance(by: .seconds(121))
        store.append(packet(), to: log)
        #expect(store.bytes <= 2 * (PacketMark.overhead + 100) + list(32))
    }

    @Test("at the bound of all bytes the sockets that are away the longest are forgotten first")
    func allBytes() {
        let store = makeStore { $0.bytes = 12_000 }
        let gone = Mutex<[String]>([])
        let away = (0..<3).map { number in
            let log = open(store, "\(number)")
            store.append(packet(3000), to: log)
            store.leave(log)
            store.whenGone(log) { gone.withLock { $0.append("\(number)") } }
            return log
        }
        let here = open(store, "here")
        store.append(packet(3000), to: here)
        #expect(gone.withLock { $0 } == ["0"])
        #expect(store.bytes <= 12_000)
        #expect(!isGranted(store, "0"))
        #expect(isGranted(store, "1"))
        store.append(packet(3000), to: here)
        #expect(gone.withLock { $0 } == ["0", "2"])
        store.append(packet(3000), to: here)
        // Nobody is away, so the socket that was sent the last packet forgets its own.
        #expect(store.bytes <= 12_000)
        #expect(here.missed(after: nil) == nil)
        #expect(away[1].missed(after: nil)?.count == 1)
    }

    @Test("so many clients may be away; the one that left first is forgotten first")
    func awayCount() {
        let store = makeStore { $0.sockets = 2 }
        let logs = (0..<3).map { open(store, "\($0)") }
        for log in [logs[1], logs[0], logs[2]] { store.leave(log) }
        #expect(!isGranted(store, "1"))
        #expect(isGranted(store, "0"))
        #expect(isGranted(store, "2"))
    }

    @Test("one client at a time has a socket")
    func busy() {
        let store = makeStore()
        let log = open(store, "a")
        guard case .busy = store.claim(pid: "a", namespace: "/", offset: nil, evict: { $0() }) else {
            Issue.record("the socket is not connected")
            return
        }
        store.leave(log)
        #expect(isGranted(store, "a"))
        #expect(!isGranted(store, "a"))
    }

    @Test("clients that leave and come back again and again leave nothing behind")
    func flapping() {
        let store = makeStore()
        for number in 0..<100 {
            let log = open(store, "\(number)")
            for _ in 0..<10 {
                store.append(packet(), to: log)
                store.leave(log)
                clock.advance(by: .milliseconds(10))
                #expect(isGranted(store, "\(number)"))
            }
            store.leave(log)
        }
        #expect(store.count == 100)
        clock.advance(by: .seconds(120))
        store.sweep()
        #expect(store.count == 0 && store.bytes == 0)
    }

    @Test("threads may append, leave and come back at once; all bytes are freed in the end")
    func threads() async {
        let store = makeStore { $0.bytes = 5000 }
        let packets = packets
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<50 {
                        let pid = "\(worker)-\(round)"
                        let log = store.open(pid: pid, socketID: pid, namespace: "/") { $0() }
                        for _ in 0..<20 { store.append(packets.event("x", [.string("some text")]), to: log) }
                        store.leave(log)
                        _ = store.claim(pid: pid, namespace: "/", offset: nil, evict: { $0() })
                        store.append(packets.event("y", []), to: log)
                        store.end(log)
                    }
                }
            }
        }
        #expect(store.count == 0 && store.bytes == 0)
    }
}
