import JSONValues
package import Logging

/// Passes the server's own log on, with escapes in the place of characters that would change how other lines are shown:
/// some of its texts come from clients.
package struct VisibleLogHandler: LogHandler {
    private var output: any LogHandler

    /// Makes a handler.
    ///
    /// - Parameter output: Gets the escaped lines.
    package init(_ output: any LogHandler) { self.output = output }

    /// The least level that is logged.
    package var logLevel: Logger.Level {
        get { output.logLevel }
        set { output.logLevel = newValue }
    }

    /// What each line has, escaped.
    package var metadata: Logger.Metadata {
        get { output.metadata }
        set { output.metadata = Self.visible(newValue) }
    }

    /// What else each line has; its values are escaped.
    package var metadataProvider: Logger.MetadataProvider? {
        get { output.metadataProvider }
        set {
            output.metadataProvider = newValue.map { provider in
                Logger.MetadataProvider { Self.visible(provider.get()) }
            }
        }
    }

    /// One value of ``metadata``.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { output[metadataKey: key] }
        set { output[metadataKey: key] = newValue.map(Self.visible) }
    }

    /// Logs a line.
    ///
    /// - Parameter event: The line; its message, metadata and error are escaped.
    package func log(event: LogEvent) {
        var event = event
        event.message = "\(event.message.description.visible)"
        event.metadata = event.metadata.map(Self.visible)
        if let error = event.error {
            // The output would print the error's own text; so it gets the same two members, escaped.
            var metadata = event.metadata ?? [:]
            metadata["error.message"] = .string("\(error)".visible)
            metadata["error.type"] = .string(String(reflecting: type(of: error)).visible)
            event.metadata = metadata
            event.error = nil
        }
        output.log(event: event)
    }

    private static func visible(_ metadata: Logger.Metadata) -> Logger.Metadata { metadata.mapValues(visible) }

    private static func visible(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value { .string("\(value)".visible) }
}
