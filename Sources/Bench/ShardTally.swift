/// What the clients of one event loop measured; tallies of several loops add up.
struct ShardTally: Sendable {
    /// Send of a command to the delta that acknowledges it, as the client sees it.
    var roundTrip = LatencyHistogram()
    /// The part of it that the server says the command waited for its turn.
    var serverWait = LatencyHistogram()
    /// Round trip without that wait.
    var roundTripWithoutWait = LatencyHistogram()
    /// Time between two deltas of one client.
    var gap = LatencyHistogram()
    /// How late a command left after the moment it was due: the generator's own fault.
    var sendLateness = LatencyHistogram()

    var commandsSent = 0
    var commandsAcknowledged = 0
    var commandsUnanswered = 0
    var commandsSkipped = 0
    var refusals = 0
    /// Deltas, entity records in them, and bytes of all messages, within the measured window.
    var deltas = 0
    var changes = 0
    var bytes = 0
    /// Snapshots within the window: a client that fell behind gets one in place of its deltas.
    var resynchronisations = 0
    /// The same deltas of parsed clients, counted by search and by parsing.
    var sampledScannedChanges = 0
    var sampledParsedChanges = 0
    /// Acknowledgements that parsed clients got, and how many came with the player's own new position.
    var sampledAcknowledgements = 0
    var sampledOwnMoves = 0
    /// Acknowledgements in deltas from which the mirrors count moves.
    var executedCommands = 0

    /// Deltas of each client within the window.
    var deltasPerClient: [Int] = []
    /// Coordinates each client saw in all deltas from which moves count.
    var coordinatesPerClient: [Int] = []
    /// Ticks and the server's seconds between the first and last delta of the client with the longest span.
    var tickSpan = 0
    var tickSpanSeconds = 0.0
    /// What the parsed clients saw.
    var mirrors: [WorldMirror] = []
    var disconnects = 0
    var stalledClosed = 0
    /// What went wrong, in words, and how often.
    var incidents: [String: Int] = [:]

    /// Notes something that went wrong; different texts beyond 20 are counted together.
    mutating func note(_ incident: String) {
        let known = incidents[incident] != nil || incidents.count < 20
        incidents[known ? incident : "other incidents", default: 0] += 1
    }

    /// Adds the tally of another event loop.
    mutating func add(_ other: ShardTally) {
        roundTrip.add(other.roundTrip)
        serverWait.add(other.serverWait)
        roundTripWithoutWait.add(other.roundTripWithoutWait)
        gap.add(other.gap)
        sendLateness.add(other.sendLateness)
        commandsSent += other.commandsSent
        commandsAcknowledged += other.commandsAcknowledged
        commandsUnanswered += other.commandsUnanswered
        commandsSkipped += other.commandsSkipped
        refusals += other.refusals
        deltas += other.deltas
        changes += other.changes
        bytes += other.bytes
        resynchronisations += other.resynchronisations
        sampledScannedChanges += other.sampledScannedChanges
        sampledParsedChanges += other.sampledParsedChanges
        sampledAcknowledgements += other.sampledAcknowledgements
        sampledOwnMoves += other.sampledOwnMoves
        executedCommands += other.executedCommands
        deltasPerClient += other.deltasPerClient
        coordinatesPerClient += other.coordinatesPerClient
        if other.tickSpan > tickSpan {
            tickSpan = other.tickSpan
            tickSpanSeconds = other.tickSpanSeconds
        }
        mirrors += other.mirrors
        disconnects += other.disconnects
        stalledClosed += other.stalledClosed
        incidents.merge(other.incidents, uniquingKeysWith: +)
    }
}
