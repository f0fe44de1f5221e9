import OperatorAPI
import Storage

/// The page of operators: for owners all accounts and keys, for everybody the own account and sessions.
enum OperatorsPage {
    /// What an owner sees of the others.
    struct Administration {
        var operators: [OperatorAnswer]
        var keys: [APIKeyAnswer]
    }

    static func page(for caller: Caller, sessions: [OperatorSessionAnswer], administration: Administration?) -> Page {
        Page(
            title: "Operators", section: .operators,
            content: """
                \(raw: administration.map { operators($0.operators) } ?? "")
                \(raw: administration.map { keys($0.keys) } ?? "")
                \(raw: account(caller))
                \(raw: SessionsView.html(sessions, ofAll: administration != nil))
                """)
    }

    // MARK: - Accounts

    private static func operators(_ accounts: [OperatorAnswer]) -> HTML {
        let rows = accounts.map { account -> HTML in
            """
            <tr\(raw: account.disabled == nil ? "" : " class=\"off\"")><td data-label="Name">\(account.login)</td>\
            <td data-label="Role">\(account.role.rawValue)</td>\
            <td data-label="Made">\(raw: HTML.time(account.created))</td>\
            <td data-label="State">\(account.disabled == nil ? "active" : "disabled")</td>\
            <td class="actions"><button class="quiet" data-dialog="operator-\(account.id)" \
            aria-label="Change \(account.login)">Change</button>\(raw: dialog(account))</td></tr>
            """
        }
        let table: HTML =
            rows.isEmpty
            ? "<p class=\"empty\">Nobody has an account yet; you are here with a key. Make the first one below.</p>"
            : """
            <table class="stacks"><thead><tr><th>Name</th><th>Role</th><th>Made</th><th>State</th><th></th></tr></thead>
            <tbody>\(raw: HTML(joining: rows))</tbody></table>
            """
        return """
            <section class="card"><h2>People</h2>\(raw: table)
            <details><summary>New operator</summary>
            <form class="row" method="post" data-call="POST /server/api/v1/operators" data-then="reload">
            <label>Name<input name="login" autocomplete="off" maxlength="64" required></label>
            <label>Password<input name="password" type="password" autocomplete="new-password"
            minlength="\(SessionRoutes.minPasswordCharacters)" required></label>
            <label>Role\(raw: roles(selected: .viewer))</label>
            <button>Make the account</button><p class="problem" role="alert"></p></form></details></section>
            """
    }

    private static func dialog(_ account: OperatorAnswer) -> HTML {
        let path = Endpoint.changeOperator.path(["id": "\(account.id)"])
        let isDisabled = account.disabled != nil
        return """
            <dialog id="operator-\(account.id)" aria-labelledby="operator-\(account.id)-title">
            <h2 id="operator-\(account.id)-title">\(account.login)</h2>
            <form method="post" data-call="PATCH \(path)" data-then="reload"><label>Role\(raw: roles(selected: account.role))</label>
            <p class="problem" role="alert"></p><button>Save the role</button></form>
            <form method="post" data-call="PUT \(path)/password" data-then="reload">
            <label>New password<input name="password" type="password" autocomplete="new-password"
            minlength="\(SessionRoutes.minPasswordCharacters)" required></label>
            <p class="problem" role="alert"></p><button>Reset the password</button></form>
            <div class="buttons"><button class="quiet" data-call="PATCH \(path)"
            data-body="{&quot;disabled&quot;:\(isDisabled ? "false" : "true")}" data-then="reload">\
            \(isDisabled ? "Enable" : "Disable")</button>
            <button class="quiet danger" data-call="DELETE \(path)" data-then="reload"
            data-confirm="Delete the account of \(account.login)?">Delete</button>
            <button class="quiet" data-close>Close</button></div><p class="problem" role="alert"></p></dialog>
            """
    }

    private static func roles(selected: OperatorRole) -> HTML {
        let options = OperatorRole.allCases.map { role -> HTML in
            "<option\(raw: role == selected ? " selected" : "")>\(role.rawValue)</option>"
        }
        return "<select name=\"role\">\(raw: HTML(joining: options))</select>"
    }

    // MARK: - Keys

    private static func keys(_ keys: [APIKeyAnswer]) -> HTML {
        let rows = keys.map { key -> HTML in
            """
            <tr><td data-label="Name">\(key.name)</td><td data-label="Role">\(key.role.rawValue)</td>\
            <td data-label="Made by">\(key.createdBy ?? "key file")</td>\
            <td data-label="Made">\(raw: HTML.time(key.created))</td>\
            <td data-label="Last used">\(raw: key.lastUsed.map(HTML.time) ?? "never")</td>\
            <td class="actions"><button class="quiet danger" data-call="DELETE \(Endpoint.revokeKey.path(["id": "\(key.id)"]))"
            data-then="reload" data-confirm="Revoke the key \(key.name)? Programs that use it are refused from then on." \
            aria-label="Revoke \(key.name)">Revoke</button></td></tr>
            """
        }
        let table: HTML =
            rows.isEmpty
            ? "<p class=\"empty\">No keys. A script or a scraper gets a key of its own here, with only the role it needs.</p>"
            : """
            <table class="stacks"><thead><tr><th>Name</th><th>Role</th><th>Made by</th><th>Made</th><th>Last used</th>
            <th></th></tr></thead>
            <tbody>\(raw: HTML(joining: rows))</tbody></table>
            """
        return """
            <section class="card"><h2>Keys of programs</h2>\(raw: table)
            <details><summary>New key</summary>
            <form class="row" method="post" data-call="POST /server/api/v1/keys" data-then="secret">
            <label>Name<input name="name" maxlength="\(KeyRoutes.maxName)" placeholder="prometheus" required></label>
            <label>Role\(raw: roles(selected: .viewer))</label>
            <button>Make the key</button><p class="problem" role="alert"></p></form></details>
            <dialog id="secret" aria-labelledby="secret-title"><h2 id="secret-title">The new key</h2>
            <p>Copy it now: the server keeps only its hash and can't show it again.</p>
            <p><code class="secret"></code></p><div class="buttons"><button data-close>Done</button></div>
            </dialog></section>
            """
    }

    // MARK: - The own account

    private static func account(_ caller: Caller) -> HTML {
        let facts: HTML = """
            <p>You are <b>\(caller.name)</b>, \(caller.role.withArticle).</p>
            """
        guard let account = caller.account else {
            return """
                <section class="card" id="account"><h2>Your account</h2>\(raw: facts)
                <p class="hint">You are logged in with a key, which has no password.</p></section>
                """
        }
        return """
            <section class="card" id="account"><h2>Your account</h2>\(raw: facts)
            <details><summary>Change the password</summary>
            <form class="row" method="post" data-call="PUT /server/api/v1/password" data-then="reload">
            <input type="hidden" autocomplete="username" value="\(account.login)" disabled>
            <label>Current password<input name="old" type="password" autocomplete="current-password" required></label>
            <label>New password<input name="new" type="password" autocomplete="new-password"
            minlength="\(SessionRoutes.minPasswordCharacters)" required></label>
            <button>Change it</button><p class="problem" role="alert"></p></form></details></section>
            """
    }
}
