import GameFolder
import GameRules
import World

/// The forms of the annotations of scripts [M0.11, M8.6]; the script of the page fills them and reads them.
enum EditorForms {
    /// The form for a script.
    ///
    /// - Parameters:
    ///   - role: What the script is for.
    ///   - isReadOnly: Whether the fields only show what there is.
    /// - Returns: The markup.
    static func form(for role: GameScript.Role, isReadOnly: Bool) -> HTML {
        """
        <form id="form" method="post" class="card script-form" aria-label="\(title(role))"\(raw: isReadOnly ? " data-read-only" : "")>
        <fieldset\(raw: isReadOnly ? " disabled" : "")><legend>\(title(role))</legend>
        <div class="fields"><label class="about">What it is, in one line<input name="about" maxlength="1000" autocomplete="off"></label>
        \(raw: fields(role))</div><p class="problem" role="alert"></p></fieldset></form>
        """
    }

    private static func title(_ role: GameScript.Role) -> String {
        switch role {
        case .lib(let name): "Lib \(name)"
        case .component(let name): "Component \(name)"
        case .event(let group, let name): "Event \(group)/\(name)"
        case .timeout(let group): "Timeout of the group \(group)"
        case .spawn(let kind, let target): "Entry code for \(whom(kind, target))"
        case .leave(let kind, let target): "Leave code for \(whom(kind, target))"
        case .socket(SocketEvents.connect): "Code for clients that connect"
        case .socket(SocketEvents.disconnect): "Code for clients that are gone"
        case .socket(let name): "Socket event \(name)"
        }
    }

    private static func whom(_ kind: EntityKind, _ target: GameScript.HookTarget) -> String {
        switch target {
        case .all: "all \(kind.name)"
        case .prefab(let name): "\(kind.name) of the prefab \(name)"
        case .id(let id): "the entity \(kind.name)_\(id)"
        }
    }

    private static func fields(_ role: GameScript.Role) -> HTML {
        switch role {
        case .lib: ""
        case .component: component
        case .event: event
        case .timeout: timeout
        case .spawn:
            "<p class=\"hint wide-field\">The code of the type runs first, then that of the prefab, then that of the single entity.</p>"
        case .leave:
            "<p class=\"hint wide-field\">Runs just before the entity leaves; <code>reason</code> says why.</p>"
        case .socket(SocketEvents.connect):
            "<p class=\"hint wide-field\">Runs when a client connects; <code>return false</code> refuses it.</p>"
        case .socket(SocketEvents.disconnect):
            "<p class=\"hint wide-field\">Runs when a client is gone; <code>reason</code> says why.</p>"
        case .socket:
            "<p class=\"hint wide-field\">Runs when a client sends the event; <code>data</code> is its first argument.</p>"
        }
    }

    private static let component: HTML = """
        <label>Type<select name="type"><option value="number">number</option><option value="string">string</option>\
        <option value="boolean">boolean</option><option value="json">json</option></select></label>
        <label>Default, as JSON<input name="default" autocomplete="off" spellcheck="false" placeholder="none"></label>
        <fieldset class="checks"><legend>Entities that have it</legend>\(raw: kinds)</fieldset>
        <fieldset class="checks"><legend>Who gets it</legend><label><input type="checkbox" name="private"> private: only \
        the owning player</label></fieldset>
        <p class="hint wide-field">The code below is the trigger: it runs when the value changes. Without code there is none.</p>
        """

    private static let kinds = HTML(
        joining: EntityKind.allCases.map { kind -> HTML in
            "<label><input type=\"checkbox\" name=\"entities\" value=\"\(kind.name)\"> \(kind.name)</label>"
        })

    private static let event: HTML = """
        <fieldset class="checks wide-field"><legend>When</legend><label><input type="checkbox" name="public"> public: clients may \
        send it as a command</label><label><input type="checkbox" name="repeat"> pending again after it ran</label></fieldset>
        <div class="parameters wide-field"><table class="stacks"><caption>Parameters</caption><thead><tr><th>Name</th><th>Type</th>\
        <th>Default, as JSON</th><th>What it is for</th><th><span class="away-text">Remove</span></th></tr></thead><tbody></tbody></table>
        <p class="hint">A parameter with a default may be left out.</p>
        <button type="button" class="quiet" id="add-parameter">Add a parameter</button></div>
        """

    private static let timeout: HTML = """
        <fieldset class="checks wide-field"><legend>Time between two events</legend>
        <label><input type="radio" name="way" value="number"> a number of seconds</label>
        <input name="seconds" inputmode="decimal" aria-label="Seconds" autocomplete="off">
        <label><input type="radio" name="way" value="lua"> a formula in Lua, the code below</label></fieldset>
        <label>Order in a tick<input name="order" inputmode="decimal" autocomplete="off" placeholder="0"></label>
        <label>Life radius, in tiles<input name="life_radius" inputmode="decimal" autocomplete="off" placeholder="everywhere"></label>
        <label>Who is told of the queue<select name="share"><option value="all">all</option><option value="owner">the owner</option>\
        <option value="none">nobody</option></select></label>
        """
}
