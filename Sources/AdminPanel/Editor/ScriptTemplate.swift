import GameFolder
import GameRules
import World

/// What a new file begins with.
enum ScriptTemplate: String, CaseIterable {
    case component, trigger, event, timeout, spawn, leave, socket, lib, test

    /// What the form for a new file calls it.
    var title: String {
        switch self {
        case .component: "Component: a value of entities"
        case .trigger: "Component with a trigger: code that runs when the value changes"
        case .event: "Event: what entities or players do"
        case .timeout: "Timeout: the time between two events of a group"
        case .spawn: "Entry code: runs when an entity enters the map"
        case .leave: "Leave code: runs when an entity leaves the map"
        case .socket: "Socket event: what a client of Socket.IO sends"
        case .lib: "Lib: functions for all scripts"
        case .test: "Test of scripts"
        }
    }

    /// The template that fits a path; `nil` for a file that begins empty.
    init?(for path: EditablePath) {
        if path.parts[0] == "tests", path.text.hasSuffix(".lua") {
            self = .test
            return
        }
        switch path.role {
        case .component: self = .component
        case .event: self = .event
        case .timeout: self = .timeout
        case .spawn: self = .spawn
        case .leave: self = .leave
        case .socket: self = .socket
        case .lib: self = .lib
        case nil: return nil
        }
    }

    /// The text.
    ///
    /// - Parameter path: The file; its name is in the text.
    /// - Returns: Lua that compiles and has no mistake of its own.
    func text(for path: EditablePath) -> String {
        let name = path.parts.last.map { String($0.dropLast(4)) } ?? ""
        let group = path.parts.count == 3 ? path.parts[1] : name
        switch self {
        case .component: return "--@about \n--@type number\n--@default 0\n"
        case .trigger:
            return """
                --@about 
                --@type number
                --@default 0

                -- Runs when \(name) took a different value: `value` is the new one, `old` the former one.
                print(object.key, name, old, value)

                """
        case .event:
            return """
                --@about 
                --@public false

                -- `object` is the entity, `data` has the parameters.
                print(object.key, "\(group)/\(name)")

                """
        case .timeout:
            return """
                --@about Seconds between two events of \(group).
                return 1

                """
        case .spawn:
            return """
                --@about 

                -- `object` has entered the map. For instance, queue its first event:
                -- object.events.add("group", "event")
                print(object.key, "entered the map")

                """
        case .leave:
            return """
                --@about 

                -- `object` leaves the map; `reason` is \(LeaveReason.allCases.map(\.rawValue).joined(separator: ", ")).
                print(object.key, "left the map", reason)

                """
        case .socket: return socket(name)
        case .lib:
            return """
                --@about 

                -- Every script can use what is assigned here without local.
                function \(Names.isIdentifier(name) ? name : "example")(object)
                  return object.key
                end

                """
        case .test:
            return """
                test("\(name)", function()
                  local anna = world.join("anna")
                  world.advance(1)
                  expect(anna.map_id).is(map.id)
                end)

                """
        }
    }
    /// The text for a file of `sockets/`.
    private func socket(_ name: String) -> String {
        switch name {
        case SocketEvents.connect:
            """
            --@about 

            -- A client connects; `data` is what it gave for that. `return false` refuses it.
            print(socket.id, "connected")

            """
        case SocketEvents.disconnect:
            """
            --@about 

            -- A client is gone.
            print(socket.id, "is gone:", reason)

            """
        default:
            """
            --@about 

            -- A client sent the event \(name). For instance, pass it on:
            -- socket.broadcast.emit("\(name)", data)
            print(socket.id, "\(name)", data)
            if ack then ack(true) end

            """
        }
    }
}
