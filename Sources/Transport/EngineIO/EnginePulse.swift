import NIOCore

/// Runs an ``EngineHeartbeat`` on an event loop: says when to ping, and when the client is gone.
///
/// Used on its event loop only.
final class EnginePulse {
    private let eventLoop: any EventLoop
    private let pauses: () -> TimeAmount
    private var heartbeat: EngineHeartbeat
    private var timer: RunningTimer?
    private var act: ((EngineHeartbeat.Verdict) -> Void)?
    private var isHeldBack: () -> Bool = { false }

    /// Makes a pulse; the time of the first ping counts from now.
    ///
    /// - Parameters:
    ///   - options: The times.
    ///   - eventLoop: The event loop; call the initializer on it.
    ///   - pauses: Returns the total time of the server's pauses, which do not count.
    init(_ options: EngineOptions, on eventLoop: any EventLoop, pauses: @escaping () -> TimeAmount) {
        self.eventLoop = eventLoop
        self.pauses = pauses
        heartbeat = EngineHeartbeat(
            interval: options.pingInterval, timeout: options.pingTimeout, now: eventLoop.now - pauses())
    }

    private var now: NIODeadline { eventLoop.now - pauses() }

    /// Starts to beat.
    ///
    /// - Parameters:
    ///   - isHeldBack: Whether the server itself keeps the client from sending; a client is not dead then.
    ///   - act: Called to send a ping, and when the client is dead; the pulse has ended then.
    func start(isHeldBack: @escaping () -> Bool, _ act: @escaping (EngineHeartbeat.Verdict) -> Void) {
        self.isHeldBack = isHeldBack
        self.act = act
        schedule()
    }

    /// Ends the pulse.
    func stop() {
        act = nil
        timer?.cancel()
        timer = nil
    }

    private func schedule() {
        timer?.cancel()
        timer = RunningTimer(in: heartbeat.rest(now: now), on: eventLoop, pauses: pauses) { [weak self] in self?.beat()
        }
    }

    private func beat() {
        guard let act else { return }
        var verdict = heartbeat.verdict(now: now)
        if verdict == .dead, isHeldBack() {
            _ = heartbeat.heard(now: now)
            verdict = .wait
        }
        if verdict == .dead { stop() } else { schedule() }
        if verdict != .wait { act(verdict) }
    }

    /// Does what is due before a request is handled: an event loop handles what it reads before its timers.
    func beatIfDue() { if heartbeat.rest(now: now) == .zero { beat() } }

    /// Records that something came from the client, or that it can send again.
    func heard() { if act != nil, heartbeat.heard(now: now) { schedule() } }

    /// Sends a ping now, another one if the last has no answer.
    func pingNow() {
        guard let act else { return }
        heartbeat.pinged(now: now)
        schedule()
        act(.ping)
    }
}
