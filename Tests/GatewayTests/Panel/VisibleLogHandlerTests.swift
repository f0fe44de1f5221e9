import AdminPanel
import Logging
import Synchronization
import Testing

@Suite("The server's own log shows hidden characters") struct VisibleLogHandlerTests {
    /// What a stream handler wrote.
    private final class Output: TextOutputStream, Sendable {
        private let written = Mutex("")
        var text: String { written.withLock { $0 } }

        func write(_ string: String) { written.withLock { $0 += string } }
    }

    private struct Failure: Error, CustomStringConvertible { let description: String }

    private static let forged = "a\nb\u{1B}[2J\u{202E}c"
    private static let escaped = "a\\nb\\u{001B}[2J\\u{202E}c"

    @Test("texts from clients are escaped wherever they stand: message, metadata of all kinds, error")
    func escapes() {
        let output = Output()
        var logger = Logger(label: "test") { label in
            VisibleLogHandler(StreamLogHandler(label: label, stream: output, metadataProvider: nil))
        }
        logger[metadataKey: "kept"] = "\(Self.forged)"
        logger.handler.metadataProvider = Logger.MetadataProvider { ["provided": "\(Self.forged)"] }
        logger.error(
            "\(Self.forged)", error: Failure(description: Self.forged),
            metadata: ["own": "\(Self.forged)", "list": ["\(Self.forged)"], "object": ["x": "\(Self.forged)"]])
        for part in ["kept=", "provided=", "own=", "error.message=", "] "] {
            #expect(output.text.contains(part + Self.escaped), "\(part)")
        }
        #expect(output.text.contains("error.type=") && output.text.contains("Failure"))
        let lines = output.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2 && lines[1].isEmpty, "one line")
        #expect(!output.text.contains("\u{1B}") && !output.text.contains("\u{202E}"))
    }

    @Test("all metadata is escaped when it is set at once, and stays readable")
    func metadata() {
        let output = Output()
        var handler = VisibleLogHandler(StreamLogHandler(label: "test", stream: output, metadataProvider: nil))
        handler.metadata = ["a": "\(Self.forged)", "b": "plain žluť"]
        #expect(handler[metadataKey: "b"] == "plain žluť")
        handler.log(
            event: LogEvent(
                level: .notice, message: "hi", metadata: nil, source: "s", file: "f", function: "g", line: 1))
        #expect(output.text.contains("a=\(Self.escaped) b=plain žluť") && output.text.hasSuffix("hi\n"))
    }
}
