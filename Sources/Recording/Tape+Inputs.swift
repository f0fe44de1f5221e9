import GameFolder
import Simulation
import Wire
import World

/// The byte that begins a value in a map's steps.
enum TapeMark: UInt8 {
    case start = 1, populate, tick
    case id = 16, elapsed, cpu, latest, accepted, stop, crash, cut, room, entryCut, departureCut, collectionCut
    case hookCut = 40, socketCut
    case end = 30, total
}

extension TickPart {
    /// The mark of the place where this part of a tick was cut.
    var mark: TapeMark {
        switch self {
        case .entries: .entryCut
        case .departures: .departureCut
        case .spawnHooks: .hookCut
        case .collection: .collectionCut
        case .sockets: .socketCut
        }
    }
}

/// The encoding of a map's steps and inputs in a recording.
///
/// Numbers of ``TapeMark`` and ``InputMark`` are never reused. A join is recorded with the session's number instead of
/// the session, and a game definition as its number in the recording.
extension TapeWriter {
    /// Writes the beginning of a step: its kind, time and inputs.
    ///
    /// - Parameters:
    ///   - step: The step with its inputs.
    ///   - now: The step's time, Unix time in seconds.
    ///   - before: The time of the previous step, as bits; becomes the time of this step.
    ///   - number: The number of a game definition in the recording.
    mutating func write(_ step: MapStep, now: Double, after before: inout UInt64, number: (GameDefinition) -> Int) {
        switch step {
        case .start(let game, let seed):
            write(TapeMark.start.rawValue)
            write(fixed: seed)
            write(number(game))
            // A map that was closed and opened again starts again within the same map's steps.
            before = 0
            write(now, after: &before)
        case .populate(let records):
            write(TapeMark.populate.rawValue)
            write(now, after: &before)
            write(unsigned: UInt64(records.count))
            for record in records { write(record) }
        case .tick(let inputs):
            write(TapeMark.tick.rawValue)
            write(now, after: &before)
            write(unsigned: UInt64(inputs.count))
            for input in inputs { write(input, number: number) }
        }
    }

    private mutating func write(_ now: Double, after before: inout UInt64) {
        // The bits of two close times are close numbers, so the difference is short: a tick's time takes three bytes.
        write(Int(Int64(bitPattern: now.bitPattern &- before)))
        before = now.bitPattern
    }

    private mutating func write(_ input: MapInput, number: (GameDefinition) -> Int) {
        switch input {
        case .join(let record, let sink):
            write(InputMark.join(takesPatches: sink.takesPatches, hasFastLane: sink.hasFastLane).rawValue)
            write(unsigned: sink.id)
            write(sink.playerID)
            write(record)
        case .leave(let id):
            write(InputMark.leave.rawValue)
            write(unsigned: id)
        case .leaveAtStop(let id):
            write(InputMark.leaveAtStop.rawValue)
            write(unsigned: id)
        case .command(let id, let command, let receivedAt):
            if let unixtime = command.unixtime {
                write(InputMark.timedCommand.rawValue)
                write(unixtime)
            } else {
                write(InputMark.command.rawValue)
            }
            write(unsigned: id)
            write(receivedAt)
            write(command)
        case .reload(let id):
            write(InputMark.reload.rawValue)
            write(unsigned: id)
        case .replaceGame(let game, let problems):
            write(InputMark.replaceGame.rawValue)
            write(number(game))
            write(unsigned: UInt64(problems.count))
            for problem in problems { write(problem) }
        case .resume(let script):
            write(InputMark.resume.rawValue)
            write(script)
        case .mute(let player, let until):
            write(InputMark.mute.rawValue)
            write(player)
            write(optional: until) { $0.write($1) }
        case .movePlayer(let player, let mapID):
            write(InputMark.movePlayer.rawValue)
            write(player)
            write(mapID)
        case .erasePlayer(let player):
            write(InputMark.erasePlayer.rawValue)
            write(player)
        case .operate(let action):
            write(InputMark.operate.rawValue)
            write(action)
        case .arrive(let record, let origin?):
            write(InputMark.arriveFrom.rawValue)
            write(origin)
            write(record)
        case .arrive(let record, nil):
            write(InputMark.arrive.rawValue)
            write(record)
        case .event(let event):
            write(InputMark.event.rawValue)
            write(event.key)
            write(event.group)
            write(event.event)
            write(event.data)
            write(event.mapID)
        case .watch(let neighbour, let isNew):
            write(InputMark.watch.rawValue)
            write(neighbour)
            write(isNew)
        case .border(let strip):
            write(InputMark.border.rawValue)
            write(strip.mapID)
            write(unsigned: UInt64(strip.records.count))
            for record in strip.records { write(record) }
            write(unsigned: UInt64(strip.actionAssigned.count))
            for key in strip.actionAssigned { write(key) }
        case .edit(let change, _):
            write(InputMark.edit.rawValue)
            write(change)
        case .socket(let input): write(input)
        case .close: write(InputMark.close.rawValue)
        }
    }
}

