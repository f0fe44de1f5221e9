import GameFolder
import JSONValues
import Simulation

/// The complete pages of the panel. Each page has a "Help" link in the top right corner [M0.2].
enum AdminPages {
    static func login(message: String? = nil) -> HTML {
        let note: HTML = message.map { "<p class=\"bad\">\($0)</p>" } ?? ""
        return page(
            "Operator",
            """
            <form method="post" action="/admin/login" class="login">
            <label>Operator's key <input type="password" name="key" autocomplete="current-password" autofocus required></label>
            <button>Log in</button>\(raw: note)
            <p>The key stands in the file <code>operator.key</code> of the data folder.</p></form>
            """)
    }

    /// The maps, what keeps others closed, and the diagnostics of one that runs; `nil` when none does.
    static func maps(
        _ statuses: [MapStatus], closed: [Int: String] = [:], selected: MapDiagnostics?, mayReload: Bool
    ) -> HTML {
        let rows = statuses.map { status -> HTML in
            let mark: HTML = status.mapID == selected?.status.mapID ? " aria-current=\"page\"" : ""
            return """
                <a href="/admin/?map=\(status.mapID)"\(raw: mark)>\(status.mapID) \(status.name)
                <small>\(status.players) \(status.players == 1 ? "player" : "players")</small></a>
                """
        }
        let reload: HTML =
            mayReload
            ? "<form method=\"post\" action=\"/admin/reload\"><button>Reload the game folder</button></form>" : ""
        let shut = closed.sorted { $0.key < $1.key }.map { mapID, reason -> HTML in
            "<div class=\"error\">Map \(mapID) is closed: \(reason)</div>\n"
        }
        return page(
            "Servers",
            """
            <nav class="maps">\(raw: HTML(joining: rows))</nav>
            \(raw: HTML(joining: shut))\(raw: selected.map(Self.map) ?? "")
            \(raw: reload)<form method="post" action="/admin/logout"><button>Log out</button></form>
            """, script: selected != nil)
    }

    private static func map(_ selected: MapDiagnostics) -> HTML {
        """
        <main id="map" data-source="/server/api/log_performance/\(selected.status.mapID)">
        \(raw: DiagnosticsView.html(selected))</main>
        <p><a href="/server/api/profile/\(selected.status.mapID)?seconds=5">Profile of the next 5 s</a></p>
        """
    }

    /// The page that shows the result of a reload.
    static func reloaded(_ report: ReloadReport) -> HTML {
        let lines = report.lines.map { line -> HTML in "<li>\(line)</li>\n" }
        let problems = report.problems.map { problem -> HTML in "<div class=\"error\">\(problem.description)</div>\n" }
        return page(
            "Reload",
            """
            \(raw: problems.isEmpty ? "" : "<h2>Wrong</h2>")\(raw: HTML(joining: problems))
            <h2>Changed</h2><ul>\(raw: HTML(joining: lines))</ul>
            <p><a href="/admin/">Back</a></p>
            """)
    }

    static let help = page(
        "Help",
        """
        <h2>Servers</h2>
        <p>Each map is a server of its own: its own world, its own scripts, its own tick. The page renews itself every two
        seconds.</p>
        <dl><dt>tick rate</dt><dd>Ticks a second over the last moments. A map without players and without due events does
        not tick, so 0 is normal there.</dd>
        <dt>tick mean, p95, p99.9, max</dt><dd>How long a tick took: events, triggers, and telling the players. A map that
        ticks 60 times a second has 16.7 ms for each. The log names what ran in the first tick that took longer than that.</dd>
        <dt>Scripts</dt><dd>Runs, and milliseconds a run: of the last 10 seconds, of the last minute, and since the version
        that runs was saved; <i>before → after</i> compares it with the version before. CPU time of all its runs, and the
        memory a run asks for. What a script runs in turn (triggers, spawn hooks) counts for both. A script that fails
        100 times in a row is suspended until its file changes, or until you press <i>resume</i>. Events that ended by an
        error wait, with their data, until then too.</dd>
        <dt>Reload the game folder</dt><dd>Takes over what changed in its files. That happens by itself a moment after a file
        was saved; the button also shows what changed and what is wrong, as <code>perigee reload</code> does.</dd>
        <dt>Profile</dt><dd>Where scripts spend their time, by function and line: watches the map for five seconds and shows
        stacks with the number of samples (a quarter of a millisecond each), as flame graph programs read them.</dd>
        <dt>Errors</dt><dd>What went wrong in a script, with the place, the entity it ran for, and the traceback. Open an
        entry to see it. A file that does not compile is listed here too; its last good version goes on running.</dd>
        <dt>Log</dt><dd>What scripts wrote with <code>print</code>, newest first. The files are in <code>logs/</code> of the
        data folder.</dd></dl>
        <h2>For programs</h2>
        <p><code>GET /server/api/log_performance/MAP</code> with <code>Authorization: Bearer KEY</code> answers with the same
        as HTML, or as JSON with <code>Accept: application/json</code>. <code>GET
        /server/api/profile/MAP?seconds=5</code> (1 to 30) answers with the profile as text. <code>POST
        /server/api/reload</code> reloads the game folder and says what changed, <code>POST
        /server/api/resume/MAP?script=FILE</code> resumes a suspended script. <code>GET
        /metrics</code> speaks Prometheus, on this machine without the key.</p>
        <p><a href="/admin/">Back</a></p>
        """)

    private static func page(_ title: String, _ body: HTML, script: Bool = false) -> HTML {
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(title) - Perigee</title>
        <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/admin/panel.css">\
        \(raw: script ? "<script src=\"/admin/panel.js\" defer></script>" : "")</head>
        <body><header><a href="/admin/">Perigee</a><h1>\(title)</h1><a class="help" href="/admin/help">Help</a></header>
        \(raw: body)</body></html>
        """
    }

    static let style = """
        :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
        body { margin: 0 auto; max-width: 70rem; padding: 0 1rem 2rem; }
        header { display: flex; align-items: baseline; gap: 1rem; border-bottom: 1px solid #8886; }
        header h1 { font-size: 1.2rem; flex: 1; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
        .maps { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
        .maps a { padding: .4rem .8rem; border: 1px solid #8886; border-radius: .4rem; text-decoration: none; }
        .maps a[aria-current] { background: #2a7a4b; color: #fff; }
        .numbers { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; }
        .numbers div { border: 1px solid #8886; border-radius: .4rem; padding: .4rem .6rem; }
        dt { opacity: .7; } .numbers dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid #8884; }
        th:first-child, td:first-child { text-align: left; }
        .wide { overflow-x: auto; } .wide td { white-space: nowrap; }
        .error { border-left: 3px solid #c33; padding-left: .6rem; margin: .3rem 0; }
        pre, .log { font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
        .log { max-height: 24rem; overflow: auto; } time { opacity: .6; } .bad { color: #c33; }
        .inline { display: inline; } .inline input { width: auto; }
        .login { display: grid; gap: .8rem; max-width: 24rem; margin: 3rem auto; } input { width: 100%; font: inherit; }
        """

    /// Refreshes the map's fragment every two seconds, but not while an error entry is open, to keep it open.
    static let script = """
        const map = document.getElementById("map");
        setInterval(async () => {
          if (document.hidden || map.querySelector("details[open]")) return;
          try {
            const answer = await fetch(map.dataset.source);
            if (answer.status === 401) location.reload();
            if (answer.ok) map.innerHTML = await answer.text();
          } catch { /* the server is restarting */ }
        }, 2000);
        """
}
