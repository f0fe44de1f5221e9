import NIOCore
import Testing

@testable import WebRTC

@Suite("A port with clients that are late, wrong or hostile") struct RTCPortBoundsTests {
    @Test("each peer has an SCTP port of its own")
    func sctpPorts() async throws {
        try await withPort { port in
            var ports: Set<UInt16> = []
            for _ in 0..<3 {
                let answer = try await port.answer(try TestClient.offer()) { EchoHandler($0, Log()) }.get()
                ports.insert(try ReceivedAnswer(answer).sctpPort)
            }
            #expect(ports.count == 3)
            #expect(SCTPAssociation.ownPort(of: 59_999) == 61_023 && SCTPAssociation.ownPort(of: .max) >= 1024)
        }
    }

    @Test("a client that forges its address does not send what it gets to a victim")
    func forgedMove() async throws {
        try await withEchoClient { port, client, _ in
            let victim = try await Victim()
            let sent = try await client.forge(from: victim)
            try await client.run { $0.send("megabyte", on: 0) }
            try await client.wait("all of it, at its own address") { $0.bytes[0] ?? 0 >= 1 << 20 }
            #expect(try await port.readCounts().get().moves == 0)
            let received = try await victim.received()
            #expect(received > 0 && received <= 3 * sent)
            try await victim.close()
        }
    }

    @Test("a client that does not open a channel in time ends")
    func halfOpen() async throws {
        try await withPort({ $0.times.opening = .milliseconds(300) }) { port in
            let (silent, idle) = (Log(), Log())
            _ = try await port.answer(try TestClient.offer()) { EchoHandler($0, silent) }.get()
            let client = try await TestClient.connect(to: port) { EchoHandler($0, idle) }
            try await silent.wait(for: "ended: \(RTCEnd.notOpened)")
            try await idle.wait(for: "ended: \(RTCEnd.notOpened)")
            try await client.leave()
        }
    }

    @Test("the number of peers is limited, and that of peers that are not open")
    func limits() async throws {
        // Later offers would take the place of a client that has not come within a second.
        let time = AdjustableTime(isFrozen: true)
        try await withPort({ options in
            (options.maxPeers, options.maxHalfOpenPeers) = (3, 2)
            options.pausedTime = { time.paused }
        }) { port in
            func offer() async throws {
                _ = try await port.answer(try TestClient.offer()) { EchoHandler($0, Log()) }.get()
            }
            try await offer()
            try await offer()
            await #expect(throws: RTCRefusal.tooManyOffers) { try await offer() }
            #expect(try await port.readCounts().get().refusedOffers == 1)
            port.stop()
            await #expect(throws: RTCRefusal.stopping) { try await offer() }
        }
    }

    @Test("the peers of one source that are not open are limited, and full slots are taken from late clients")
    func sources() async throws {
        let time = AdjustableTime(isFrozen: true)
        try await withPort({ options in
            (options.maxHalfOpenPeers, options.maxHalfOpenPeersOfSource) = (3, 2)
            options.pausedTime = { time.paused }
        }) { port in
            let logs = (0..<4).map { _ in Log() }
            func offer(_ number: Int, from source: String?) async throws {
                let log = logs[number]
                _ = try await port.answer(try TestClient.offer(), source: source) { EchoHandler($0, log) }.get()
            }
            try await offer(0, from: "a")
            try await offer(1, from: "a")
            await #expect(throws: RTCRefusal.tooManyOffers) { try await offer(2, from: "a") }
            try await offer(2, from: nil)
            await #expect(throws: RTCRefusal.tooManyOffers) { try await offer(3, from: "b") }
            time.advance(by: .seconds(2))
            try await offer(3, from: "b")
            try await logs[0].wait(for: "ended: \(RTCEnd.notOpened)")
            #expect(try await logs[1].all().isEmpty)
            #expect(try await port.readCounts().get().peers == 3)
        }
    }

    @Test("a client that is not admitted gets no answer and leaves nothing behind")
    func notAdmitted() async throws {
        struct Unknown: Error {}
        try await withPort({ $0.maxPeers = 1 }) { port in
            let offer = try TestClient.offer()
            await #expect(throws: Unknown.self) { _ = try await port.answer(offer) { _ in throw Unknown() }.get() }
            let counts = try await port.readCounts().get()
            #expect(counts.peers == 0 && counts.endedPeers == 0)
            let log = Log()
            _ = try await port.answer(offer) { EchoHandler($0, log) }.get()
        }
    }

    @Test("a handshake of more datagrams than one may need ends the client")
    func longHandshake() async throws {
        try await withPort { port in
            let log = Log()
            let text = try await port.answer(try TestClient.offer()) { EchoHandler($0, log) }.get()
            let answer = try ReceivedAnswer(text)
            let (socket, channel) = try await DatagramSocket.bindClient()
            let check = ClientCheck(username: "\(answer.ufrag):test", password: answer.password)
            // A record of a later epoch, which OpenSSL keeps.
            let early = ByteBuffer(bytes: [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 7])
            for datagram in [check.datagram] + [ByteBuffer](repeating: early, count: 70) {
                _ = datagram.withUnsafeReadableBytes { socket.send($0, to: answer.address) }
            }
            try await log.wait(for: "ended: \(RTCEnd.dtlsFailed)")
            try await channel.close().get()
        }
    }

    @Test("a message longer than the answer allows ends the client")
    func tooLong() async throws {
        try await withEchoClient { _, client, log in
            try await client.run { $0.send(String(repeating: "x", count: 65_537), on: 0) }
            try await log.wait(for: "ended: \(RTCEnd.messageTooLong(limit: 65_536))")
        }
    }

