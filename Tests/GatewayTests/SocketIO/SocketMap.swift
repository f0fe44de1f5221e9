import JSONValues
import Simulation
import Synchronization
import Wire
import World

@testable import Gateway

/// A map that accepts all sockets, notes what it hears of them, and sends what a test says.
final class SocketMap: MapHandle, RunningMaps {
    private struct State {
        var texts: [String] = []
        var sinks: [any SocketSink] = []
    }

    private let state = Mutex(State())
    private let packets = SocketPackets(offsets: PacketOffsets(prefix: "m"))

    let mapID = 4
    let geometry = MapGeometry(id: 4, name: "", width: 1, height: 1)
    let isReady = true
    var status: MapStatus { MapStatus(mapID: 4) }
    var handles: [any MapHandle] { [self] }

    func post(_ input: MapInput) -> Bool {
        guard case .socket(let input) = input else { return true }
        switch input {
        case .open(let sink, let opening):
            state.withLock { state in
                state.texts.append("open \(opening.login ?? "guest")")
                state.sinks.append(sink)
            }
            tell(sink, [.accept])
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
