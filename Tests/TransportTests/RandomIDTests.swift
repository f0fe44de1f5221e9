import Testing

@testable import Transport

@Suite("Ids of connections and sockets") struct RandomIDTests {
    @Test("have 22 characters that need no escape in an address, and don't repeat")
    func ids() {
        let ids = (0..<1000).map { _ in RandomID.make() }
        #expect(Set(ids).count == ids.count)
        for id in ids { #expect(id.wholeMatch(of: /[A-Za-z0-9_-]{22}/) != nil) }
    }
}
