import JSONValues
import Simulation
import Wire

/// The encoding of the inputs of sockets. A connection is recorded as its numbers, instead of itself.
extension TapeWriter {
    mutating func write(_ input: SocketInput) {
        switch input {
        case .open(let sink, let opening):
            write(InputMark.socketOpen.rawValue)
            write(unsigned: sink.id)
            write(sink.socketID)
            write(optional: opening.login) { $0.write($1) }
            write(optional: opening.playerID) { $0.write($1) }
            write(opening.auth)
            write(opening.address)
        case .event(let id, let name, let arguments, let acknowledgement):
            write(InputMark.socketEvent.rawValue)
            write(unsigned: id)
            write(name)
            write(unsigned: UInt64(arguments.count))
            for argument in arguments { write(argument) }
            write(optional: acknowledgement) { $0.write($1) }
        case .close(let id, let reason):
            write(InputMark.socketClose.rawValue)
            write(unsigned: id)
            write(reason)
        }
    }
}

extension TapeReader {
    /// Reads the rest of a client's wish to connect.
    mutating func socketOpen() throws(RecordingError) -> SocketInput {
        let (id, socketID) = (try unsigned(), try text())
        let login = try flag() ? try text() : nil
        let playerID = try flag() ? try integer() : nil
        let opening = SocketOpening(login: login, playerID: playerID, auth: try json(), address: try text())
        return .open(ReplayedSocket(id: id, socketID: socketID, login: login), opening)
    }

    /// Reads the rest of a client's event.
    mutating func socketEvent() throws(RecordingError) -> SocketInput {
        let (id, name) = (try unsigned(), try text())
        var arguments: [JSON] = []
        for _ in 0..<(try count()) { arguments.append(try json()) }
        return .event(
            id, name: name, arguments: arguments, acknowledgement: try flag() ? try integer() : nil)
    }

    /// Reads the rest of a connection's end.
    mutating func socketClose() throws(RecordingError) -> SocketInput {
        let id = try unsigned()
        return .close(id, reason: try text())
    }
}

/// The connection of a recorded socket; it drops what it gets.
final class ReplayedSocket: SocketSink {
    let id: SessionID
    let socketID: String
    let login: String?
    let thread = SessionThread.caller

    init(id: SessionID, socketID: String, login: String?) {
        self.id = id
        self.socketID = socketID
        self.login = login
    }

    func deliver(_ output: SocketOutput) {}
    func flush() {}
}

extension SocketOutput {
    /// What it says, the same in each run.
    var bytes: [UInt8] {
        switch self {
        case .accept: Array("accept".utf8)
        case .refuse(let message): Array("refuse ".utf8) + JSON.string(message).bytes
        case .packets(let run): Array(run.packets.map(\.bytesWithoutOffset).joined(separator: [0x0A]))
        case .acknowledge(let number, let values): Array("acknowledge \(number) ".utf8) + JSON.array(values).bytes
        case .refuseEvent(let number, let error):
            Array("refuse event \(number.map { "\($0)" } ?? "-") ".utf8) + error.bytes
        case .disconnect: Array("disconnect".utf8)
        case .close: Array("close".utf8)
        }
    }
}
