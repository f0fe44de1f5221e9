import Gateway
import JSONValues
import OperatorAPI
import World

/// The saved values of a player: a form for a player who is on no map, else a link to the page that changes them there.
/// While it is not known on which map the player is, they are only shown.
enum SavedValuesView {
    static func card(_ content: PlayerPage.Content, mayChange: Bool) -> HTML {
        "<section class=\"card\" id=\"saved\"><h2>Saved values</h2>\(raw: values(content, mayChange: mayChange))</section>"
    }

    private static func values(_ content: PlayerPage.Content, mayChange: Bool) -> HTML {
        guard let entity = content.entity else {
            return "<p class=\"empty\">This player has never been on a map, so nothing is saved yet.</p>"
        }
        let isEditable = mayChange && content.currentMap == nil && content.unknownMap == nil
        var rows = SavedEdit.fieldNames.map { name in
            let value = SavedEdit.value(name, of: entity) ?? .null
            return row(name, value, type: value.string == nil ? .number : .string, "fields", isEditable, isField: true)
        }
        rows += content.components.map { component in
            row(
                component.name, entity.components[component.name] ?? component.defaultValue, type: component.type,
                "components", isEditable, isField: false)
        }
        guard !isEditable else {
            return """
                <p class="hint">The values are those with which the player enters the game next time.</p>
                <form class="saved" method="post" data-saved="\(Endpoint.editPlayer.path(["id": "\(content.player.id)"]))">
                <div class="values">\(raw: HTML(joining: rows))</div>
                <button>Save the changes</button><p class="problem" role="alert"></p></form>
                """
        }
        let link: HTML =
            content.currentMap.map { mapID in
                """
                <p class="hint">The player is on map \(mapID). The values are at most a second old; the page
                <a href="\(Endpoint.worldPage.path)?map=\(mapID)#players_\(content.player.id)">World</a> shows and
                changes them there.</p>
                """
            } ?? ""
        let unknown: HTML =
            content.unknownMap.map { "<p class=\"notice bad\">The values can't be changed now: \($0).</p>" } ?? ""
        return "\(raw: unknown)\(raw: link)<dl class=\"values\">\(raw: HTML(joining: rows))</dl>"
    }

    private static func row(
        _ name: String, _ value: JSON, type: ComponentDefinition.ValueType, _ part: String, _ isEditable: Bool,
        isField: Bool
    ) -> HTML {
        let text = value.string ?? value.text
        guard isEditable else {
            return "<div><dt>\(name)</dt><dd><code>\(value == .null ? "nil" : text)</code></dd></div>"
        }
        let isNil = value == .null
        let data: HTML = "name=\"\(name)\" data-part=\"\(part)\" data-kind=\"\(type.rawValue)\""
        let hint: HTML = isField ? "" : " <small>\(type.rawValue)</small>"
        let field: HTML
        switch type {
        case .number:
            field =
                "<input \(raw: data) inputmode=\"decimal\" value=\"\(isNil ? "" : text)\" placeholder=\"nil\" autocomplete=\"off\">"
        case .boolean:
            let options = ["", "true", "false"].map { option -> HTML in
                let isSelected = isNil ? option.isEmpty : option == text
                return
                    "<option value=\"\(option)\"\(raw: isSelected ? " selected" : "")>\(option.isEmpty ? "nil" : option)</option>"
            }
            field = "<select \(raw: data)>\(raw: HTML(joining: options))</select>"
        case .string where isField: field = "<input \(raw: data) value=\"\(text)\" autocomplete=\"off\">"
        case .string:
            field = """
                <input \(raw: data) value="\(isNil ? "" : text)" autocomplete="off" \
                placeholder="\(isNil ? "nil" : "empty text")">
                """
        case .json:
            field =
                "<textarea \(raw: data) rows=\"3\" placeholder=\"nil\" spellcheck=\"false\">\(isNil ? "" : text)</textarea>"
        }
        return "<label>\(name)\(raw: hint)\(raw: field)</label>"
    }
}
