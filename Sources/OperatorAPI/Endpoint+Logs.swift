import Storage

/// The maps' logs and errors [M7.3].
extension Endpoint {
    /// The page of logs.
    package static let logsPage = Endpoint(
        "pages.logs", .get, "/admin/logs", .viewer, "The live log and the errors of all maps, or of one")
    /// Reading the latest log entries.
    package static let listLogs = Endpoint(
        "logs.list", .get, "/server/api/v1/logs", .viewer,
        "The latest log entries, oldest first; query: `map`, `level` (`error`, `result`, `print`, `server`), `script`, `entity`, `text`, `limit` (1 to 1000)"
    )
    /// Following the log.
    package static let streamLogs = Endpoint(
        "logs.stream", .get, "/server/api/v1/logs/stream", .viewer,
        "The latest log entries and all that follow, as server-sent events; the query is that of `logs`")
    /// The log files of a map.
    package static let downloadLog = Endpoint(
        "logs.download", .get, "/server/api/v1/maps/:map_id/logs/:file", .viewer,
        "A log file of a map: `log`, `errors`, or the earlier ones `log.1`, `errors.1`")
    /// Listing errors.
    package static let listErrors = Endpoint(
        "errors.list", .get, "/server/api/v1/errors", .viewer,
        "Errors, grouped, the latest first; query: `map`, and `version` for 204 when nothing has changed since that answer"
    )
    /// Clearing one group of errors.
    package static let clearError = Endpoint(
        "errors.clear", .delete, "/server/api/v1/errors/:id", .editor, "Removes one group of errors")
    /// Clearing groups of errors.
    package static let clearErrors = Endpoint(
        "errors.clear_all", .delete, "/server/api/v1/errors", .editor,
        "Removes all groups of errors; query: `map`, and `mended=true` for those that are mended only")

    static let logs = [logsPage, listLogs, streamLogs, downloadLog, listErrors, clearErrors, clearError]
}
