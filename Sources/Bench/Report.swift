extension PlayersBenchmark {
    /// What a load test measured. ``text`` is for reading, ``json`` for programs.
    package struct Report: Sendable {
        /// The load: players, commands a second of each, clients that never read.
        package var players = 0
        /// Commands a second of each player.
        package var movesPerSecond = 0.0
        /// Clients that connect and never read.
        package var stalled = 0
        /// Whether the test was stopped before its time.
        package var isInterrupted = false
        /// Players that got their first snapshot, and how long that took for all, in seconds.
        package var joined = 0
        /// How long it took until all had their first snapshot, in seconds.
        package var joinSeconds = 0.0
        /// Length of the measured window in seconds; 0 when it was never reached.
        package var seconds = 0.0

        /// Deltas a second that each client got: the worst, the mean and the best client.
        package var deltasPerSecond = (least: 0.0, mean: 0.0, most: 0.0)
        /// Ticks a second by the server's own numbers and clock.
        package var tickRateHz = 0.0
        /// Milliseconds between two deltas of one client.
        package var gap = LatencyHistogram.Summary()
        /// Milliseconds from a client's send to the delta with its own change.
        package var roundTrip = LatencyHistogram.Summary()
        /// The part of it that commands waited on the server for their turn, as the server says.
        package var serverWait = LatencyHistogram.Summary()
        /// Round trip without that wait.
        package var roundTripWithoutWait = LatencyHistogram.Summary()

        /// Commands of the window: sent, acknowledged, neither acknowledged nor refused, not sent because the
        /// connection was full.
        package var commandsSent = 0
        /// Commands of the window that the server acknowledged.
        package var commandsAcknowledged = 0
        /// Commands of the window that were neither acknowledged nor refused.
        package var commandsUnanswered = 0
        /// Commands of the window that were not sent because the connection was full.
        package var commandsSkipped = 0
        /// Error messages from the server.
        package var refusals = 0
        /// Deltas, entity records in them and bytes that all clients got in the window.
        package var deltas = 0
        /// Entity records in the deltas that all clients got in the window.
        package var changes = 0
        /// Bytes that all clients got in the window.
        package var bytes = 0
        /// Snapshots in place of deltas, because a client fell behind.
        package var resynchronisations = 0
        /// Connections lost, and connections of clients that never read that the server closed.
        package var disconnects = 0
        /// Connections of clients that never read that the server closed.
        package var stalledClosed = 0
        /// What went wrong, in words, and how often.
        package var incidents: [String: Int] = [:]

        /// Whether every move was seen by all, as far as it was looked at.
        package var moves = MoveCheck()
        /// Records that parsing found in the deltas of the parsed clients, for each that the search counted.
        package var parsedShare = 1.0
        /// The share of acknowledgements that came with the player's own new position, on parsed clients.
        package var ownMoveShare = 1.0

        /// The server's process; `nil` when it was not found.
        package var server: Server?
        /// CPU of the generator in the window, in seconds and for each of its threads as a share; 0 to 1.
        package var generatorCPUSeconds = 0.0
        /// CPU of the generator for each of its threads, as a share of the window, 0 to 1.
        package var generatorBusyShare = 0.0
        /// Milliseconds by which commands left late.
        package var sendLateness = LatencyHistogram.Summary()
        /// Cores, the share of them all that worked in the window, and the load average of the last minute.
        package var cores = 0
        /// The share of all cores that worked in the window, 0 to 1.
        package var machineBusyShare = 0.0
        /// The load average of the last minute.
        package var loadAverage = 0.0

        /// What the server's process took.
        package struct Server: Sendable, Equatable {
            /// Its number.
            package var pid: Int32
            /// User and system time in the window, in seconds.
            package var cpuSeconds = 0.0
            /// Resident memory before the players and with all of them, in bytes.
            package var residentBytesBefore = 0
            /// Resident memory with all players, in bytes.
            package var residentBytes = 0
            /// Proportional memory with all players, in bytes, where it may be read.
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

        /// Cores that other processes kept busy in the window; well above 0, the figures are not the server's own.
        package var coresBusyWithOthers: Double {
            guard seconds > 0, let server else { return 0 }
            return max(0, machineBusyShare * Double(cores) - (server.cpuSeconds + generatorCPUSeconds) / seconds)
        }

        /// What speaks against the run, in words; empty when every move reached everybody and nothing was lost.
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