/// The byte that begins an input.
enum InputMark: UInt8 {
    case join = 1, leave, command, reload, replaceGame, arrive, resume, event, arriveFrom, watch, border
    case timedCommand = 16, close, leaveAtStop, patchedJoin, laneJoin, patchedLaneJoin
    case mute = 32, movePlayer, erasePlayer
    case operate = 40, edit
    case socketOpen = 48, socketEvent, socketClose

    /// The mark of a join, by what the session's client gets.
    static func join(takesPatches: Bool, hasFastLane: Bool) -> InputMark {
        switch (takesPatches, hasFastLane) {
        case (false, false): .join
        case (true, false): .patchedJoin
        case (false, true): .laneJoin
        case (true, true): .patchedLaneJoin
        }
    }
}

extension TapeReader {
    /// Reads the beginning of a step: its kind, time and inputs.
    ///
    /// - Parameters:
    ///   - before: The time of the previous step, as bits; becomes the time of this step.
    ///   - game: The game definition of a number in the recording.
    /// - Returns: The step with its inputs.
    /// - Throws: ``RecordingError/malformed(_:)``, and what `game` throws.
    mutating func mapStep(
        before: inout UInt64, game: (Int) throws(RecordingError) -> GameDefinition
    ) throws(RecordingError) -> MapStep {
        let mark = try byte()
        switch TapeMark(rawValue: mark) {
        case .start:
            before = 0
            let seed = try fixed64()
            let definition = try integer()
            try time(&before)
            return .start(try game(definition), seed: seed)
        case .populate:
            try time(&before)
            var records: [EntityRecord] = []
            for _ in 0..<(try count()) { records.append(try record()) }
            return .populate(records)
        case .tick:
            try time(&before)
            var inputs: [MapInput] = []
            for _ in 0..<(try count()) { inputs.append(try input(game)) }
            return .tick(inputs)
        default: throw unknown(mark, "the beginning of a step")
        }
    }

    /// Reads the rest of a join.
    private mutating func join(takesPatches: Bool = false, hasFastLane: Bool = false) throws(RecordingError) -> MapInput
    {
        let (id, playerID) = (try unsigned(), try integer())
        let record = try record()
        let session = ReplayedSession(
            id: id, playerID: playerID, login: record.login, takesPatches: takesPatches, hasFastLane: hasFastLane)
        return .join(record, session)
    }

    /// Reads the rest of a command's input.
    private mutating func command(unixtime: Double?) throws(RecordingError) -> MapInput {
        let id = try unsigned()
        let receivedAt = try double()
        var command = try command()
        command.unixtime = unixtime
        return .command(id, command, receivedAt: receivedAt)
    }

    private mutating func time(_ before: inout UInt64) throws(RecordingError) {
        before &+= UInt64(bitPattern: Int64(try integer()))
    }

    private mutating func input(
        _ game: (Int) throws(RecordingError) -> GameDefinition
    ) throws(RecordingError) -> MapInput {
        let mark = try byte()
        switch InputMark(rawValue: mark) {
        case .join: return try join()
        case .patchedJoin: return try join(takesPatches: true)
        case .laneJoin: return try join(hasFastLane: true)
        case .patchedLaneJoin: return try join(takesPatches: true, hasFastLane: true)
        case .leave: return .leave(try unsigned())
        case .leaveAtStop: return .leaveAtStop(try unsigned())
        case .command: return try command(unixtime: nil)
        case .timedCommand: return try command(unixtime: try double())
        case .reload: return .reload(try unsigned())
        case .replaceGame:
            let definition = try integer()
            var problems: [GameFolderProblem] = []
            for _ in 0..<(try count()) { problems.append(try problem()) }
            return .replaceGame(try game(definition), problems: problems)
        case .resume: return .resume(script: try text())
        case .mute:
            let player = try integer()
            return .mute(player: player, until: try optionalDouble())
        case .movePlayer:
            let player = try integer()
            return .movePlayer(player, to: try integer())
        case .erasePlayer: return .erasePlayer(try integer())
        case .operate: return .operate(try operatorAction())
        case .arriveFrom:
            let origin = try integer()
            return .arrive(try record(), from: origin)
        case .arrive: return .arrive(try record(), from: nil)
        case .event:
            let key = try key()
            let (group, event, data) = (try text(), try text(), try object())
            return .event(RemoteEvent(key: key, group: group, event: event, data: data, mapID: try integer()))
        case .watch:
            let neighbour = try integer()
            return .watch(from: neighbour, isNew: try flag())
        case .border:
            var strip = BorderStrip(mapID: try integer(), records: [], actionAssigned: [])
            for _ in 0..<(try count()) { strip.records.append(try record()) }
            for _ in 0..<(try count()) { strip.actionAssigned.insert(try key()) }
            return .border(strip)
        case .edit: return .edit(try operatorChange(), nil)
        case .socketOpen: return .socket(try socketOpen())
        case .socketEvent: return .socket(try socketEvent())
        case .socketClose: return .socket(try socketClose())
        case .close: return .close
        case nil: throw unknown(mark, "a kind of input")
        }
    }
}
