import Storage

/// Logging in, operators, keys of programs and the audit log.
extension Endpoint {
    // MARK: - The caller's own session

    /// Telling a caller its login, role and session.
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

    /// The login page.
    package static let loginPage = Endpoint("pages.login", .get, "/admin/login", nil, "The login form")
    /// The page on which the first account is made.
    package static let setupPage = Endpoint(
        "pages.setup", .get, "/admin/setup", nil, "The form for the first account, opened by the printed link")

    static let session = [
        loginPage, setupPage, showSession, beginSession, endSession, setUp, changePassword, listSessions, revokeSession,
        endSessions,
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

    /// The page of operators.
    package static let operatorsPage = Endpoint(
        "pages.operators", .get, "/admin/operators", .viewer,
        "The caller's account and sessions; for owners all operators and keys")

    static let operators = [
        operatorsPage, listOperators, createOperator, changeOperator, resetPassword, deleteOperator,
    ]

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

    static let keys = [listKeys, createKey, revokeKey]

    // MARK: - Audit log

    /// Reading the audit log.
    package static let listAudit = Endpoint(
        "audit.list", .get, "/server/api/v1/audit", .editor,
        "The audit log, latest first; query: `actor`, `action` (its beginning), `refused` (true, false), `text`, `before` (a number), `limit` (1 to 500)"
    )

    /// The page of the audit log.
    package static let auditPage = Endpoint("pages.audit", .get, "/admin/audit", .editor, "The audit log")

    static let auditing = [auditPage, listAudit]
}
