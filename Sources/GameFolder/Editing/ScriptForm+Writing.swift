import LuaSyntax

extension ScriptForm {
    /// Changes a script so that its annotations say what this form says. Everything else stays as it is, and so does
    /// each line whose meaning is the same.
    ///
    /// - Parameters:
    ///   - source: The script.
    ///   - role: What the script is for.
    /// - Returns: The changed script.
    /// - Throws: ``Mistake`` for a text that can't stand in an annotation.
    package func applied(to source: [UInt8], role: GameScript.Role) throws(Mistake) -> [UInt8] {
        let former = ScriptForm(source, role: role)
        try checkTexts()
        var lines = AnnotationLines(source)
        if about != former.about { lines.set("about", about.isEmpty ? nil : about) }
        switch role {
        case .component: writeComponent(former, &lines)
        case .event: writeEvent(former, &lines)
        case .timeout: try writeTimeout(former, &lines)
        case .lib, .spawn, .leave, .socket: break
        }
        return lines.bytes
    }

    private func checkTexts() throws(Mistake) {
        var texts: [(String, String?)] = [
            ("about", about), ("type", type), ("default", self.default), ("order", order), ("life_radius", lifeRadius),
            ("share", share), ("seconds", seconds),
        ]
        texts += (entities ?? []).map { ("entities", $0) }
        for parameter in parameters ?? [] {
            texts += [parameter.name, parameter.type, parameter.default, parameter.about].map { ("parameters", $0) }
        }
        for case (let field, let text?) in texts {
            let hasBreak = text.unicodeScalars.contains { $0.properties.generalCategory == .control }
            guard !hasBreak, text.utf8.count <= 4096 else {
                throw Mistake(
                    field: field,
                    message:
                        "\(field) has a line break, a control character or more than 4096 bytes; it stands in one line"
                )
            }
        }
        for parameter in parameters ?? [] where parameter.name.isEmpty || parameter.name.contains(where: \.isWhitespace)
        {
            throw Mistake(field: "parameters", message: "a parameter needs a name without spaces")
        }
    }

    private func writeComponent(_ former: ScriptForm, _ lines: inout AnnotationLines) {
        if type != former.type { lines.set("type", type) }
        if self.default != former.default { lines.set("default", self.default?.isEmpty == true ? nil : self.default) }
        if self.private != former.private { lines.set("private", self.private == true ? "" : nil) }
        if Set(entities ?? []) != Set(former.entities ?? []) {
            let isAll = Set(entities ?? []) == Set(Self.entityTypes)
            lines.set("entities", isAll ? nil : (entities ?? []).joined(separator: ", "))
        }
    }

    private func writeEvent(_ former: ScriptForm, _ lines: inout AnnotationLines) {
        if self.public != former.public { lines.set("public", self.public == true ? "true" : "false") }
        if self.repeat != former.repeat { lines.set("repeat", self.repeat == true ? "true" : nil) }
        let before = former.parameters ?? []
        var kept: [Int: String?] = [:]
        for (index, parameter) in before.enumerated() {
            let now = parameters?.first { $0.was == index }
            // Of a line whose meaning stays, its spaces stay too.
            if now == parameter { continue }
            kept[index] = .some(now?.line)
        }
        lines.setParameters(kept, adding: (parameters ?? []).filter { $0.was == nil }.map(\.line))
    }

    private func writeTimeout(_ former: ScriptForm, _ lines: inout AnnotationLines) throws(Mistake) {
        func optional(_ text: String?) -> String? { text?.isEmpty == true ? nil : text }
        if order != former.order { lines.set("order", optional(order)) }
        if lifeRadius != former.lifeRadius { lines.set("life_radius", optional(lifeRadius)) }
        if share != former.share { lines.set("share", share) }
        guard let seconds, seconds != former.seconds else { return }
        guard Self.isSeconds(seconds) else {
            throw Mistake(
                field: "seconds", message: "seconds is \"\(seconds)\"; give a number of at least 0, such as 0.5")
        }
        lines.setCode("return \(seconds)")
    }
}

