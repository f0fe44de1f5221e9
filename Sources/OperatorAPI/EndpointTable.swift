import Storage

/// The table of what the panel answers. Rights, tests and `docs/operator-api.md` are made from it.
extension Endpoint {
    /// All endpoints, in the order of the documentation.
    package static let all: [Endpoint] = session + operators + keys + auditing + maps + pages

    // MARK: - The caller's own session

    /// Who the caller is.
    package static let showSession = Endpoint(
        "session.show", .get, "/server/api/v1/session", .viewer,
        "Who the caller is: `login`, `role`, `kind`, and for a session its `token` and when it `expires`")
    /// Logging in.
    package static let beginSession = Endpoint(
        "session.begin", .post, "/server/api/v1/session", nil,
        "Logs in with `login` and `password`, or with the key file's `key`; sets the cookie")
    /// Logging out.
    package static let endSession = Endpoint(
        "session.end", .delete, "/server/api/v1/session", .viewer, "Logs out; 409 for a caller without a session")
    /// Making the first owner's account.
    package static let setUp = Endpoint(
        "setup", .post, "/server/api/v1/setup", nil,
        "Makes the first account, an owner: `secret` of the link that the server printed, `login`, `password`; logs in")
    /// Changing one's own password.
    package static let changePassword = Endpoint(
        "password.change", .put, "/server/api/v1/password", .viewer,
        "Changes the caller's own password from `old` to `new`; ends the other sessions")
    /// Listing sessions.
    package static let listSessions = Endpoint(
        "sessions.list", .get, "/server/api/v1/sessions", .viewer,
        "The caller's sessions; for an owner those of all operators")
    /// Ending one session.
    package static let revokeSession = Endpoint(
        "sessions.revoke", .delete, "/server/api/v1/sessions/:id", .viewer,
        "Ends one of the caller's sessions; an owner can end any")
    /// Logging out everywhere.
    package static let endSessions = Endpoint(
        "sessions.end", .delete, "/server/api/v1/sessions", .viewer, "Logs the caller out everywhere")

    private static let session = [
        showSession, beginSession, endSession, setUp, changePassword, listSessions, revokeSession, endSessions,
    ]

    // MARK: - Operators

    /// Listing operators.
    package static let listOperators = Endpoint(
        "operators.list", .get, "/server/api/v1/operators", .owner, "All operators")
    /// Making an operator's account.
    package static let createOperator = Endpoint(
        "operators.create", .post, "/server/api/v1/operators", .owner,
        "Makes an account: `login`, `password`, `role` (`viewer`, `editor`, `owner`)")
    /// Changing an operator's account.
    package static let changeOperator = Endpoint(
        "operators.change", .patch, "/server/api/v1/operators/:id", .owner,
        "Changes the `role`, or disables and enables the account (`disabled`: true or false); revokes the operator's keys above the role that is left"
    )
    /// Resetting an operator's password.
    package static let resetPassword = Endpoint(
        "operators.password", .put, "/server/api/v1/operators/:id/password", .owner,
        "Sets a new `password` for an operator, and ends the operator's sessions")
    /// Deleting an operator's account.
    package static let deleteOperator = Endpoint(
        "operators.delete", .delete, "/server/api/v1/operators/:id", .owner,
        "Deletes an account and revokes the keys it made; the last owner who can log in stays")

    private static let operators = [listOperators, createOperator, changeOperator, resetPassword, deleteOperator]

    // MARK: - Keys of programs

    /// Listing keys.
    package static let listKeys = Endpoint(
        "keys.list", .get, "/server/api/v1/keys", .owner, "The keys of programs, without their secrets")
    /// Making a key.
    package static let createKey = Endpoint(
        "keys.create", .post, "/server/api/v1/keys", .owner,
        "Makes a key: `name`, `role`; the answer is the only one that has its `secret`")
    /// Revoking a key.
    package static let revokeKey = Endpoint(
        "keys.revoke", .delete, "/server/api/v1/keys/:id", .owner, "Revokes a key")

    private static let keys = [listKeys, createKey, revokeKey]

    // MARK: - Audit log

    /// Reading the audit log.
    package static let listAudit = Endpoint(
        "audit.list", .get, "/server/api/v1/audit", .editor,
        "The audit log, latest first; query: `actor`, `action` (its beginning), `refused` (true, false), `text`, `before` (a number), `limit` (1 to 500)"
    )

    private static let auditing = [listAudit]

    // MARK: - Maps

    /// The figures, errors and log of a map.
    package static let showPerformance = Endpoint(
        "maps.performance", .get, "/server/api/log_performance/:map_id", .viewer,
        "Figures, errors, scripts and log of a map: HTML, or JSON with `Accept: application/json`")
    /// The same at the path of the requirements [M12.2].
    package static let showPerfomance = Endpoint(
        "maps.perfomance", .get, "/server/api/log_perfomance/:map_id", .viewer, "The same")
    /// Samples of the scripts of a map.
    package static let profile = Endpoint(
        "maps.profile", .get, "/server/api/profile/:map_id", .viewer,
        "Samples of the map's scripts during the next `seconds` (1 to 30), as text")
    /// Reloading the game folder.
    package static let reload = Endpoint(
        "game.reload", .post, "/server/api/reload", .editor,
        "Reloads the game folder; answers with what changed and what is wrong")
    /// Resuming a suspended script.
    package static let resume = Endpoint(
        "scripts.resume", .post, "/server/api/resume/:map_id", .editor,
        "Lets the suspended `script` (query) of a map run again")

    private static let maps = [showPerformance, showPerfomance, profile, reload, resume]

    // MARK: - Pages

    /// The page of maps.
    package static let mapsPage = Endpoint("pages.maps", .get, "/admin", .viewer, "The maps: figures, errors, log")
    /// The page of operators.
    package static let operatorsPage = Endpoint(
        "pages.operators", .get, "/admin/operators", .viewer,
        "The caller's account and sessions; for owners all operators and keys")
    /// The page of the audit log.
    package static let auditPage = Endpoint("pages.audit", .get, "/admin/audit", .editor, "The audit log")
    /// The page of help.
    package static let helpPage = Endpoint("pages.help", .get, "/admin/help", nil, "Help")
    /// The login page.
    package static let loginPage = Endpoint("pages.login", .get, "/admin/login", nil, "The login form")
    /// The page on which the first account is made.
    package static let setupPage = Endpoint(
        "pages.setup", .get, "/admin/setup", nil, "The form for the first account, opened by the printed link")
    /// The files of the pages.
    package static let panelFile = Endpoint(
        "pages.file", .get, "/admin/files/:name", nil, "Style sheets, scripts and images of these pages")

    private static let pages = [mapsPage, operatorsPage, auditPage, helpPage, loginPage, setupPage, panelFile]

    // MARK: - Documentation

    /// The table for `docs/operator-api.md`, one row for each endpoint.
    package static var documentation: String {
        let rows = all.map { "| `\($0.method.rawValue) \($0.path)` | \($0.role?.rawValue ?? "-") | \($0.summary) |" }
        return (["| request | role | what it does |", "|---|---|---|"] + rows).joined(separator: "\n")
    }
}
