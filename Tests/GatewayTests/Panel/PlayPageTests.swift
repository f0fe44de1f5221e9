import Foundation
import OperatorAPI
import Storage
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("The page on which the game runs in a frame (M12, rows 168 to 170)", .timeLimit(.minutes(5)))
struct PlayPageTests {
    @Test("it has the elements that the template of a Unity build looks for, and the game in a frame of this server")
    func elements() async throws {
        try await PanelServer.run { panel in
            let viewer = try await panel.user(.viewer)
            let reply = try await panel.send("GET", "/admin/play?map=3", as: viewer)
            #expect(reply.status == 200)
            for id in ["map_id", "perfomance", "unity-api-container", "unity-canvas"] {
                #expect(reply.text.components(separatedBy: "id=\"\(id)\"").count == 2, "\(id)")
            }
            #expect(reply.text.contains("<iframe id=\"unity-canvas\" src=\"/play/\""))
            #expect(reply.text.contains("<form id=\"unity-api-container\""))
            #expect(reply.text.contains("value=\"3\""), "the map of the query [M12.2]")
            let policy = try #require(reply.headers["content-security-policy"])
            #expect(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"))
            let unknown = try await panel.send("GET", "/admin/play?map=99", as: viewer)
            #expect(unknown.text.contains("value=\"3\""), "the first map, in the place of one that does not run")
        }
    }

    @Test("without maps it says so, and the game is there all the same")
    func noMap() {
        let text = PlayPage.page([], selected: nil).html(for: .keyFile()).text
        #expect(text.contains("No map runs.") && text.contains("<iframe"))
    }
}
