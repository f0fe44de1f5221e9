import Foundation
import JSONValues

/// What one player has sent and received, whatever it is connected by. Lives on its shard's event loop only.
final class PlayerFeed {
    private struct Outstanding {
        var commandID: Int
        var sentNanoseconds: UInt64
        var isMeasured: Bool
    }

    /// The most commands that may wait for an acknowledgement; older ones count as unanswered.
    private static let maxOutstanding = 64

    let seat: PlayerRole
    let shard: LoadShard
    /// Whether the first snapshot has come.
    private(set) var isPlaying = false
    /// Why the connection ends; the first reason counts.
    private(set) var closeReason = ""
    /// Deltas within the measured window, and the first and last of them.
    private(set) var deltasInWindow = 0
    private(set) var firstTick: (tick: Int, time: Double)?
    private(set) var lastTick: (tick: Int, time: Double)?
    /// Coordinates in the deltas in which moves count; if every move reaches every client, all clients have the same.
    private(set) var coordinatesSeen = 0
    /// The mirror of a parsed client; `nil` for the others.
    var mirror: WorldMirror?
    /// The ticks in which measured commands of the player ran; only for clients of WebRTC.
    private(set) var movedTicks: Set<Int> = []
    /// The ticks of which a datagram with the player's own position came.
    private(set) var heldTicks: Set<Int> = []

    private let joined: () -> Void
    private var outstanding: [Outstanding] = []
    private var commandCount: Int
    private var lastCommandID = 0
    private var lastDeltaNanoseconds: UInt64?
    private var latestTick = -1

    /// Makes the feed of a player.
    ///
    /// - Parameters:
    ///   - seat: The player.
    ///   - shard: Counts.
    ///   - joined: Called when the first snapshot has come.
    init(seat: PlayerRole, shard: LoadShard, joined: @escaping () -> Void) {
        (self.seat, self.shard, self.joined) = (seat, shard, joined)
        commandCount = seat.index
        if seat.isSampled { mirror = WorldMirror(ownID: seat.admission.id) }
    }

    /// Commands of the measured window that are not acknowledged.
    var measuredOutstanding: Int { outstanding.count { $0.isMeasured } }

    /// Notes why the connection ends, unless a reason is known.
    func noteEnd(_ reason: String) { if closeReason.isEmpty { closeReason = reason } }

    /// The connection of a player who read was lost.
    func noteLost(_ reason: String) {
        shard.tally.disconnects += 1
        shard.tally.note("disconnected: \(reason)")
    }

    // MARK: Sending

    /// The player's next command and its id.
    func nextCommand() -> (action: String, id: Int) {
        let commands = shard.options.commands
        lastCommandID = max(lastCommandID + 1, Int(Date().timeIntervalSince1970 * 1_000))
        defer { commandCount += 1 }
        return (commands[commandCount % commands.count], lastCommandID)
    }

    /// Notes that a command is sent.
    func noteSent(_ commandID: Int, isMeasured: Bool, now: UInt64) {
        if outstanding.count >= Self.maxOutstanding {
            if outstanding.removeFirst().isMeasured { shard.tally.commandsUnanswered += 1 }
        }
        outstanding.append(Outstanding(commandID: commandID, sentNanoseconds: now, isMeasured: isMeasured))
        if isMeasured { shard.tally.commandsSent += 1 }
    }

    // MARK: The measured window

    /// Begins the measured window of this client.
    func beginWindow() {
        deltasInWindow = 0
        firstTick = nil
    }

    /// Ends the window: the time since the last delta counts as a gap as well.
    func endWindow(now: UInt64) {
        if let last = lastDeltaNanoseconds { shard.tally.gap.record(nanoseconds: Int64(clamping: now - last)) }
    }

    // MARK: Receiving

    /// Takes a message of the client protocol.
    func receive(_ payload: UnsafeRawBufferPointer, _ now: UInt64) {
        switch ServerMessage(payload) {
        case .delta(let tick, let time):
            receiveDelta(payload, tick, time, now)
        case .snapshot:
            _ = mirrorEffect(payload)
            lastDeltaNanoseconds = now
            if isPlaying {
                if shard.isMeasuring { shard.tally.resynchronisations += 1 }
            } else {
                isPlaying = true
                joined()
            }
        case .refusal(let code, let message, let commandID):
            if !isPlaying { noteEnd(message) }
            shard.tally.refusals += 1
            shard.tally.note("refused (\(code)): \(message)")
            outstanding.removeAll { $0.commandID == commandID }
        case .other:
            break
        }
    }

