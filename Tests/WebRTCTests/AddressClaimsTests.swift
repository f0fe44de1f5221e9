import NIOCore
import Testing

@testable import WebRTC

@Suite("The addresses to which peers want to move") final class AddressClaimsTests {
    var claims = AddressClaims()
    var generator = CountingGenerator(state: 1)
    static let away = PeerTableTests.address("198.51.100.1", 2000)
    static let other = PeerTableTests.address("198.51.100.2", 2000)

    func after(_ milliseconds: Int64) -> NIODeadline { PeerTableTests.start + .milliseconds(milliseconds) }

    /// A check of 100 bytes from an address.
    func note(
        _ address: PeerAddress = AddressClaimsTests.away, nominates: Bool = true, at milliseconds: Int64 = 0
    ) throws {
        let target = try SocketAddress(ipAddress: "198.51.100.1", port: 2000)
        claims.note(7, at: address, nominates: nominates, bytes: (100, 64), now: after(milliseconds)) {
            let check = STUNRequest.check(username: "them:us", password: "secret", using: &generator)
            return (.init(datagram: check, target: target), "secret")
        }
    }

    /// The methods change the state, which `#expect` does not allow.
    func peer(at address: PeerAddress, received count: Int = 1) -> UInt32? {
        claims.peer(at: address, received: count)
    }

    func due(at milliseconds: Int64) -> [ByteBuffer] {
        claims.dueChecks(now: after(milliseconds)).map(\.datagram)
    }

    func take(_ check: ByteBuffer, password: String = "secret", from address: PeerAddress = AddressClaimsTests.away)
        throws -> UInt32?
    {
        let request = try STUNMessage(check)
        let answer = STUNAnswer.success(to: request, from: address, password: password)
        return claims.take(try STUNMessage(answer), from: address)?.id
    }

    @Test("the server's check is that of a controlled agent, with the client's password")
    func check() throws {
        let check = try STUNMessage(STUNRequest.check(username: "them:us", password: "secret", using: &generator))
        #expect(check.kind == STUNMessage.Kind.bindingRequest && check.isControlled && !check.nominates)
        #expect(check.username == ByteBuffer(string: "them:us") && check.isAuthentic(password: "secret"))
        #expect(check.unknownAttributes.isEmpty)
    }

    @Test("the answer to the check lets the peer move, once")
    func proof() throws {
        try note()
        let check = try #require(due(at: 0).first)
        #expect(peer(at: Self.away, received: 10) == 7)
        #expect(try take(check, password: "wrong") == nil)
        #expect(try take(check, from: Self.other) == nil, "another address proves nothing")
        #expect(try take(STUNRequest.check(username: "them:us", password: "secret", using: &generator)) == nil)
        #expect(try take(check) == 7)
        #expect(try take(check) == nil)
        #expect(peer(at: Self.away, received: 10) == nil)
    }

    @Test("checks are sent again, but never more than 3 times the bytes that came")
    func limit() throws {
        try note()
        let size = try #require(due(at: 0).first).readableBytes
        #expect(due(at: 199).isEmpty)
        var sent = 64 + size
        for time in stride(from: 200, through: 2000, by: 200) { sent += due(at: Int64(time)).count * size }
        #expect(sent <= 300 && sent + size > 300)
        #expect(peer(at: Self.away, received: 1000) == 7)
        #expect(due(at: 2200).count == 1)
        #expect(due(at: 5000).isEmpty && peer(at: Self.away) == nil, "it took too long")
    }

    @Test("another address waits a second, unless it is nominated")
    func precedence() throws {
        try note(nominates: false)
        try note(Self.other, nominates: false, at: 999)
        #expect(peer(at: Self.away) == 7 && peer(at: Self.other) == nil)
        try note(Self.other, nominates: false, at: 1000)
        #expect(peer(at: Self.away) == nil && peer(at: Self.other) == 7)
        try note(Self.away, nominates: true, at: 1001)
        #expect(peer(at: Self.away) == 7)
    }
}
