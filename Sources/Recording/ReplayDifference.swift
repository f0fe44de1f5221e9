import JSONValues
package import Simulation
import Wire
import World

/// The first difference between a replayed map and the recording.
package struct ReplayDifference: Sendable, Equatable {
    /// What differs.
    package enum Kind: Sendable, Equatable {
        /// The tick's hash differs from the recorded one, although the game is the recorded one.
        case unlikeRecorded
        /// A value in a message to a player: `enemys_3.components.hp`. `nil` where only one side has it.
        case value(session: SessionID, login: String?, path: String, recorded: String?, replayed: String?)
        /// A message that only one side sent.
        case message(session: SessionID, login: String?, recorded: String?, replayed: String?)
        /// A line of the log or the error log. `nil` where only one side has it.
        case line(recorded: String?, replayed: String?)
    }

    /// The tick.
    package var tick: Int
    /// Its time, Unix time in seconds.
    package var time: Double
    /// What differs.
    package var kind: Kind

    init(tick: Int, time: Double, kind: Kind) {
        self.tick = tick
        self.time = time
        self.kind = kind
    }

    /// Compares what the recorded game and another one did in a step; `nil` when there is no difference.
    init?(_ step: RecordedStep, _ recorded: MapReplay.Outcome, _ replayed: MapReplay.Outcome) {
        guard
            let kind = Self.line(step, recorded.lines, replayed.lines)
                ?? Self.message(recorded.deliveries, replayed.deliveries)
                ?? Self.output(recorded.socketDeliveries, replayed.socketDeliveries)
        else { return nil }
        self.init(tick: recorded.tick, time: recorded.now, kind: kind)
    }

    private static func line(_ step: RecordedStep, _ recorded: [ReplayedLine], _ replayed: [ReplayedLine]) -> Kind? {
        guard recorded != replayed, !step.loadsGame else { return nil }
        let index = zip(recorded, replayed).prefix { $0 == $1 }.count
        return .line(
            recorded: index < recorded.count ? recorded[index].text : nil,
            replayed: index < replayed.count ? replayed[index].text : nil)
    }

    /// Compares what sockets got, output by output.
    private static func output(_ recorded: [SocketDelivery], _ replayed: [SocketDelivery]) -> Kind? {
        func flat(_ deliveries: [SocketDelivery]) -> [(sink: any SocketSink, bytes: [UInt8])] {
            deliveries.flatMap { delivery in delivery.outputs.map { (delivery.sink, $0.bytes) } }
        }
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).clipped(to: 200) }
        let (left, right) = (flat(recorded), flat(replayed))
        let same = zip(left, right).prefix { $0.sink.id == $1.sink.id && $0.bytes == $1.bytes }.count
        guard same < max(left.count, right.count) else { return nil }
        let (one, other) = (same < left.count ? left[same] : nil, same < right.count ? right[same] : nil)
        let sink = one?.sink ?? other?.sink
        return .message(
            session: sink?.id ?? 0, login: (sink as? ReplayedSocket)?.login, recorded: one.map { text($0.bytes) },
            replayed: other.map { text($0.bytes) })
    }

    private static func message(
        _ recorded: [MapSimulation.Delivery], _ replayed: [MapSimulation.Delivery]
    ) -> Kind? {
        for index in 0..<max(recorded.count, replayed.count) {
            let left = index < recorded.count ? recorded[index] : nil
            let right = index < replayed.count ? replayed[index] : nil
            let isSameReceiver = left?.sink.id == right?.sink.id
            if isSameReceiver, left?.message.kind == right?.message.kind,
                left?.message.bytes == right?.message.bytes
            {
                continue
            }
            let sink = left?.sink ?? right?.sink
            let login = (sink as? ReplayedSession)?.login
            if isSameReceiver, let left, let right, left.message.kind == right.message.kind,
                let difference = JSONDifference(left.message.json, right.message.json)
            {
                return .value(
                    session: left.sink.id, login: login, path: difference.path, recorded: difference.left?.text,
                    replayed: difference.right?.text)
            }
            return .message(
                session: sink?.id ?? 0, login: login, recorded: left?.text, replayed: right?.text)
        }
        return nil
    }
}

extension RecordedStep {
    /// Whether the step loads the game. The log lines about loading differ when the games differ, so they are not
    /// compared.
    var loadsGame: Bool {
        switch mapStep {
        case .start: true
        case .populate: false
        case .tick(let inputs): inputs.contains(where: \.replacesGame)
        }
    }
}

extension MapSimulation.Delivery {
    /// The message as a text for people, at most 200 bytes.
    fileprivate var text: String {
        String(decoding: message.bytes, as: UTF8.self).clipped(to: 200)
    }
}

/// The first place where two JSON values differ; entities are matched by their keys.
struct JSONDifference {
    var path: String
    var left: JSON?
    var right: JSON?

    /// `nil` when the values are equal.
    init?(_ left: JSON?, _ right: JSON?, path: String = "") {
        guard left != right else { return nil }
        if let inner = Self.inside(left, right, path: path) {
            self = inner
        } else {
            (self.path, self.left, self.right) = (path, left, right)
        }
    }

    private static func inside(_ left: JSON?, _ right: JSON?, path: String) -> JSONDifference? {
        switch (left, right) {
        case (.object(let left)?, .object(let right)?):
            let names = left.keys + right.keys.filter { left[$0] == nil }
            return first(names) { JSONDifference(left[$0], right[$0], path: path.isEmpty ? $0 : "\(path).\($0)") }
        case (.array(let left)?, .array(let right)?):
            if let keyed = entities(left, right) { return keyed }
            return first(Array(0..<max(left.count, right.count))) { index in
                JSONDifference(
                    index < left.count ? left[index] : nil, index < right.count ? right[index] : nil,
                    path: "\(path)[\(index + 1)]")
            }
        default: return nil
        }
    }

    private static func entities(_ left: [JSON], _ right: [JSON]) -> JSONDifference? {
        let keys = (left + right).map { $0.object?["key"]?.string }
        guard keys.allSatisfy({ $0 != nil }) else { return nil }
        func record(_ list: [JSON], _ key: String) -> JSON? { list.first { $0.object?["key"]?.string == key } }
        return first(keys.compactMap(\.self)) { JSONDifference(record(left, $0), record(right, $0), path: $0) }
    }

    private static func first<Element>(
        _ elements: [Element], _ difference: (Element) -> JSONDifference?
    ) -> JSONDifference? {
        for element in elements { if let found = difference(element) { return found } }
        return nil
    }
}
