import GameFolder
import World

/// The dialogs of the editor.
enum EditorDialogs {
    private static func options(_ values: [(value: String, title: String)]) -> HTML {
        HTML(joining: values.map { "<option value=\"\($0.value)\">\($0.title)</option>" })
    }

    /// A new file from a template. The script of the page makes the path of the fields.
    static let newFile: HTML = """
        <dialog id="new-file" aria-label="New file"><h2>New file</h2><form method="post">
        <label>What it is<select name="template">\(raw: options(ScriptTemplate.allCases.map { ($0.rawValue, $0.title) }))\
        <option value="">Another text</option></select></label>
        <label data-for="component trigger socket lib test">Name<input name="name" maxlength="100" autocomplete="off" spellcheck="false"></label>
        <label data-for="event timeout">Group<input name="group" maxlength="100" autocomplete="off" spellcheck="false" list="groups"></label>
        <label data-for="event">Event<input name="event" maxlength="100" placeholder="index" autocomplete="off" spellcheck="false"></label>
        <label data-for="spawn leave">Type<select name="type">\(raw: options(EntityKind.allCases.map { ($0.name, $0.name) }))</select></label>
        <label data-for="spawn leave">For<select name="whom"><option value="all">all of this type</option>\
        <option value="prefab">one prefab</option><option value="id">one entity</option></select></label>
        <label data-for="prefab">Prefab<input name="prefab" maxlength="100" autocomplete="off" spellcheck="false" list="prefabs"></label>
        <label data-for="id">Id of the entity<input name="id" type="number" min="1" step="1" inputmode="numeric"></label>
        <label data-for="other">Path<input name="path" maxlength="1000" placeholder="tests/notes.md" autocomplete="off" spellcheck="false"></label>
        <datalist id="groups"></datalist><datalist id="prefabs"></datalist>
        <p class="hint">File: <code id="new-path"></code></p><p class="problem" role="alert"></p>
        <div class="buttons"><button>Open</button><button type="button" class="quiet" data-close>Cancel</button></div></form></dialog>
        """

    static func rename(_ file: EditablePath) -> HTML {
        """
        <dialog id="rename-file" aria-label="Rename"><h2>Rename \(file.text)</h2><form method="post">
        <label>New path<input name="to" value="\(file.text)" maxlength="1000" autocomplete="off" spellcheck="false" required></label>
        <p class="hint">The running game uses the file at its new place at once. What scripts and players call by its name \
        is not renamed.</p><p class="problem" role="alert"></p>
        <div class="buttons"><button>Rename</button><button type="button" class="quiet" data-close>Cancel</button></div></form></dialog>
        """
    }
}
