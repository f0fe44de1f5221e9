/// The measurements of the clients of one event loop; tallies of several loops can be added.
struct ShardTally: Sendable {
    /// Time from the send of a command to the arrival of the delta that acknowledges it, measured by the client.
    var roundTrip = LatencyHistogram()
    /// The part of `roundTrip` in which the command waited on the server, as the server reports it.
    var serverWait = LatencyHistogram()
    /// `roundTrip` without `serverWait`.
    var roundTripWithoutWait = LatencyHistogram()
    /// Time between two deltas of one client.
    var gap = LatencyHistogram()
    /// How long after its due time a command was sent: the load generator causes this delay.
    var sendLateness = LatencyHistogram()
    /// The age of positions when they came: the time since their tick began.
    var age = LatencyHistogram()
    /// Datagrams on `fast` within the window.
    var datagrams = 0
    /// Ticks in which a client of WebRTC moved, and how many of them came on `fast` with its own position.
    var movedTicks = 0
    var heldTicks = 0

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
    /// Entity records in the deltas of parsed clients, once counted by search and once by parsing.
    var sampledScannedChanges = 0
    var sampledParsedChanges = 0
    /// Acknowledgements that parsed clients received, and how many of them came with the player's own new position.
    var sampledAcknowledgements = 0
    var sampledOwnMoves = 0
    /// Acknowledgements in the deltas in which the mirrors count moves.
    var executedCommands = 0

    /// Deltas of each client within the window.
    var deltasPerClient: [Int] = []
    /// Coordinates that each client saw in the deltas in which moves count.
    var coordinatesPerClient: [Int] = []
    /// Ticks, and seconds of the server's clock, between the first and last delta of the client with the most ticks.
    var tickSpan = 0
    var tickSpanSeconds = 0.0
    /// The mirrors of the parsed clients.
    var mirrors: [WorldMirror] = []
    var disconnects = 0
    var stalledClosed = 0
    /// Descriptions of what went wrong, with their counts.
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
        age.add(other.age)
        datagrams += other.datagrams
        movedTicks += other.movedTicks
        heldTicks += other.heldTicks
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
