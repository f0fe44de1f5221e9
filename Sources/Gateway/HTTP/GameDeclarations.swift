import GameFolder
import GameRules
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import World

/// What a game lets its players know about itself: the events that they may send, with the parameters, and the types of
/// the components that all of them see. `GET /server/api/game` answers with it.
///
/// Events that are not public, private components and default values of components are not in it.
struct GameDeclarations: Sendable {
    /// The declarations as JSON in UTF-8.
    let bytes: [UInt8]
    /// The entity tag, made from the content, so it changes with a reload that changes the declarations.
    private let tag: String

    /// The declarations of a game.
    init(_ game: GameDefinition) {
        bytes =
            JSON.object([
                "name": .string(game.configuration.name),
                "groups": .array(game.schema.groups.compactMap(Self.group)),
                "components": .array(game.schema.components.filter { !$0.isPrivate }.map(Self.component)),
            ]).bytes
        tag = "\"\(hex(Sodium.hash(bytes).prefix(12)))\""
    }

    /// Answers a request for the declarations.
    func response(to request: Request) -> Response {
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        if request.knows(tag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func group(_ group: EventGroupDefinition) -> JSON? {
        let events = group.events.filter(\.isPublic)
        guard !events.isEmpty else { return nil }
        return .object([
            "name": .string(group.name),
            "events": .array(
                events.map { event in
                    .object([
                        "name": .string(event.name), "action": .string("\(group.name)/\(event.name)"),
                        "parameters": .array(event.parameters.map(parameter)),
                    ])
                }),
        ])
    }

    private static func parameter(_ parameter: EventParameter) -> JSON {
        var members: JSONObject = ["name": .string(parameter.name), "type": .string(parameter.type.rawValue)]
        // Without a default a parameter is mandatory; a default may be null.
        if let value = parameter.defaultValue { members["default"] = value }
        if !parameter.about.isEmpty { members["about"] = .string(parameter.about) }
        return .object(members)
    }

    private static func component(_ component: ComponentDefinition) -> JSON {
        .object([
            "name": .string(component.name), "type": .string(component.type.rawValue),
            "kinds": .array(
                EntityKind.allCases.filter(component.kinds.contains).map { .string($0.name) }),
        ])
    }
}

/// `GET /server/api/game`.
struct GameRoutes: Sendable {
    let core: GatewayCore

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.endpoint(
            "/server/api/game",
            [
                .get: { request, _ in
                    guard let declarations = core.configuration.declarations else {
                        throw GatewayError.notFound("this server has no game")
                    }
                    return declarations.response(to: request)
                }
            ])
    }
}
