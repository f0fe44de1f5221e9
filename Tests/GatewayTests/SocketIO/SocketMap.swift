import JSONValues
import Simulation
import Synchronization
import Wire
import World

@testable import Gateway

/// A map that accepts all sockets, unless a test decides, notes what it hears of them, and sends what a test says.
final class SocketMap: MapHandle, RunningMaps {
    private struct State {
        var texts: [String] = []
        var sinks: [any SocketSink] = []
        var openings: [SocketOpening] = []
        var isReady = true
        var isFull = false
        var decides = true
    }

    private let state = Mutex(State())
    private let packets = SocketPackets(offsets: PacketOffsets(prefix: "m"))

    let mapID = 4
    let geometry = MapGeometry(id: 4, name: "", width: 1, height: 1)
    let traffic: TrafficMeter? = TrafficMeter()

    var isReady: Bool {
        get { state.withLock { $0.isReady } }
        set { state.withLock { $0.isReady = newValue } }
    }

    /// Whether too much waits for the map.
    var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }

    /// Whether it accepts sockets by itself.
    var decides: Bool {
        get { state.withLock { $0.decides } }
        set { state.withLock { $0.decides = newValue } }
    }

    var status: MapStatus { MapStatus(mapID: 4) }
    var handles: [any MapHandle] { [self] }

    func post(_ input: MapInput) -> Bool {
        guard case .socket(let input) = input else { return true }
        if isFull, !input.isEnd { return false }
        switch input {
        case .open(let sink, let opening):
            state.withLock { state in
                state.texts.append("open \(opening.login ?? "guest")")
                state.sinks.append(sink)
                state.openings.append(opening)
            }
            if decides { tell(sink, [.accept]) }
        case .event(_, let name, let arguments, let acknowledgement):
            let values = String(decoding: JSON.array(arguments).bytes, as: UTF8.self)
            note("event \(name) \(values) \(acknowledgement.map { "\($0)" } ?? "-")")
        case .close(_, let reason): note("close \(reason)")
        }
        return true
    }

    private func note(_ text: String) { state.withLock { $0.texts.append(text) } }

    /// What the map has heard since the last call.
    func takeTexts() -> [String] {
        state.withLock { state in
            defer { state.texts = [] }
            return state.texts
        }
    }

    /// The sockets, in the order in which they came.
    var sinks: [any SocketSink] { state.withLock { $0.sinks } }

    /// What it was told of them, in that order.
    var openings: [SocketOpening] { state.withLock { $0.openings } }

    /// Sends the outputs of one tick to the first socket, as a running map does.
    func send(_ outputs: SocketOutput...) { tell(sinks[0], outputs) }

    private func tell(_ sink: any SocketSink, _ outputs: [SocketOutput]) {
        sink.thread.execute {
            for output in outputs { sink.deliver(output) }
            sink.flush()
        }
    }

    /// Events with these names, in order.
    func events(_ names: String...) -> SocketOutput {
        .packets(PacketRun(PacketBatch(names.map { packets.event($0, []) }), names.indices))
    }

    func diagnostics() async -> MapDiagnostics { MapDiagnostics(status: status) }
}

extension SocketInput {
    /// Whether it is the end of a connection, which maps always take.
    fileprivate var isEnd: Bool { if case .close = self { true } else { false } }
}
