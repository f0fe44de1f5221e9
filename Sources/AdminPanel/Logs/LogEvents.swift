import HTTPTypes
import Hummingbird
import NIOCore
import OperatorAPI
import ServiceLifecycle

/// A stream of log entries as server-sent events.
///
/// | event | data |
/// |---|---|
/// | `start` | `{"run":…,"resumed":…}`: first; a reader that is not resumed forgets what it has |
/// | `lines` | an array of entries, oldest first |
/// | `skipped` | `{"count":…}`: how many entries are missing here: the reader was slow, or away for long |
/// | `end` | `{"reason":…}`: why the stream ends |
///
/// The id of an event is the run of the server and the number of its last entry; with it a reader continues after its
/// connection broke. A comment comes every ``beat`` as a sign of life.
struct LogEvents: Sendable {
    /// How often a stream without entries shows that it lives, and whether its reader is still allowed is checked.
    static let beat = Duration.seconds(15)

    private let stream: LogStream
    private let filter: LogFilter
    private let run: String
    private let clock: any Clock<Duration>
    private let isAllowed: @Sendable () async -> Bool

    init(
        stream: LogStream, filter: LogFilter, run: String, clock: any Clock<Duration>,
        isAllowed: @escaping @Sendable () async -> Bool
    ) {
        self.stream = stream
        self.filter = filter
        self.run = run
        self.clock = clock
        self.isAllowed = isAllowed
    }

    /// The number of the last entry that a reader has, from the id of the last event; `nil` for a new reader, and for
    /// one from another run of the server.
    static func last(of request: Request, run: String) -> UInt64? {
        guard let name = HTTPField.Name("Last-Event-ID"), let id = request.headers[name] else { return nil }
        let parts = id.split(separator: "-")
        return parts.count == 2 && parts[0] == run ? UInt64(parts[1]) : nil
    }

    /// The body of the answer: ends when the server stops, the reader leaves, or its session ends.
    func body(of request: Request) -> ResponseBody {
        ResponseBody { writer in
            let queue = stream.queue
            let isResumed = Self.last(of: request, run: run) != nil
            try await writer.write(
                ByteBuffer(string: "retry: 1000\nevent: start\ndata: {\"run\":\"\(run)\",\"resumed\":\(isResumed)}\n\n")
            )
            let pulse = Task { [clock, isAllowed] in
                while true {
                    try await clock.sleep(for: Self.beat)
                    if await isAllowed() { queue.beat() } else { queue.end(.loggedOut) }
                }
            }
            defer { pulse.cancel() }
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await withGracefulShutdownHandler {
                    for await _ in queue.changes {
                        let batch = queue.take()
                        let text = text(of: batch)
                        if !text.isEmpty, batch.end != .left { try await writer.write(ByteBuffer(string: text)) }
                        if batch.end != nil { break }
                    }
                } onGracefulShutdown: {
                    queue.end(.stopping)
                }
            } onInboundClosed: {
                queue.end(.left)
            }
            try await writer.finish(nil)
        }
    }

    private func text(of batch: LogQueue.Batch) -> String {
        var text = batch.isBeat ? ": alive\n\n" : ""
        if batch.skipped > 0 { text += "event: skipped\ndata: {\"count\":\(batch.skipped)}\n\n" }
        if let last = batch.entries.last {
            let wanted = batch.entries.filter(filter.admits)
            // JSON has no line ends outside of its texts, and escapes them inside.
            if !wanted.isEmpty {
                let json = String(decoding: OperatorJSON.bytes(wanted), as: UTF8.self)
                text += "id: \(run)-\(last.number)\nevent: lines\ndata: \(json)\n\n"
            }
        }
        if let end = batch.end { text += "event: end\ndata: {\"reason\":\"\(end.rawValue)\"}\n\n" }
        return text
    }
}
