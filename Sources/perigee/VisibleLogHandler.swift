import JSONValues
import Logging

/// Writes the server's own log to the error output, with escapes in the place of characters that would change how other
/// lines are shown: some of its texts come from clients.
struct VisibleLogHandler: LogHandler {
    private var output: StreamLogHandler

    init(label: String) { output = StreamLogHandler.standardError(label: label) }

    var logLevel: Logger.Level {
        get { output.logLevel }
        set { output.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { output.metadata }
        set { output.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { output[metadataKey: key] }
        set { output[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = "\(event.message.description.visible)"
        event.metadata = event.metadata?.mapValues { .string("\($0)".visible) }
        output.log(event: event)
    }
}
