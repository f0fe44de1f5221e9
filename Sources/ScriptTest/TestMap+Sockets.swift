import JSONValues
import Simulation
import World

/// Clients of Socket.IO, as tests have them.
extension TestMap {
    /// Connects a client of Socket.IO, and runs the tick in which `sockets/connect.lua` runs.
    ///
    /// - Parameter opening: What the map is told of it; a player's number is found by its login.
    /// - Returns: The connection; its ``RecordedSocket/refusal`` says whether it was refused.
    /// - Throws: ``TestMistake`` when the test has used its CPU time.
    func connect(_ opening: SocketOpening) throws(TestMistake) -> RecordedSocket {
        var opening = opening
        opening.playerID = opening.login.map(playerID)
        let socket = addSocket()
        try run(ticks: 1, inputs: [.socket(.open(socket, opening))])
        return socket
    }

    /// Sends an event as a client would, and runs the tick that processes it.
    ///
    /// - Parameters:
    ///   - socket: The connection.
    ///   - name: The event's name.
    ///   - arguments: Its arguments.
    ///   - wantsAnswer: Whether the client asks for an answer.
    /// - Returns: The answer; `nil` when none was wanted or given.
    /// - Throws: ``TestMistake`` for a socket that is not connected, and when the test has used its CPU time.
    func emit(
        _ socket: RecordedSocket, _ name: String, _ arguments: [JSON], wantsAnswer: Bool
    ) throws(TestMistake) -> [JSON]? {
        guard socket.isConnected else { throw TestMistake("\(socket.socketID) is not connected") }
        let number = wantsAnswer ? nextAnswer() : nil
        let event = SocketInput.event(socket.id, name: name, arguments: arguments, acknowledgement: number)
        try run(ticks: 1, inputs: [.socket(event)])
        return number.flatMap(socket.takeAnswer)
    }

    /// Closes a connection, and runs the tick in which `sockets/disconnect.lua` runs.
    func disconnect(_ socket: RecordedSocket, reason: String) throws(TestMistake) {
        guard socket.isConnected else { throw TestMistake("\(socket.socketID) is not connected") }
        socket.close()
        try run(ticks: 1, inputs: [.socket(.close(socket.id, reason: reason))])
    }
}
