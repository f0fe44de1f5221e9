/// The pages for people who are not logged in: the login form, and the form for the first account.
enum EntryPages {
    /// The login form.
    ///
    /// - Parameter hasOperators: Whether there is an account to log in with.
    /// - Returns: The page.
    static func login(hasOperators: Bool) -> Page {
        Page(
            title: "Log in", help: "operators", module: "entry.js",
            content: """
                \(raw: hasOperators ? "" : noAccount)
                <form class="card narrow" method="post" data-call="POST /server/api/v1/session" data-then="next">
                <label>Name<input name="login" autocomplete="username" maxlength="64" required\
                \(raw: hasOperators ? " autofocus" : "")></label>
                <label>Password<input name="password" type="password" autocomplete="current-password" required></label>
                <p class="problem" role="alert"></p><button>Log in</button></form>
                <details class="card narrow"><summary>Log in with the key of the data folder</summary>
                <form method="post" data-call="POST /server/api/v1/session" data-then="next">
                <label>Key<input name="key" type="password" autocomplete="off" required></label>
                <p class="hint">It stands in the file <code>operator.key</code> on the server.</p>
                <p class="problem" role="alert"></p><button>Log in with the key</button></form></details>
                """)
    }

    private static let noAccount: HTML = """
        <p class="notice">Nobody has an account yet. The server printed a link to make the first one when it started; it \
        is good for an hour. Or log in with the key of the data folder.</p>
        """

    /// The form for the first account.
    ///
    /// - Parameter hasOperators: Whether there is an account already; then there is no form.
    /// - Returns: The page.
    static func setup(hasOperators: Bool) -> Page {
        guard !hasOperators else {
            return Page(
                title: "First account", help: "operators",
                content: """
                    <p class="notice">The first account was made already.</p>
                    <p><a class="button" href="/admin/login">Log in</a></p>
                    """)
        }
        return Page(
            title: "First account", help: "operators", module: "entry.js",
            content: """
                <form class="card narrow" method="post" data-call="POST /server/api/v1/setup" data-then="/admin/">
                <p>This account is the server's <b>owner</b>: it can do everything, and gives accounts to others.</p>
                <input type="hidden" name="secret" value="">
                <label>Name<input name="login" autocomplete="username" maxlength="64" required autofocus></label>
                <label>Password<input name="password" type="password" autocomplete="new-password"
                minlength="\(SessionRoutes.minPasswordCharacters)" required></label>
                <p class="hint">At least \(SessionRoutes.minPasswordCharacters) characters.</p>
                <p class="problem" role="alert"></p><button>Make the account</button></form>
                """)
    }
}
