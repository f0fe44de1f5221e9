/// The page of help; each part has the name of a section of the panel.
enum HelpPage {
    static let page = Page(title: "Help", content: content)

    private static let content: HTML = """
        <article class="card prose">
        <section id="start"><h2>The panel</h2>
        <p>Here you watch and change the running game. What you may do depends on your role: a <b>viewer</b> sees figures,
        logs and errors; an <b>editor</b> also changes the running game; an <b>owner</b> also decides who else is an
        operator. Every change stands in the audit log.</p></section>
        \(raw: maps)\(raw: editor)\(raw: operators)\(raw: programs)</article>
        """

    private static let editor: HTML = """
        <section id="editor"><h2>Editor</h2>
        <p>The texts of the game folder. What <code>perigee check</code> finds is marked while you write; <b>Save</b> writes
        the file and reloads the game, and shows what changed and what is wrong. <b>Save and test</b> also runs the game's
        own tests. A file that you only look at is not changed by anything on this page.</p>
        <dl><dt>Form</dt><dd>What the annotations at the beginning of a file say: a component's type, default, privacy and
        types; an event's public flag and parameters; a group's timeout. It changes only those lines. An event without code
        is refused.</dd>
        <dt>Versions</dt><dd>Each save keeps the text before it, up to 100 of a file. Compare one with what is there now, or
        restore it; files that were deleted come back that way too.</dd>
        <dt>Somebody else changed this file</dt><dd>Nothing is overwritten. The page shows both texts side by side: take one of
        them, or go on with yours.</dd>
        <dt>Files of client/ and music/</dt><dd>Only an owner may change them, because browsers run them with the rights of
        whoever opens the game.</dd></dl></section>
        """

    private static let maps: HTML = """
        <section id="maps"><h2>Maps</h2>
        <p>Each map is a server of its own: its own world, its own scripts, its own tick. The page renews itself every two
        seconds.</p>
        <dl><dt>tick rate</dt><dd>Ticks a second over the last moments. A map without players and without due events does
        not tick, so 0 is normal there.</dd>
        <dt>tick mean, p95, p99.9, max</dt><dd>How long a tick took: events, triggers, and telling the players. A map that
        ticks 60 times a second has 16.7 ms for each. The log names what ran in the first tick that took longer than that.</dd>
        <dt>Scripts</dt><dd>Runs, and milliseconds a run: of the last 10 seconds, of the last minute, and since the version
        that runs was saved; <i>before → after</i> compares it with the version before. CPU time of all its runs, and the
        memory a run asks for. What a script runs in turn (triggers, spawn hooks) counts for both. A script that fails
        100 times in a row is suspended until its file changes, or until an editor presses <i>resume</i>. Events that ended
        by an error wait, with their data, until then too.</dd>
        <dt>Reload the game folder</dt><dd>Takes over what changed in its files. That happens by itself a moment after a file
        was saved; the button also shows what changed and what is wrong, as <code>perigee reload</code> does.</dd>
        <dt>Profile</dt><dd>Where scripts spend their time, by function and line: watches the map for five seconds and shows
        stacks with the number of samples (a quarter of a millisecond each), as flame graph programs read them.</dd>
        <dt>Errors</dt><dd>What went wrong in a script, with the place, the entity it ran for, and the traceback. Open an
        entry to see it. A file that does not compile is listed here too; its last good version goes on running.</dd>
        <dt>Log</dt><dd>What scripts wrote with <code>print</code>, newest first. The files are in <code>logs/</code> of the
        data folder.</dd></dl></section>
        """

    private static let operators: HTML = """
        <section id="operators"><h2>Operators</h2>
        <p>While nobody has an account, the server prints a link at each start with which the owner's account is made. It is
        good once, for an hour. The owner makes the accounts of all others, and changes their roles; the last owner who can
        log in can't be deleted, disabled or given another role.</p>
        <p>A session lasts twelve hours, also when the server is restarted. It ends when you log out, when an owner ends it,
        and when its cookie is used at another address in another browser. After some wrong passwords, further attempts
        have to wait.</p>
        <p>Whoever can read the file <code>operator.key</code> in the server's data folder is an owner too: with that key you
        can log in when a password was lost, and <code>perigee reload</code> uses it.</p>
        <p>The game's client has the same origin as these pages: a script in its files can use the session of an operator who
        opens the game. So whoever can write the client's folder is in effect an owner too.</p>
        <p>When an operator is disabled, deleted or given a lower role, the keys of programs that this operator made are
        revoked, as far as they are above the role that is left.</p></section>
        <section id="audit"><h2>Audit log</h2>
        <p>Who changed what, when and from which address, with the value before and afterwards; and what was refused: wrong
        passwords, changes without the right, requests that other sites' pages sent. It keeps the latest 10,000 changes,
        2,000 logins and logouts, and 2,000 refusals.</p></section>
        """

    private static let programs: HTML = """
        <section id="programs"><h2>For programs</h2>
        <p>A program sends <code>Authorization: Bearer KEY</code> with a key made on the page of operators, whose role is the
        least that it needs. The panel's pages use the same requests; <code>docs/operator-api.md</code> lists them.</p>
        <p><code>GET /server/api/log_performance/MAP</code> answers with a map's figures as HTML, or as JSON with
        <code>Accept: application/json</code>. <code>GET /server/api/profile/MAP?seconds=5</code> (1 to 30) answers with the
        profile as text. <code>POST /server/api/reload</code> reloads the game folder and says what changed, <code>POST
        /server/api/resume/MAP?script=FILE</code> resumes a suspended script. <code>GET /metrics</code> speaks Prometheus, on
        this machine without a key.</p></section>
        """
}
