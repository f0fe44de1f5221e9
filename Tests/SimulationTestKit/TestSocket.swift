import JSONValues
package import Simulation
import Synchronization
import Testing
package import Wire

/// A client of Socket.IO that keeps what the map sends to it.
package final class TestSocket: SocketSink {
    package let id: SessionID
    package let socketID: String
    package let thread = SessionThread.caller
    private let state = Mutex<(texts: [String], runs: [PacketRun], flushes: Int)>(([], [], 0))

    package init(id: SessionID, socketID: String) {
        self.id = id
        self.socketID = socketID
    }

    /// An event of the client; `arguments` are JSON values with commas between them.
    package func event(_ name: String, _ arguments: String = "", acknowledgement: Int? = nil) -> MapInput {
        let values = (try? JSON(parsing: "[\(arguments)]"))?.array
        if values == nil { Issue.record("no JSON: \(arguments)") }
        return .socket(.event(id, name: name, arguments: values ?? [], acknowledgement: acknowledgement))
    }

    /// What the map sent, in order: `accept`, `refuse …`, packets, `ack 7 […]`, `refuse event 7 […]` or
    /// `refuse event - […]`, `disconnect`, `close`; members of objects are in the order of their names.
    package var texts: [String] { state.withLock { $0.texts } }
    /// The packets alone, each with what follows its `42`.
    package var packets: [String] { texts.filter { $0.hasPrefix("42") }.map { String($0.dropFirst(2)) } }
    /// The runs of packets.
    package var runs: [PacketRun] { state.withLock { $0.runs } }
    /// How many ticks sent something.
    package var flushes: Int { state.withLock { $0.flushes } }

    /// Forgets what the map sent until now.
    package func clear() { state.withLock { $0 = ([], [], 0) } }

    package func deliver(_ output: SocketOutput) {
        state.withLock { state in
            switch output {
            case .accept: state.texts.append("accept")
            case .refuse(let message): state.texts.append("refuse \(message)")
            case .packets(let run):
                state.texts += run.packets.map { "42" + Self.sorted(Array($0.bytes.dropFirst(2))) }
                state.runs.append(run)
            case .acknowledge(let number, let values):
                state.texts.append("ack \(number) \(Self.sorted(JSON.array(values).bytes))")
            case .refuseEvent(let number, let error):
                let text = Self.sorted(JSON.array([error]).bytes)
                state.texts.append("refuse event \(number.map { "\($0)" } ?? "-") \(text)")
            case .disconnect: state.texts.append("disconnect")
            case .close: state.texts.append("close")
            }
        }
    }

    /// The text with the members of objects in the order of their names: those of a Lua table have no order.
    private static func sorted(_ text: [UInt8]) -> String {
        func sort(_ value: JSON) -> JSON {
            switch value {
            case .array(let values): return .array(values.map(sort))
            case .object(let object):
                var sorted = JSONObject()
                for (name, value) in object.members.sorted(by: { $0.key < $1.key }) { sorted[name] = sort(value) }
                return .object(sorted)
            default: return value
            }
        }
        guard let json = try? JSON(parsing: text) else {
            Issue.record("no JSON: \(String(decoding: text, as: UTF8.self))")
            return ""
        }
        return sort(json).text
    }

    package func flush() { state.withLock { $0.flushes += 1 } }
}
