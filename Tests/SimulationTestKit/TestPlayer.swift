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
        /// The tick of each entity's position, for a client with a lane.
        var positionTicks: [String: Double] = [:]
        var lastTick = 0.0
        var patchedComponents = 0
    }

    package let id: SessionID
    package let playerID: Int
    package let thread = SessionThread.caller
    package let acceptsDeflate: Bool
    package let isCompact: Bool
    package let takesPatches: Bool
    package let hasFastLane: Bool
    /// Whether a message of positions gets lost.
    private let losesPositions: @Sendable () -> Bool
    private let compact = Mutex(CompactReader())
    private let seen = Mutex(Seen())

    package init(
        id: SessionID, playerID: Int, acceptsDeflate: Bool = false, isCompact: Bool = false, takesPatches: Bool = false,
        hasFastLane: Bool = false, losesPositions: @escaping @Sendable () -> Bool = { false }
    ) {
        self.id = id
        self.playerID = playerID
        self.acceptsDeflate = acceptsDeflate
        self.isCompact = isCompact
        self.takesPatches = takesPatches
        self.hasFastLane = hasFastLane
        self.losesPositions = losesPositions
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
    /// How many components arrived as patches.
    package var patchedComponents: Int { seen.withLock { $0.patchedComponents } }
    /// The messages that scripts and the server sent: neither snapshots nor deltas.
    package var direct: [JSON] { messages([.direct, .notice]) }
    package var refusals: [JSON] { messages([.error]) }

    private func messages(_ kinds: [OutboundMessage.Kind]) -> [JSON] {
        seen.withLock { seen in zip(seen.kinds, seen.messages).filter { kinds.contains($0.0) }.map(\.1) }
    }

    package func deliver(_ message: OutboundMessage) {
        if message.kind == .positions { return take(positions: message) }
        guard let json = try? json(of: message), let object = json.object else {
            Issue.record("not a JSON object: \(String(decoding: message.bytes, as: UTF8.self))")
            return
        }
        seen.withLock { seen in
            seen.messages.append(json)
            seen.kinds.append(message.kind)
            guard message.kind == .snapshot || message.kind == .delta else { return }
            if message.kind == .snapshot { (seen.world, seen.positionTicks) = ([:], [:]) }
            let tick = object["tick"]?.number ?? 0
            #expect(tick > seen.lastTick, "ticks must increase")
            seen.lastTick = tick
            for kind in EntityKind.allCases {
                for record in object[kind.name]?.array ?? [] {
                    if let fields = record.object, let key = fields["key"]?.string, fields["x"] ?? fields["y"] != nil {
                        seen.positionTicks[key] = tick
                    }
                    apply(record, to: &seen.world)
                    seen.patchedComponents += applyPatches(record, to: &seen.world)
                }
            }
        }
    }

    /// Applies positions as `docs/webrtc.md` says: the newest wins, and what is unknown is dropped.
    private func take(positions message: OutboundMessage) {
        #expect(hasFastLane && message.payloadSize <= PositionDatagrams.maxBytes)
        let json =
            isCompact ? try? MessagePack.read(message.bytes, maxDepth: 4) : try? JSON(parsing: message.bytes)
        guard let object = json?.object, let tick = object["tick"]?.number else {
            Issue.record("not positions: \(message.bytes)")
            return
        }
        seen.withLock { seen in
            seen.kinds.append(.positions)
            seen.messages.append(.object(object))
            if losesPositions() { return }
            for kind in EntityKind.allCases {
                for entry in object[kind.name]?.array ?? [] {
                    guard let entry = entry.array, let id = entry[0].number else { continue }
                    let key = "\(kind.name)_\(Int(id))"
                    guard seen.world[key] != nil, tick > seen.positionTicks[key] ?? 0 else { continue }
                    seen.positionTicks[key] = tick
                    for (name, value) in zip(["x", "y", "z"], entry.dropFirst()) { seen.world[key]?[name] = value }
                }
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
        for (name, value) in record.members where name != "component_patches" {
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

    /// Changes components as `docs/protocol.md` says.
    ///
    /// - Returns: How many.
    private func applyPatches(_ record: JSON, to world: inout [String: JSONObject]) -> Int {
        guard let record = record.object, let patches = record["component_patches"]?.object else { return 0 }
        guard takesPatches, let key = record["key"]?.string, var components = world[key]?["components"]?.object else {
            Issue.record("patches that nobody asked for, or of an unknown entity: \(JSON.object(record).text)")
            return 0
        }
        for (name, changes) in patches.members {
            guard let old = components[name], let new = old.applying(changes) else {
                Issue.record("\(changes.text) can't be applied to \(components[name]?.text ?? "nothing")")
                continue
            }
            components[name] = new
        }
        world[key]?["components"] = .object(components)
        return patches.count
    }
}

extension JSON {
    /// The value after changes `[path, value, path, value, …]`; `nil` when they don't fit it.
    package func applying(_ changes: JSON) -> JSON? {
        guard let changes = changes.array, changes.count.isMultiple(of: 2) else { return nil }
        var result = self
        for index in stride(from: 0, to: changes.count, by: 2) {
            guard let path = changes[index].array, let new = result.changed(path[...], to: changes[index + 1]) else {
                return nil
            }
            result = new
        }
        return result
    }

    private func changed(_ path: ArraySlice<JSON>, to value: JSON) -> JSON? {
        switch (self, path.first) {
        case (.object(var members), .string(let name)?):
            if path.count > 1 {
                guard let inner = members[name]?.changed(path.dropFirst(), to: value) else { return nil }
                members[name] = inner
            } else {
                if value == .null, members[name] == nil { return nil }
                members[name] = value == .null ? nil : value
            }
            return .object(members)
        case (.array(var elements), .number(let number)?):
            guard let index = Int(exactly: number), index >= 0, index <= elements.count else { return nil }
            if path.count == 1, index == elements.count {
                if value == .null { return nil }
                elements.append(value)
            } else if index == elements.count {
                return nil
            } else if path.count == 1, value == .null {
                elements.remove(at: index)
            } else {
                guard let inner = path.count == 1 ? value : elements[index].changed(path.dropFirst(), to: value) else {
                    return nil
                }
                elements[index] = inner
            }
            return .array(elements)
        default: return nil
        }
    }
}
