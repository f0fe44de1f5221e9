import Foundation
import ScriptCheck
import Testing

@Suite("perigee check on the bundled game") struct MeadowTests {
    @Test("finds nothing")
    func clean() throws {
        let check = try GameCheck(directory: Paths.meadow)
        #expect(check.diagnostics.map { $0.line() } == [])
        #expect(check.scriptCount >= 49)
    }
}