    @Test("a message longer than the client takes is refused")
    func clientLimit() async throws {
        try await withPort { port in
            let log = Log()
            let client = try await TestClient.connect(to: port, maxMessageBytes: 10) { EchoHandler($0, log) }
            try await client.wait("connected") { $0.isConnected }
            try await client.run { client in
                client.open(0, ChannelOpen(label: "reliable"))
                client.send("eleven char", on: 0)
                client.send("ten chars.", on: 0)
            }
            try await client.wait("the echo") { $0.messages.contains("0/text/ten chars.") }
            try await log.wait(for: "refused")
            try await client.leave()
        }
    }

    @Test("a message has to fit into SCTP's buffer, if the client says that it takes any", arguments: [0, 10, 1 << 30])
    func sendLimit(_ maxMessageBytes: Int) async throws {
        try await withPort { port in
            let log = Log()
            _ = try await port.answer(try TestClient.offer(maxMessageBytes: maxMessageBytes)) { peer in
                log.add("\(peer.maxSendBytes)")
                return EchoHandler(peer, log)
            }.get()
            #expect(try await log.all() == [maxMessageBytes == 10 ? "10" : "131072"])
        }
    }

    @Test("odd streams, malformed openings and messages without a channel harm nobody")
    func violations() async throws {
        try await withEchoClient { port, client, log in
            try await client.run { client in
                client.open(1, ChannelOpen(label: "odd"))
                client.open(0, ChannelOpen(label: "twice"))
                client.send("nobody", on: 6)
                client.send(raw: ByteBuffer(bytes: [3, 9, 0]), .establishment, on: 8)
                client.send(raw: ByteBuffer(bytes: [2]), .establishment, on: 10)
                client.send(raw: ByteBuffer(bytes: [0xFF]), .establishment, on: 12)
                client.send("still here", on: 2)
            }
            try await client.wait("the echo") { $0.messages.contains("2/text/still here") }
            try await log.wait(for: "closed reliable")
            let counts = try await port.readCounts().get()
            #expect(counts.refusedChannels == 4 && counts.strayMessages == 1)
            #expect(try await log.all() == ["opened reliable", "opened fast", "closed reliable"])
        }
    }

    @Test("junk of all kinds is dropped and counted, beside a client that goes on (seed 5)")
    func junk() async throws {
        try await withEchoClient { port, client, _ in
            let before = try await port.readCounts().get()
            var generator = CountingGenerator(state: 5)
            let stranger = try await TestClient.connect(to: port) { EchoHandler($0, Log()) }
            for round in 0..<2000 {
                var datagram = ByteBuffer()
                datagram.writeInteger(UInt8(round % 256))
                for _ in 0..<(generator.next() % 150) {
                    datagram.writeInteger(UInt8(truncatingIfNeeded: generator.next()))
                }
                try await (round % 2 == 0 ? client : stranger).send(datagram: datagram)
            }
            try await client.send(datagram: ByteBuffer(repeating: 22, count: 2000))
            try await client.run { $0.send("after the junk", on: 0) }
            try await client.wait("the echo") { $0.messages.contains("0/text/after the junk") }
            let after = try await port.readCounts().get()
            #expect(after.droppedDatagrams - before.droppedDatagrams > 1000)
            try await stranger.leave()
        }
    }

    @Test("junk from the address of a client does not count as heard")
    func forgedRecords() async throws {
        try await withEchoClient { _, client, log in
            let before = try await client.run { _ in log.heardCount }
            for number in 0..<UInt8(200) {
                // A record of application data; its number is in the window.
                var record = ByteBuffer(bytes: [23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 1, number, 0, 40])
                record.writeRepeatingByte(number, count: 40)
                try await client.send(datagram: record)
            }
            try await client.run { $0.send("after the junk", on: 0) }
            try await client.wait("the echo") { $0.messages.contains("0/text/after the junk") }
            #expect(try await client.run { _ in log.heardCount } < before + 100)
        }
    }

    @Test("packets of SCTP that a client has changed harm nobody else", arguments: 1...20)
    func damage(seed: UInt64) async throws {
        try await withEchoClient({ $0.streamCount = 256 }) { port, client, _ in
            let hostile = try await TestClient.connect(to: port) { EchoHandler($0, Log()) }
            try await hostile.wait("connected") { $0.isConnected }
            try await hostile.run { $0.damagePackets(PacketDamage(seed: seed, rarity: 2)) }
            for round in 0..<30 {
                try await hostile.run { hostile in
                    hostile.open(UInt16(2 * round), round % 2 == 0 ? LaneTests.fast : ChannelOpen(label: "reliable"))
                    hostile.send(String(repeating: "x", count: 40 * round * round), on: UInt16(2 * (round / 2)))
                    if round % 5 == 4 { hostile.close(UInt16(2 * round - 4)) }
                }
                try await client.run { $0.send("round \(round)", on: 0) }
                try await client.wait("the echo") { $0.messages.contains("0/text/round \(round)") }
            }
            let packet = try await hostile.run { $0.lastPacket }
            #expect(packet.own == packet.checked, "the checksum is calculated as SCTP does it")
            try await hostile.leave()
        }
    }

    @Test("a request without credentials gets its address; answers to wrong checks are not longer than they are")
    func answers() async throws {
        try await withEchoClient { port, client, _ in
            try await client.send(datagram: ClientCheck.plain.datagram)
            try await client.send(datagram: ClientCheck(username: "a:b", password: "wrong").datagram)
            try await client.send(datagram: ClientCheck(username: "a:b").datagram)
            try await client.wait("the errors") { $0.answers.filter { $0 == STUNMessage.Kind.bindingError }.count == 2 }
            let counts = try await port.readCounts().get()
            #expect(counts.toldAddresses == 1 && counts.refusedChecks == 2)
        }
    }
}
