import JSONValues
import NIOCore
import NIOPosix
import SimulationTestKit
import Synchronization
import Testing
import Wire
import World

@testable import Simulation

@Suite("Sockets of a running map", .timeLimit(.minutes(5))) struct SocketMapTests {
    /// A client whose connection is on an event loop.
    final class Client: SocketSink {
        let id: SessionID
        let socketID: String
        let thread: SessionThread
        private let eventLoop: any EventLoop
        private let texts = AsyncStream.makeStream(of: String.self)

        init(_ id: SessionID, _ eventLoop: any EventLoop) {
            (self.id, socketID, self.eventLoop) = (id, "s\(id)", eventLoop)
            thread = SessionThread(eventLoop)
        }

        func deliver(_ output: SocketOutput) {
            eventLoop.preconditionInEventLoop()
            switch output {
            case .accept: texts.continuation.yield("accept")
            case .refuse(let message): texts.continuation.yield("refuse \(message)")
            case .packets(let run):
                for packet in run.packets { texts.continuation.yield(String(decoding: packet.bytes, as: UTF8.self)) }
            case .acknowledge(let number, _): texts.continuation.yield("ack \(number)")
            case .refuseEvent(let number, _): texts.continuation.yield("refuse event \(number ?? -1)")
            case .disconnect: texts.continuation.yield("disconnect")
            case .close: texts.continuation.yield("close")
            }
        }

        func flush() { texts.continuation.yield("flush") }

        /// The next texts that the client gets.
        func next(_ count: Int) async -> [String] {
            var found: [String] = []
            for await text in texts.stream {
                found.append(text)
                if found.count == count { break }
            }
            return found
        }
    }

    private static let files = GameMapsTests.files.merging([
        "sockets/connect.lua": "io.emit('joined', socket.id)", "sockets/say.lua": "io.emit('said', data)",
        "sockets/disconnect.lua": "print('gone', socket.id, reason)",
    ]) { $1 }

    @Test("outputs reach each connection on its thread; when the map stops, all are closed and none comes")
    func running() async throws {
        try await GameMapsTests.run(Self.files) { running in
            let map = try #require(running.maps[1])
            let (first, second) = (Client(1, running.group.next()), Client(2, running.group.next()))
            #expect(map.post(.socket(.open(first, SocketOpening()))))
            #expect(await first.next(3) == ["accept", #"42["joined","s1"]"#, "flush"])
            #expect(map.post(.socket(.open(second, SocketOpening()))))
            #expect(await second.next(3) == ["accept", #"42["joined","s2"]"#, "flush"])
            #expect(await first.next(2) == [#"42["joined","s2"]"#, "flush"])
            #expect(map.post(.socket(.event(2, name: "say", arguments: [.string("hi")], acknowledgement: nil))))
            for client in [first, second] { #expect(await client.next(2) == [#"42["said","hi"]"#, "flush"]) }
            let status = await map.status()
            #expect(status.sockets == 2 && status.socketEventsRun == 1 && status.players == 0)
            await map.pause(because: "test")
            for client in [first, second] { #expect(await client.next(2) == ["close", "flush"]) }
            #expect(!map.post(.socket(.open(Client(3, running.group.next()), SocketOpening()))))
            #expect(!map.post(.socket(.event(1, name: "say", arguments: [], acknowledgement: nil))))
            #expect(map.post(.socket(.close(1, reason: "transport close"))), "the end of a connection is always taken")
            let lines = await map.diagnostics().log.map(\.text)
            #expect(lines.contains("gone\ts1\tserver shutting down"))
        }
    }

    @Test("when the map's file is gone, its sockets are closed")
    func closed() async throws {
        try await GameMapsTests.run(Self.files) { running in
            let map = try #require(running.maps[1])
            let client = Client(1, running.group.next())
            #expect(map.post(.socket(.open(client, SocketOpening()))))
            #expect(await client.next(3).first == "accept")
            _ = try await running.change(["maps/1-field.tmj": nil])
            #expect(await client.next(2) == ["close", "flush"])
        }
    }
}
