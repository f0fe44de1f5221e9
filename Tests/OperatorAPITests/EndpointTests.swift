import Foundation
import Testing

@testable import OperatorAPI

@Suite("The table of endpoints") struct EndpointTests {
    @Test("docs/operator-api.md has the table as the program has it")
    func documentation() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/operator-api.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let beginnings = ["| request | role "] + Endpoint.Method.allCases.map { "| `\($0.rawValue) /" }
        let table = text.split(separator: "\n").filter { line in beginnings.contains { line.hasPrefix($0) } }
        let expected = Endpoint.documentation.split(separator: "\n").filter { !$0.hasPrefix("|---") }
        #expect(table == expected, "replace the table by:\n\(Endpoint.documentation)")
    }

    @Test("values of a path are percent-encoded")
    func paths() {
        #expect(Endpoint.changeOperator.path(["id": "7"]) == "/server/api/v1/operators/7")
        #expect(
            Endpoint.showPerformance.path(["map_id": "a/../b é"]) == "/server/api/log_performance/a%2F..%2Fb%20%C3%A9")
        #expect(Endpoint.listOperators.path([:]) == "/server/api/v1/operators")
    }
}
