import NIOCore
import Wire

/// The packets to a client: those that wait for a poll or a flush, the bytes of answers that the kernel does not have
/// yet, and what both mean for the session and for the memory of the process.
struct EngineOutbox {
    private var queue = EngineQueue()
    private var pressure: EnginePressure
    private var meter: EngineMeter
    private let packetsPerAnswer: Int
    private let bytesPerAnswer: Int
    /// The bytes of answers to polls that the kernel does not have yet.
    private var answerBytes = 0

    /// Makes an empty outbox.
    ///
    /// - Parameters:
    ///   - options: The limits of the server.
    ///   - memory: Counts what waits.
    init(_ options: EngineOptions, memory: SendMemory) {
        // Low enough for slow clients, and high enough that an echo of one request never stops the session.
        pressure = EnginePressure(high: max(options.maxPayload, 65_536))
        meter = EngineMeter(memory: memory)
        packetsPerAnswer = options.maxPacketsPerAnswer
        bytesPerAnswer = options.maxPayload
    }

    /// Whether no packet waits.
    var isEmpty: Bool { queue.isEmpty }

    /// How many bytes wait for the client.
    var waitingBytes: Int { queue.bytes + answerBytes }

    /// Adds a packet.
    mutating func append(_ packet: EngineOutput) { queue.append(packet) }

    /// Adds a packet that comes before all others.
    mutating func prepend(_ packet: EngineOutput) { queue.prepend(packet) }

    /// Takes all packets, for a WebSocket.
    mutating func takeAll() -> [EngineOutput] { queue.takeAll() }

    /// Takes the packets of an answer to a poll, whose bytes wait until ``noteWritten(_:)``.
    ///
    /// - Returns: The body of the answer, and how many packets are in it.
    mutating func takeAnswer() -> (body: ByteBuffer, count: Int) {
        let packets = queue.take(most: packetsPerAnswer, bytes: bytesPerAnswer)
        let body = EngineOutput.payload(of: packets)
        answerBytes += body.readableBytes
        return (body, packets.count)
    }

    /// Records that the kernel has the bytes of an answer, or can't get them.
    mutating func noteWritten(_ count: Int) { answerBytes -= count }

    /// Drops all packets.
    mutating func removeAll() { queue.removeAll() }

    // MARK: - Pressure

    /// The limits of waiting bytes that the session has set; `nil` before it has.
    var sessionLimits: (high: Int, low: Int)? { pressure.isLimitedBySession ? pressure.limits : nil }

    /// Sets the limits of waiting bytes.
    mutating func limit(high: Int, low: Int) { pressure.limit(high: high, low: low) }

    /// Records whether the WebSocket is writable.
    mutating func noteSocketWritable(_ isWritable: Bool) { pressure.isSocketWritable = isWritable }

    /// Whether the connection is writable, as of the last call of ``changedWritability()``.
    var isWritable: Bool { pressure.isWritable }

    /// Whether the connection is writable, if that has changed since the last call.
    mutating func changedWritability() -> Bool? { pressure.change(waiting: waitingBytes) }

    // MARK: - Memory

    /// Reports the packets that wait for a poll.
    ///
    /// - Parameters:
    ///   - wereSent: Whether packets were sent since the last report.
    ///   - connection: Is counted, and chosen to be closed.
    mutating func reportMemory(wereSent: Bool, of connection: EngineConnection) {
        let loop = connection.eventLoop
        // Not at once: the connection may be chosen in this very report.
        meter.report(queue, wereSent: wereSent, of: ObjectIdentifier(connection)) {
            loop.execute { connection.shed() }
        }
    }

    /// Takes back the last report.
    mutating func forgetMemory(of connection: EngineConnection) { meter.forget(ObjectIdentifier(connection)) }
}
