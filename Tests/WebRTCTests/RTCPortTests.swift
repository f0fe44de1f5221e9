import NIOCore
import Testing

@testable import WebRTC

@Suite("A port with real datagrams") struct RTCPortTests {
    @Test("messages of all forms and sizes come back in their order")
    func echo() async throws {
        try await withEchoClient { port, client, _ in
            try await client.run { client in
                for (text, isText) in [("a", true), ("b", false), ("", true), ("", false)] {
                    client.send(text, on: 0, isText: isText)
                }
                client.send(String(repeating: "x", count: 65_536), on: 0)
                client.send("last", on: 0)
            }
            try await client.wait("the last echo") { $0.messages.last == "0/text/last" }
            let view = try await client.look()
            #expect(
                view.messages.filter { $0.hasPrefix("0/") && $0 != "0/open" } == [
                    "0/text/a", "0/binary/b", "0/text/", "0/binary/", "0/text/" + String(repeating: "x", count: 40),
                    "0/text/last",
                ])
            #expect(view.bytes[0] ?? 0 > 65_536)
            let counts = try await port.readCounts().get()
            #expect(counts.peers == 1 && counts.openedPeers == 1 && counts.messagesReceived == 6)
        }
    }

    @Test(
        "a client is met at the SCTP port of the answer, at 5000 if it takes that whatever the answer says, and if it waits",
        arguments: [(nil, true), (SCTPAssociation.usualPort, true), (nil, false)])
    func sctpPort(_ port: UInt16?, beginsSCTP: Bool) async throws {
        try await withPort { server in
            let log = Log()
            let client = try await TestClient.connect(to: server, sctpPort: port, beginsSCTP: beginsSCTP) {
                EchoHandler($0, log)
            }
            try await client.wait("connected") { $0.isConnected }
            try await client.run { client in
                client.open(0, ChannelOpen(label: "reliable"))
                client.send("hello", on: 0)
            }
            try await client.wait("the echo") { $0.messages.contains("0/text/hello") }
            try await client.leave()
        }
    }

    @Test("thousands of messages come back, on both kinds of channels")
    func many() async throws {
        try await withEchoClient { _, client, _ in
            for round in 0..<50 {
                try await client.run { client in
                    for _ in 0..<40 { client.send("m", on: 0) }
                    client.send("d", on: 2, isOrdered: false)
                }
                try await client.wait("the echoes of round \(round)") { $0.bytes[0] ?? 0 >= 40 * (round + 1) }
            }
            // They may get lost, so another one is sent after each look.
            var round = 50
            while try await client.look().messages.count(where: { $0 == "2/text/d" }) < 25 {
                round += 1
                let count = 40 * 50 + round - 50
                try await client.run { client in
                    client.send("m", on: 0)
                    client.send("d", on: 2, isOrdered: false)
                }
                try await client.wait("an echo") { $0.bytes[0] ?? 0 >= count }
            }
        }
    }

    @Test("messages that may get lost go on arriving beside a long one, over a slow line")
    func beside() async throws {
        try await withEchoClient { _, client, _ in
            try await client.run { client in
                client.slowDown(SlowLine(perTick: 3, capacity: 40))
                client.send("megabyte", on: 0)
            }
            for step in 1...20 {
                try await client.run { $0.send("d", on: 2, isOrdered: false) }
                try await client.wait("\(step) of 20 parts of it") { $0.bytes[0] ?? 0 >= step << 20 / 20 }
            }
            #expect(try await client.look().messages.count { $0 == "2/text/d" } >= 10)
        }
    }

    @Test("a channel that the server closes is closed on both sides, after the messages on it")
    func serverCloses() async throws {
        try await withEchoClient { _, client, log in
            try await client.run { client in
                client.send("before", on: 0)
                client.send("close", on: 0)
            }
            try await log.wait(for: "closed reliable")
            try await client.wait("the reset") { $0.closedStreams == [0] }
            #expect(try await client.look().messages.contains("0/text/before"))
            try await client.run { $0.send("lost", on: 0) }
            try await client.run { $0.open(4, ChannelOpen(label: "again")) }
            try await log.wait(for: "opened again")
        }
    }

    @Test("a channel that the client closes is closed on both sides, and its stream can be used again")
    func clientClosesChannel() async throws {
        try await withEchoClient { _, client, log in
            try await client.run { $0.close(0) }
            try await log.wait(for: "closed reliable")
            try await client.wait("the answer") { $0.closedStreams == [0] }
            try await client.run { $0.open(0, ChannelOpen(label: "again")) }
            try await log.wait(for: "opened again")
            try await client.run { $0.send("m", on: 0) }
            try await client.wait("the echo") { $0.messages.contains("0/text/m") }
        }
    }

    @Test("a client that leaves ends its peer at once; one that the server ends is told")
    func ends() async throws {
        try await withEchoClient { port, client, log in
            let other = Log()
            let second = try await TestClient.connect(to: port) { EchoHandler($0, other) }
            try await second.wait("connected") { $0.isConnected }
            try await second.leave()
            try await other.wait(for: "ended: \(RTCEnd.clientClosed)")
            try await client.run { $0.send("end", on: 0) }
            try await client.wait("the end") { $0.isEnded }
            try await log.wait(for: "ended: \(RTCEnd.serverClosed)")
            #expect(try await port.readCounts().get().peers == 0)
        }
    }

    @Test("a client with another certificate than that of its offer is refused")
    func fingerprint() async throws {
        try await withPort { port in
            let log = Log()
            let client = try await TestClient.connect(to: port, fingerprint: [UInt8](repeating: 9, count: 32)) {
                EchoHandler($0, log)
            }
            try await log.wait(for: "ended: \(RTCEnd.wrongFingerprint)")
            #expect(try await !client.look().isConnected)
            try await client.leave()
        }
    }

    @Test(
        "a client goes on from another port: at once if it nominates it, otherwise when the old one is silent",
        arguments: [
            true, false,
        ])
    func moves(_ nominates: Bool) async throws {
        try await withEchoClient({ $0.times.quiet = .milliseconds(300) }) { port, client, log in
            try await client.rebind(nominates: nominates)
            try await client.run { $0.send("moved", on: 0) }
            try await client.wait("the echo") { $0.messages.contains("0/text/moved") }
            #expect(try await port.readCounts().get().moves == 1)
            #expect(try await client.look().checks >= 1)
            #expect(try await !log.all().contains { $0.hasPrefix("ended") })
        }
    }

    @Test("a client without checks ends, whatever else it sends")
    func consent() async throws {
        let time = AdjustableTime()
        try await withEchoClient({ $0.pausedTime = { time.paused } }) { _, client, log in
            try await client.run { client in
                client.stopChecks()
                client.send("behind the last check", on: 0)
            }
            try await client.wait("the echo") { $0.messages.contains("0/text/behind the last check") }
            time.advance(by: .hours(1))
            try await log.wait(for: "ended: \(RTCEnd.consentLost)")
            try await client.wait("the end") { $0.isEnded }
        }
    }

    @Test("addresses of the answer are those of the options, and the port's own without any")
    func addresses() async throws {
        try await withPort({ $0.publicAddresses = ["203.0.113.5", "203.0.113.6:7000"] }) { port in
            #expect(port.candidates.map(\.description) == ["203.0.113.5:\(port.localPort)", "203.0.113.6:7000"])
        }
        try await withPort { #expect($0.candidates.map(\.description) == ["127.0.0.1:\($0.localPort)"]) }
        await #expect(throws: RTCAddressError.invalid("example.org")) {
            try await withPort({ $0.publicAddresses = ["example.org"] }) { _ in }
        }
    }
}
