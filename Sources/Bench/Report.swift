extension PlayersBenchmark {
    /// The results of a load test. ``text`` is for people, ``json`` for programs.
    package struct Report: Sendable {
        /// Players that read and move.
        package var players = 0
        /// Commands a second of each player.
        package var movesPerSecond = 0.0
        /// Clients that connect and never read.
        package var stalled = 0
        /// Whether every player is told of all others; if not, clients were not compared with each other.
        package var areAllInView = true
        /// Whether the test was stopped before its time.
        package var isInterrupted = false
        /// Players that received their first snapshot.
        package var joined = 0
        /// Time until all players had received their first snapshot, in seconds.
        package var joinSeconds = 0.0
        /// Length of the measured window in seconds; 0 when it was never reached.
        package var seconds = 0.0

        /// Deltas a second that a client received: the least, the mean and the most of all clients.
        package var deltasPerSecond = (least: 0.0, mean: 0.0, most: 0.0)
        /// Ticks a second, computed from the ticks and times in the server's messages.
        package var tickRateHz = 0.0
        /// Milliseconds between two deltas of one client.
        package var gap = LatencyHistogram.Summary()
        /// Milliseconds from a client's send to the delta with its own change.
        package var roundTrip = LatencyHistogram.Summary()
        /// The part of ``roundTrip`` in which commands waited on the server, as the server reports it.
        package var serverWait = LatencyHistogram.Summary()
        /// ``roundTrip`` without ``serverWait``.
        package var roundTripWithoutWait = LatencyHistogram.Summary()

        /// Milliseconds from the begin of a tick until its positions came.
        package var age = LatencyHistogram.Summary()
        /// Datagrams on `fast` that all clients received in the window.
        package var datagrams = 0
        /// Ticks in which clients of WebRTC moved, summed over all clients.
        package var movedTicks = 0
        /// How many of these ticks came on `fast`, with the client's own position.
        package var heldTicks = 0

        /// Commands that were sent in the window.
        package var commandsSent = 0
        /// Commands of the window that the server acknowledged.
        package var commandsAcknowledged = 0
        /// Commands of the window that were neither acknowledged nor refused.
        package var commandsUnanswered = 0
        /// Commands of the window that were not sent because the connection was full.
        package var commandsSkipped = 0
        /// Error messages from the server.
        package var refusals = 0
        /// Deltas that all clients received in the window.
        package var deltas = 0
        /// Entity records in the deltas that all clients received in the window.
        package var changes = 0
        /// Bytes that all clients received in the window.
        package var bytes = 0
        /// Snapshots in place of deltas, because a client fell behind.
        package var resynchronisations = 0
        /// Lost connections of players that read.
        package var disconnects = 0
        /// Connections that the server closed because the client never reads.
        package var stalledClosed = 0
        /// Descriptions of what went wrong, with their counts.
        package var incidents: [String: Int] = [:]

        /// The check that every client saw every move.
        package var moves = MoveCheck()
        /// Entity records that parsing found in the deltas of parsed clients, divided by those that the search counted.
        package var parsedShare = 1.0
        /// Of the acknowledgements of parsed clients, the share that came with the player's own new position, 0 to 1.
        package var ownMoveShare = 1.0

        /// The server's process; `nil` when it was not found.
        package var server: Server?
        /// CPU time of the load generator in the window, in seconds.
        package var generatorCPUSeconds = 0.0
        /// CPU time of the load generator divided by its threads, as a share of the window, 0 to 1.
        package var generatorBusyShare = 0.0
        /// Milliseconds between the due time of a command and its sending.
        package var sendLateness = LatencyHistogram.Summary()
        /// Cores of the machine.
        package var cores = 0
        /// The share of the window in which the machine's cores were busy, 0 to 1.
        package var machineBusyShare = 0.0
        /// The load average of the last minute.
        package var loadAverage = 0.0

        /// CPU time and memory of the server's process.
        package struct Server: Sendable, Equatable {
            /// Its process id.
            package var pid: Int32
            /// User and system time in the window, in seconds.
            package var cpuSeconds = 0.0
            /// Resident memory before the players joined, in bytes.
            package var residentBytesBefore = 0
            /// Resident memory with all players, in bytes.
            package var residentBytes = 0
            /// Proportional memory with all players, in bytes; `nil` when it may not be read.
            package var proportionalBytes: Int?
        }

        /// Server CPU for one entity record delivered to one client, in microseconds; `nil` when unknown.
        package var cpuMicrosecondsPerChange: Double? {
            server.flatMap { changes > 0 ? $0.cpuSeconds * 1e6 / Double(changes) : nil }
        }

        /// Server CPU for one delta sent to one client, in microseconds; `nil` when unknown.
        package var cpuMicrosecondsPerDelta: Double? {
            server.flatMap { deltas > 0 ? $0.cpuSeconds * 1e6 / Double(deltas) : nil }
        }

        /// Resident memory of the server for each player (connection and entity), in bytes; `nil` when unknown.
        package var bytesPerConnection: Double? {
            server.flatMap {
                joined > 0 ? Double($0.residentBytes - $0.residentBytesBefore) / Double(joined + stalled) : nil
            }
        }

        /// Cores that other processes kept busy in the window; well above 0, these processes distort the figures.
        package var coresBusyWithOthers: Double {
            guard seconds > 0, let server else { return 0 }
            return max(0, machineBusyShare * Double(cores) - (server.cpuSeconds + generatorCPUSeconds) / seconds)
        }

        /// The reasons why the run is not good; empty when every move reached every client and nothing was lost.
        package var problems: [String] {
            var found: [String] = []
            if isInterrupted { found.append("the test was stopped before its time") }
            if joined < players { found.append("only \(joined) of \(players) players were connected") }
            if disconnects > 0 { found.append("\(disconnects) connections were lost") }
            if refusals > 0 { found.append("the server refused \(refusals) commands") }
            if commandsUnanswered > 0 { found.append("\(commandsUnanswered) commands were never acknowledged") }
            if commandsSkipped > 0 {
                found.append("\(commandsSkipped) commands were not sent, the server did not read fast enough")
            }
            if resynchronisations > 0 { found.append("\(resynchronisations) snapshots replaced deltas") }
            if moves.behind > 0 {
                found.append(
                    "\(moves.behind) clients saw fewer coordinates than others "
                        + "(\(moves.leastCoordinates) to \(moves.mostCoordinates))")
            }
            if moves.missed > 0 { found.append("\(moves.missed) moves were missed by a parsed client") }
            if moves.differing > 0 {
                found.append("\(moves.differing) players ended at different places on different clients")
            }
            if generatorBusyShare > 0.9 {
                found.append(
                    "the generator was busy \(Int(generatorBusyShare * 100)) % of the time and may be the limit")
            }
            return found
        }
    }
}