    private func receiveDelta(_ payload: UnsafeRawBufferPointer, _ tick: Int, _ time: Double, _ now: UInt64) {
        if tick <= latestTick { shard.tally.note("a delta's tick was not greater than the one before") }
        latestTick = tick
        let effect = mirrorEffect(payload)
        let counts = ByteScan.counts(payload)
        if tick > shard.countsAfterTick { coordinatesSeen += counts.coordinates }
        if shard.isMeasuring {
            shard.tally.deltas += 1
            shard.tally.changes += counts.records
            deltasInWindow += 1
            if let last = lastDeltaNanoseconds { shard.tally.gap.record(nanoseconds: Int64(clamping: now - last)) }
            if firstTick == nil { firstTick = (tick, time) }
            lastTick = (tick, time)
            if shard.options.dialect != .lanes, counts.coordinates > 0 { recordAge(of: time) }
            if let effect {
                shard.tally.sampledScannedChanges += counts.records
                shard.tally.sampledParsedChanges += effect.records
            }
        }
        lastDeltaNanoseconds = now
        guard !outstanding.isEmpty else { return }
        ServerMessage.acknowledgements(in: payload) { acknowledge($0, tick, effect, now) }
    }

    /// Takes a datagram with positions of the channel `fast`.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - ownEntry: The begin of the player's own entry.
    func receivePositions(_ message: UnsafeRawBufferPointer, ownEntry: [UInt8]) {
        guard case .delta(let tick, let time) = ServerMessage(message) else {
            return shard.tally.note("a message on fast that has no positions")
        }
        if shard.isMeasuring {
            shard.tally.datagrams += 1
            recordAge(of: time)
        }
        let isOwn = ownEntry.withUnsafeBufferPointer { ByteScan.end(of: $0, in: message) != nil }
        if isOwn { heldTicks.insert(tick) }
    }

    /// Records how old positions are that have come now.
    ///
    /// - Parameter time: The time of their tick, Unix time in seconds; the server is on this machine.
    private func recordAge(of time: Double) {
        shard.tally.age.record(nanoseconds: Int64((Date().timeIntervalSince1970 - time) * 1e9))
    }

    private func acknowledge(
        _ acknowledgement: ServerMessage.Acknowledgement, _ tick: Int, _ effect: WorldMirror.Effect?, _ now: UInt64
    ) {
        guard let index = outstanding.firstIndex(where: { $0.commandID == acknowledgement.commandID }) else { return }
        let command = outstanding.remove(at: index)
        if tick > shard.countsAfterTick { shard.tally.executedCommands += 1 }
        guard command.isMeasured else { return }
        let roundTrip = Int64(clamping: now - command.sentNanoseconds)
        let wait = Int64(acknowledgement.waitSeconds * 1e9)
        shard.tally.commandsAcknowledged += 1
        shard.tally.roundTrip.record(nanoseconds: roundTrip)
        shard.tally.serverWait.record(nanoseconds: wait)
        shard.tally.roundTripWithoutWait.record(nanoseconds: max(0, roundTrip - wait))
        if shard.options.dialect == .lanes { movedTicks.insert(tick) }
        if let effect {
            shard.tally.sampledAcknowledgements += 1
            if effect.ownMoved { shard.tally.sampledOwnMoves += 1 }
        }
    }

    /// Applies a message to the mirror; returns `nil` for clients without a mirror.
    private func mirrorEffect(_ payload: UnsafeRawBufferPointer) -> WorldMirror.Effect? {
        guard mirror != nil else { return nil }
        guard let object = (try? JSON(parsing: [UInt8](payload)))?.object else {
            shard.tally.note("a message that is not a JSON object")
            return nil
        }
        return mirror?.apply(object)
    }
}

/// The connection of one player, on its shard's event loop.
protocol LoadPlayer: AnyObject {
    /// What was sent and received.
    var feed: PlayerFeed { get }
    /// Whether the player is on the map and connected.
    var isPlaying: Bool { get }
    /// Sends the player's next command.
    func sendCommand(isMeasured: Bool)
    /// Closes the connection; with an empty `reason` this does not count as a lost connection.
    func close(reason: String)
}
