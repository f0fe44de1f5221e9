import JSONValues
import NIOCore
import NIOPosix
import Testing
import Transport
import WebRTC

@testable import GameRules
@testable import Gateway

@Suite("The UDP port of the server's WebRTC clients", .timeLimit(.minutes(5))) struct WebRTCPortTests {
    /// The error of a server that is started while its UDP port is in use.
    private func error(
        _ configure: @escaping (inout GatewayConfiguration, Int) -> Void
    ) async throws -> (any Error, port: Int)? {
        let socket = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(socket.localAddress?.port)
        var error: (any Error)?
        do {
            try await TestServer.runWebRTC(configure: { configure(&$0, port) }) { _ in }
        } catch let caught { error = caught }
        try await socket.close().get()
        return error.map { ($0, port) }
    }

    @Test("a UDP port that is in use is an error that says what to do")
    func portTaken() async throws {
        let (error, port) = try #require(
            await error { configuration, port in
                configuration.webRTC.port = port
                configuration.portPerMap = true
            })
        #expect(error as? GameServerError == .webRTC(.portTaken(port)))
        let text = "\(error)"
        #expect(text.contains("UDP port \(port)") && text.contains("webrtc_port"))
    }

    @Test("the UDP port has the number of the server's TCP port, if the game names no other")
    func number() async throws {
        let (error, port) = try #require(
            await error { configuration, port in
                configuration.port = port
                configuration.webRTC.port = nil
            })
        #expect(error as? GameServerError == .webRTC(.portTaken(port)))
    }

    @Test("clients are told the addresses that the game names, in their order")
    func addresses() async throws {
        try await TestServer.runWebRTC(configure: { configuration in
            configuration.webRTC.addresses = ["203.0.113.5:5000", "[2001:db8::1]:5001"]
        }) { server in
            let reply = try await OfferClient(server).offer(try await server.register("Ann"))
            let lines = (reply.json["sdp"]?.string ?? "").split(separator: "\r\n").filter {
                $0.hasPrefix("a=candidate:")
            }
            #expect(
                lines.map { $0.split(separator: " ")[4...5].joined(separator: " ") } == [
                    "203.0.113.5 5000", "2001:db8::1 5001",
                ])
        }
    }

    @Test("STUN and TURN servers of the game come with the answer [T6, T8]")
    func iceServers() async throws {
        let url = try IceServerURL("turn:turn.example.org")
        try await TestServer.runWebRTC(configure: { configuration in
            configuration.peerNetwork.iceServers = [url]
            configuration.turnSecret = Array("secret".utf8)
        }) { server in
            let reply = try await OfferClient(server).offer(try await server.register("Ann"))
            let relay = reply.json["ice_servers"]?.array?.first?.object
            #expect(relay?["username"]?.string?.hasSuffix(":players_1") == true, "\(reply.text)")
            #expect(relay?["credential"]?.string?.isEmpty == false)
        }
    }

    @Test(
        "game.yaml takes the addresses that the port takes, and refuses others with the same words",
        arguments: [
            "203.0.113.5", "203.0.113.5:5000", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:5000", "game.example",
            "203.0.113.5:0", "203.0.113.5:65536", "203.0.113.5:", "[203.0.113.5]", "[2001:db8::1]5000", "[2001:db8::1",
            "fe80::1%eth0", "", "203.0.113", ":5000", "[]:5000",
        ])
    func sameAddresses(text: String) {
        let isTaken = RTCCandidate(text, defaultPort: 5000) != nil
        do throws(SettingMistake) {
            _ = try WebRTCAddress.checked(text)
            #expect(isTaken)
        } catch {
            #expect(!isTaken)
            #expect(error.message == RTCAddressError.invalid(text).description)
        }
    }
}
