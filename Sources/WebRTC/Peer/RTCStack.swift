import CWebRTC
import NIOCore
import NIOPosix

/// The one SCTP of this process: usrsctp keeps its state for the whole process and must be used on one thread, so all
/// peers of all ports live on the loop of this object. It gives peers their numbers, brings to them what C has for a
/// number, and lets time pass.
///
/// usrsctp has a second thread nevertheless: the end of a peer starts an iterator there, over the sockets that are
/// bound to all addresses. Each socket is bound to the number of its peer, which is never 0, so the iterator
/// finds no socket.
///
/// `@unchecked Sendable`: all `var` and the bytes of `buffer` are used on ``eventLoop`` only. Peers and ports, which
/// call all functions, live on that loop; the callbacks from C run within their calls; the scheduled callback runs
/// there. Everything else is `let` and `Sendable`.
final class RTCStack: NIOScheduledCallbackHandler, @unchecked Sendable {
    /// One end of a DTLS connection with SCTP over it.
    protocol Member: AnyObject {
        /// Sends a datagram to the peer's address.
        func transmit(_ datagram: UnsafeBufferPointer<UInt8>)
        /// Encrypts and sends a packet of SCTP.
        func encrypt(_ packet: UnsafeBufferPointer<UInt8>)
        /// An authentic packet of SCTP has arrived, which SCTP gets next; called from C.
        func packetArrived(_ packet: UnsafeBufferPointer<UInt8>)
        /// Called in every ``tick`` as long as it says that it needs the next one, and about once a second otherwise.
        ///
        /// - Returns: Whether it needs the next tick.
        func timePassed(now: NIODeadline) -> Bool
    }

    /// The stack of this process. Its thread lives as long as the process.
    static let shared = RTCStack()

    /// How often timers are looked at.
    static let tick = TimeAmount.milliseconds(10)
    /// How many ticks pass until each member is looked at.
    private static let turnCount = 100
    /// The most time that passes at once for SCTP: a process that was paused goes on where it was.
    private static let longestStep = 1000

    /// The loop of all peers.
    let eventLoop: any EventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
    /// Where messages are taken from SCTP; used between two calls of other code only.
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 65_536)
    private var members: [UInt32: any Member] = [:]
    /// The members that need the next tick.
    private var awake: Set<UInt32> = []
    /// The numbers of the members by the tick in which they are looked at: all members, in equal parts.
    private var turns = [Set<UInt32>](repeating: [], count: turnCount)
    private var tickNumber = 0
    private var lastID: UInt32 = 0
    private var timePassedUntil = NIODeadline.distantPast
    private var isTicking = false

    private init() {
        var callbacks = rtc_callbacks(
            send_datagram: { peer, bytes, length in
                RTCStack.shared.members[peer]?.transmit(UnsafeBufferPointer(start: bytes, count: length))
            },
            send_packet: { peer, bytes, length in
                RTCStack.shared.members[peer]?.encrypt(UnsafeBufferPointer(start: bytes, count: length))
            },
            received_packet: { peer, bytes, length in
                RTCStack.shared.members[peer]?.packetArrived(UnsafeBufferPointer(start: bytes, count: length))
                rtc_sctp_receive(peer, bytes, length)
            })
        rtc_start(&callbacks)
    }

    /// Gives a number to a peer, which keeps it until ``remove(_:)``.
    ///
    /// - Parameter make: Makes the peer with its number; `nil` when it can't.
    /// - Returns: The peer.
    func add<Peer: Member>(_ make: (UInt32) -> Peer?) -> Peer? {
        repeat { lastID &+= 1 } while lastID == 0 || members[lastID] != nil
        let id = lastID
        guard let peer = make(id) else { return nil }
        members[id] = peer
        turns[Int(id) % Self.turnCount].insert(id)
        awake.insert(id)
        startTicking()
        return peer
    }

    /// Takes a peer's number back.
    func remove(_ id: UInt32) {
        members[id] = nil
        awake.remove(id)
        turns[Int(id) % Self.turnCount].remove(id)
    }

    /// Lets a member have the next tick.
    func wake(_ id: UInt32) { awake.insert(id) }

    // MARK: - Time

    private func startTicking() {
        guard !isTicking else { return }
        isTicking = true
        timePassedUntil = eventLoop.now
        scheduleTick()
    }

    private func scheduleTick() {
        // The loop never ends, so it schedules always.
        _ = try? eventLoop.scheduleCallback(in: Self.tick, handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        let now = eventLoop.now
        let milliseconds = (now - timePassedUntil).nanoseconds / 1_000_000
        timePassedUntil = timePassedUntil + .milliseconds(milliseconds)
        rtc_sctp_advance(UInt32(min(Int(milliseconds), Self.longestStep)))
        tickNumber = (tickNumber + 1) % Self.turnCount
        // Members may end others, or wake them, while they are called.
        for id in awake.union(turns[tickNumber]) {
            if let member = members[id], member.timePassed(now: now), members[id] != nil {
                awake.insert(id)
            } else {
                awake.remove(id)
            }
        }
        // Without peers there is nothing to wait for.
        if members.isEmpty { isTicking = false } else { scheduleTick() }
    }
}