extension ScriptForm.Parameter {
    /// The value of its `--@param` line.
    fileprivate var line: String {
        [name, type, self.default.isEmpty ? "" : "= \(self.default)", about].filter { !$0.isEmpty }
            .joined(separator: " ")
    }
}

/// The lines of a script, of which those with annotations are changed.
private struct AnnotationLines {
    /// The order in which annotations are written.
    private static let order = [
        "about", "type", "default", "private", "entities", "public", "repeat", "order",
        "life_radius", "share", "param",
    ]

    private var source: [UInt8]

    init(_ source: [UInt8]) { self.source = source }

    var bytes: [UInt8] { source }

    /// Sets the value of an annotation that a file has once; `nil` removes it.
    mutating func set(_ name: String, _ value: String?) {
        let found = LuaAnnotations(source).valid(name)
        if let first = found.first {
            replace(first, value.map { Self.text(name, $0) })
        } else if let value {
            insert(Self.text(name, value), name)
        }
    }

    /// Changes `--@param` lines by their places among them, `nil` removes one; adds others after the last one.
    mutating func setParameters(_ changes: [Int: String?], adding added: [String]) {
        let found = LuaAnnotations(source).valid("param")
        // From the last one on, so that the lines before keep their numbers.
        for (index, value) in changes.sorted(by: { $0.key > $1.key }) where found.indices.contains(index) {
            replace(found[index], value.map { Self.text("param", $0) })
        }
        for value in added { insert(Self.text("param", value), "param") }
    }

    /// Replaces all code; comments before and after it stay.
    mutating func setCode(_ code: String) {
        if let range = LuaAnnotations(source).code {
            source.replaceSubrange(range, with: code.utf8)
        } else {
            if let last = source.last, !Self.isLineEnd(last) { source.append(0x0A) }
            source += Array("\(code)\n".utf8)
        }
    }

    private static func text(_ name: String, _ value: String) -> String {
        value.isEmpty ? "--@\(name)" : "--@\(name) \(value)"
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// Where each line begins, as Lua counts lines, and where its line end begins and ends.
    private var lines: [(start: Int, end: Int, next: Int)] {
        var lines: [(start: Int, end: Int, next: Int)] = []
        var start = 0
        var index = 0
        while index < source.count {
            guard Self.isLineEnd(source[index]) else {
                index += 1
                continue
            }
            let second = index + 1
            let isPair = second < source.count && Self.isLineEnd(source[second]) && source[second] != source[index]
            lines.append((start, index, isPair ? second + 1 : second))
            index = isPair ? second + 1 : second
            start = index
        }
        lines.append((start, source.count, source.count))
        return lines
    }

    /// Replaces an annotation up to the end of its line, or removes it with its line.
    private mutating func replace(_ annotation: LuaAnnotation, _ text: String?) {
        let line = lines[annotation.line - 1]
        let before = String(decoding: source[line.start..<line.end], as: UTF8.self).prefix(annotation.column - 1)
        if let text {
            source.replaceSubrange(line.start + before.utf8.count..<line.end, with: text.utf8)
        } else if before.allSatisfy(\.isWhitespace) {
            source.removeSubrange(line.start..<line.next)
        } else {
            source.removeSubrange(line.start + before.utf8.count..<line.end)
        }
    }

    /// Adds a line: after the last annotation that stands before it in ``order``, else before the first one.
    private mutating func insert(_ text: String, _ name: String) {
        let rank = Self.order.firstIndex(of: name) ?? 0
        let annotations = Self.order.flatMap { LuaAnnotations(source).valid($0) }
        let earlier = annotations.filter { (Self.order.firstIndex(of: $0.name) ?? 0) <= rank }
        let lines = lines
        let lineEnd = lines[0].next > lines[0].end ? Array(source[lines[0].end..<lines[0].next]) : [0x0A]
        var place = 0
        if let last = earlier.map(\.line).max() {
            place = lines[last - 1].next
            if lines[last - 1].end == lines[last - 1].next {
                // The last line of the file has no line end yet.
                source.append(contentsOf: lineEnd)
                place = source.count
            }
        } else if let first = annotations.map(\.line).min() {
            place = lines[first - 1].start
        }
        source.insert(contentsOf: Array(text.utf8) + lineEnd, at: place)
    }
}
