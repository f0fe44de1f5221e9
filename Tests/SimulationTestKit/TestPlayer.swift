package import JSONValues
import NIOCore
package import Simulation
import Synchronization
import Testing
package import Wire
import World

/// A client that keeps the world that snapshots and deltas describe.
package final class TestPlayer: SessionSink {
    private struct Seen {
        var messages: [JSON] = []
        var kinds: [OutboundMessage.Kind] = []
        /// Records by key.
        var world: [String: JSONObject] = [:]
        var lastTick = 0.0
    }

    package let id: SessionID
    package let playerID: Int
    package let thread = SessionThread.caller
    package let acceptsDeflate: Bool
    package let isCompact: Bool
    private let compact = Mutex(CompactReader())
    private let seen = Mutex(Seen())

    package init(id: SessionID, playerID: Int, acceptsDeflate: Bool = false, isCompact: Bool = false) {
        self.id = id
        self.playerID = playerID
        self.acceptsDeflate = acceptsDeflate
        self.isCompact = isCompact
    }

    /// The bytes that a client reads; for a compressed message, the decompressed payload of its frame.
    private func text(of message: OutboundMessage) -> [UInt8] {
        guard acceptsDeflate, let frame = message.deflated else { return message.bytes }
        let packed = Array(frame.payload.readableBytesView)
        guard let text = try? Inflater()?.message(packed, limit: 1 << 24, keepsContext: false) else {
            Issue.record("a frame that can't be decompressed")
            return []
        }
        // A delta's own record may stand elsewhere in the compressed form.
        #expect(message.kind != .snapshot || text == message.bytes)
        return text
    }

    /// The message; that of a client of the compact encoding must be the same as that of a JSON client.
    private func json(of message: OutboundMessage) throws -> JSON {
        let json = try JSON(parsing: text(of: message))
        guard isCompact, message.kind == .snapshot || message.kind == .delta else { return json }
        let payload = try #require(message.compact?.payload)
        let read = try compact.withLock { try $0.message(Array(payload.readableBytesView)) }
        #expect(read == json)
        return read
    }

    package func flush() {}

    package var messages: [JSON] { seen.withLock { $0.messages } }
    package var kinds: [OutboundMessage.Kind] { seen.withLock { $0.kinds } }
    package var world: [String: JSONObject] { seen.withLock { $0.world } }
    /// The messages that scripts sent: neither snapshots nor deltas.
    package var direct: [JSON] { messages(.direct) }
    package var refusals: [JSON] { messages(.error) }

    private func messages(_ kind: OutboundMessage.Kind) -> [JSON] {
        seen.withLock { seen in zip(seen.kinds, seen.messages).filter { $0.0 == kind }.map(\.1) }
    }

    package func deliver(_ message: OutboundMessage) {
        guard let json = try? json(of: message), let object = json.object else {
            Issue.record("not a JSON object: \(String(decoding: message.bytes, as: UTF8.self))")
            return
        }
        seen.withLock { seen in
            seen.messages.append(json)
            seen.kinds.append(message.kind)
            guard message.kind == .snapshot || message.kind == .delta else { return }
            if message.kind == .snapshot { seen.world = [:] }
            let tick = object["tick"]?.number ?? 0
            #expect(tick > seen.lastTick, "ticks must increase")
            seen.lastTick = tick
            for kind in EntityKind.allCases {
                for record in object[kind.name]?.array ?? [] { apply(record, to: &seen.world) }
            }
        }
    }

    private func apply(_ record: JSON, to world: inout [String: JSONObject]) {
        guard let record = record.object, let key = record["key"]?.string else { return }
        if record["action"] == .string("remove"), record["x"] == nil {
            world[key] = nil
            return
        }
        var known = record["type"] == nil ? world[key] ?? [:] : [:]
        for (name, value) in record.members {
            if name == "components" || name == "events", case .object(let old)? = known[name],
                case .object(let new) = value
            {
                var merged = old
                for member in new.members {
                    if name == "events", case .object(let group)? = old[member.key],
                        case .object(let change) = member.value
                    {
                        var both = group
                        for field in change.members { both[field.key] = field.value }
                        merged[member.key] = .object(both)
                    } else {
                        merged[member.key] = member.value
                    }
                }
                known[name] = .object(merged)
            } else {
                known[name] = value
            }
        }
        world[key] = known
    }
}
