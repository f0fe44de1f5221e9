import Gateway
import HTTPTypes
import Hummingbird
import OperatorAPI

/// The help: its pages, searching, and the pictures in its pages. It needs no login.
struct HelpRoutes: Sendable {
    private static let search = HelpSearch(.all)

    func add(to routes: inout PanelRoutes) {
        routes.on(.helpPage) { call in
            guard let query = call.query("q"), !HelpSearch.words(query).isEmpty else {
                return Self.document(HelpLibrary.start, for: call)
            }
            return .page(HelpPage(library: .all).page(Self.search.results(for: query), for: query), for: call.caller)
        }
        routes.on(.helpDocument) { call in Self.answer(call.parameter("name"), to: call) }
        routes.on(.helpPart) { call in Self.answer("\(call.parameter("name"))/\(call.parameter("part"))", to: call) }
    }

    private static func answer(_ name: String, to call: PanelCall) -> Response {
        guard let file = HelpLibrary.all.file(name) else { return document(name, for: call) }
        return file.response(to: call.request)
    }

    private static func document(_ name: String, for call: PanelCall) -> Response {
        let page = HelpPage(library: .all)
        guard let document = HelpLibrary.all[name] else {
            return .page(page.missing(name), for: call.caller, status: .notFound)
        }
        return .page(page.page(document), for: call.caller)
    }
}
