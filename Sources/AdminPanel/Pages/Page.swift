import Gateway
import HTTPTypes
import Hummingbird
import NIOCore
import OperatorAPI
import Storage

/// A page of the panel: the frame that all pages share around a content. Each page has a "Help" link in the top right
/// corner [M0.2].
struct Page {
    /// The title, also of the browser's window.
    var title: String
    /// The entry of the navigation to which it belongs; `nil` for pages outside of it.
    var section: PanelSection?
    /// The page of the help about it, as ``HelpLibrary/path(forHelp:)`` takes it, for a page outside of the navigation.
    var help = "start"
    /// A script of this page alone, in `CPanelFiles`.
    var module: String?
    /// A style sheet of this page alone, in `CPanelFiles`.
    var style: String?
    /// The libraries that this page uses where they are installed; without them its script shows less.
    var libraries: [PanelLibrary] = []
    /// The content below the title.
    var content: HTML

    /// The complete page.
    ///
    /// - Parameter caller: The operator who reads the page; without a caller there is no navigation.
    /// - Returns: The markup.
    func html(for caller: Caller?) -> HTML {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>\(title) - Perigee</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        \(raw: caller?.session.map { "<meta name=\"perigee-token\" content=\"\($0.token)\">" } ?? "")
        <link rel="icon" href="/admin/files/icon.svg"><link rel="stylesheet" href="/admin/files/panel.css">
        \(raw: own)</head>
        <body><a class="skip" href="#content">Skip to the content</a>
        \(raw: header(for: caller))
        <div id="away" class="away" role="alert" hidden>The server does not answer. This page tries again every second.</div>
        <main id="content" tabindex="-1"><h1>\(title)</h1>
        <noscript><p class="notice bad">The panel needs JavaScript.</p></noscript>
        \(raw: content)</main></body></html>
        """
    }

    /// What this page loads in addition to the style sheet of all pages. Browsers run these scripts in this order.
    private var own: HTML {
        let style: HTML? = style.map { "<link rel=\"stylesheet\" href=\"/admin/files/\($0)\">" }
        let modules = ["panel.js", module].compactMap(\.self).map { name -> HTML in
            "<script type=\"module\" src=\"/admin/files/\(name)\"></script>"
        }
        return HTML(joining: libraries.map(\.markup) + [style].compactMap(\.self) + modules)
    }

    private func header(for caller: Caller?) -> HTML {
        """
        <header><a class="brand" href="/admin/"><img src="/admin/files/icon.svg" alt="" width="26" height="26">Perigee</a>
        \(raw: caller.map(navigation) ?? "<span class=\"grow\"></span>")
        <a class="help" href="\(HelpLibrary.all.path(forHelp: section?.help ?? help))">Help</a></header>
        """
    }

    private func navigation(for caller: Caller) -> HTML {
        let links = PanelSection.all.filter { caller.role >= $0.page.role ?? .viewer }.map { entry -> HTML in
            let mark: HTML = entry == section ? " aria-current=\"page\"" : ""
            return "<a href=\"\(entry.page.path)\"\(raw: mark)>\(entry.title)</a>"
        }
        let logOut: HTML =
            caller.session == nil
            ? ""
            : "<button class=\"quiet\" data-call=\"DELETE /server/api/v1/session\" data-then=\"/admin/login\">Log out</button>"
        return """
            <button class="menu quiet" aria-expanded="false" aria-controls="navigation">Menu</button>
            <nav id="navigation" aria-label="Panel">\(raw: HTML(joining: links))
            <span class="who"><a href="/admin/operators#account" title="Your account">\(caller.name)</a>
            <small>\(caller.role.rawValue)</small></span>\(raw: logOut)</nav>
            """
    }
}

extension Response {
    /// An HTML answer that browsers and proxies must not cache.
    static func html(_ content: HTML, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: content.text)))
    }

    /// A complete page.
    static func page(_ page: Page, for caller: Caller? = nil, status: HTTPResponse.Status = .ok) -> Response {
        .html(page.html(for: caller), status)
    }
}
