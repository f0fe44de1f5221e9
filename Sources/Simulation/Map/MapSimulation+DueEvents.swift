import GameFolder
import GameRules
import World

/// The second part of a tick: the events that are due [`2-lua-api.md` 5].
extension MapSimulation {
    /// Runs the due events in order; when they have taken `tick_limit_ms` of CPU time, the others wait for the next
    /// tick. At least one event runs.
    func runDueEvents() {
        // The list is used again by the next tick; nothing in this one refers to it.
        var turns: [DueToken] = []
        swap(&turns, &dueTokens)
        defer { swap(&turns, &dueTokens) }
        world.collectDue(now: now, into: &turns)
        backlog.order(&turns) { host.eventScript(of: $0)?.path }
        guard !turns.isEmpty else { return }
        let start = TickStart(surroundings.clock)
        let limit = tickLimit
        for count in turns.indices {
            let token = turns[count]
            // Events that have not run stay pending, and are saved as pending.
            if stopper.isStopped { return }
            if count > 0, let cut = cut(after: count, since: start, limit: limit) {
                return leave(turns[count...], of: turns.count, cut)
            }
            if host.waitsForScript(token) {
                world.park(token)
                continue
            }
            guard let event = world.removeDue(token, now: now), !postponeDisconnect(event) else { continue }
            if let commandID = event.commandID, let id = sessions.id(of: event.entity) {
                let group = world.schema.groups[event.group].name
                sessions.update(id) {
                    $0.acknowledge(.init(group: group, commandID: commandID, receivedAt: event.receivedAt))
                }
            }
            work.events += 1
            eventsRun += 1
            host.runEvent(event)
        }
        backlog.finish()
    }

    /// Where the tick's events end, if they end here; in a replay, the recording decides that.
    private func cut(after count: Int, since start: TickStart, limit: UInt64) -> EventCut? {
        var measured: EventCut?
        if isSpent(start, limit: limit) {
            measured = EventCut(count: count, greedy: host.greediestEvent ?? "")
        }
        guard let watcher = surroundings.watcher else { return measured }
        return watcher.cut(measured, after: count)
    }

    /// `tick_limit_ms` in nanoseconds.
    var tickLimit: UInt64 { UInt64(game.configuration.tickLimit / .nanoseconds(1)) }

    /// Whether at least `limit` nanoseconds of CPU time had passed when the last script ended.
    func isSpent(_ start: TickStart, limit: UInt64) -> Bool {
        // Reading the CPU clock is a system call. CPU time can't exceed wall time, and the wall time at the end of the
        // last script is known, so the CPU clock is read only when that reached the limit.
        let ended = host.running.endedAt
        let passed = ended > start.wall ? ended - start.wall : 0
        return passed >= limit && surroundings.clock.cpu() &- start.cpu >= limit
    }

    private func leave(_ rest: ArraySlice<DueToken>, of all: Int, _ cut: EventCut) {
        guard backlog.leave(rest, cut, now: now) else { return }
        let limit = game.configuration.tickLimit / .milliseconds(1)
        host.logError(
            kind: "tick_limit",
            message:
                "the events of a tick took \(Int(limit)) ms of CPU time (tick_limit_ms): \(all - cut.count) of \(all) wait "
                + "for the next ticks; most of it went to \(cut.greedy.isEmpty ? "timeout formulas" : cut.greedy), whose events come last until all have run",
            script: cut.greedy.isEmpty ? nil : cut.greedy, ran: cut.greedy.isEmpty ? nil : cut.greedy)
    }
}
