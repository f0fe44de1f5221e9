import GameFolder
import GameRules
import JSONValues
import World

/// Writes the definitions of what one game declares: its components and events.
struct GameStubs {
    private let game: GameDefinition

    init(_ game: GameDefinition) { self.game = game }

    func text() -> String {
        var writer = StubWriter("What this game declares.")
        components(&writer)
        parameters(&writer)
        groups(&writer)
        events(&writer)
        return writer.text
    }

    private func about(_ role: GameScript.Role) -> String { game.script(role)?.about ?? "" }

    // MARK: Components

    private func components(_ writer: inout StubWriter) {
        writer.beginClass("Components", about: "The components of an entity of any type.")
        for component in game.schema.components { field(component, &writer) }
        for kind in EntityKind.allCases {
            writer.beginClass("Components.\(kind.name)", about: "The components of \(kind.name).")
            for component in game.schema.components where component.kinds.contains(kind) { field(component, &writer) }
        }
    }

    private func field(_ component: ComponentDefinition, _ writer: inout StubWriter) {
        let type =
            switch component.type {
            case .number: "number"
            case .string: "string"
            case .boolean: "boolean"
            case .json: "table"
            }
        // Every component may be nil. With a default it is declared without nil, else the editor warns at each use.
        writer.field(
            component.name, component.defaultValue == .null ? type + "?" : type, about(.component(component.name)))
    }

    // MARK: Events

    private func type(_ parameter: EventParameter) -> String { parameter.type.rawValue }

    private func className(_ group: EventGroupDefinition, _ event: EventDefinition) -> String {
        "Parameters.\(group.name).\(event.name)"
    }

    private func parameters(_ writer: inout StubWriter) {
        var types: [String: Set<String>] = [:]
        for group in game.schema.groups.sorted(by: { $0.name < $1.name }) {
            for event in group.events where !event.parameters.isEmpty {
                writer.beginClass(className(group, event), about: "Parameters of \(group.name)/\(event.name).")
                for parameter in event.parameters {
                    types[parameter.name, default: []].insert(type(parameter))
                    let isOptional = parameter.defaultValue != nil
                    var about = parameter.about.isEmpty ? [] : [parameter.about]
                    if let value = parameter.defaultValue, value != .null { about.append("\(value.text) without it") }
                    writer.field(
                        parameter.name, type(parameter) + (isOptional ? "?" : ""), about.joined(separator: "; "))
                }
            }
        }
        writer.beginClass("EventData", about: "The parameters of whichever event runs.")
        for (name, types) in types.sorted(by: { $0.key < $1.key }) {
            writer.field(name, types.sorted().joined(separator: "|"), "")
        }
    }

    private func groups(_ writer: inout StubWriter) {
        let groups = game.schema.groups.sorted { $0.name < $1.name }
        if !groups.isEmpty {
            writer.gap()
            writer.line("---@alias EventGroupName \(groups.map { "\"\($0.name)\"" }.joined(separator: "|"))")
        } else {
            writer.gap()
            writer.line("---@alias EventGroupName string")
        }
        for group in groups where !group.events.isEmpty {
            writer.beginClass("EventGroup.\(group.name): EventGroup", about: "The event group \(group.name).")
            let events = group.events.map { "\"\($0.name)\"" }.joined(separator: "|")
            writer.line("---@field action? \(events) The pending event's name, or nil.")
        }
    }

    private func events(_ writer: inout StubWriter) {
        let groups = game.schema.groups.sorted { $0.name < $1.name }
        writer.beginClass("Events", about: ScriptAPI.events.about)
        writer.line("---@field [string] EventGroup")
        for group in groups { writer.field(group.name, "EventGroup.\(group.name)", about(.timeout(group: group.name))) }
        writer.line("local Events = {}")
        var overloads: [String] = []
        for group in groups {
            for event in group.events { overloads.append(overload(group, event)) }
        }
        for member in ScriptAPI.events.members {
            var member = member
            if var function = member.function {
                for index in function.parameters.indices where function.parameters[index].name == "group" {
                    function.parameters[index].type = "EventGroupName"
                }
                member.function = function
            }
            writer.function(member, of: "Events", overloads: member.name == "add" ? overloads : [])
        }
    }

    /// The overload of `events.add` for one event: parameters that may be left out are marked as optional, and `data`
    /// can be given only after the event's name.
    private func overload(_ group: EventGroupDefinition, _ event: EventDefinition) -> String {
        let isIndex = event.name == "index"
        let needsData = event.parameters.contains { $0.defaultValue == nil }
        var text = "fun(group: \"\(group.name)\", event\(isIndex && !needsData ? "?" : ""): \"\(event.name)\""
        if !event.parameters.isEmpty { text += ", data\(needsData ? "" : "?"): \(className(group, event))" }
        return text + ")"
    }
}
