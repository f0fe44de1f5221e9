import JSONValues
import LuaSandbox
import World

/// Runs Lua that an operator typed, as a script of the map: in an environment of its own, with the API and the limits
/// of an event's script.
extension ScriptHost {
    /// Runs a snippet. A failure is logged like that of a script; what was changed before it stays.
    ///
    /// - Throws: ``OperatorRefusal`` when its object is not on the map.
    func runConsole(_ snippet: ConsoleSnippet) throws(OperatorRefusal) -> ConsoleResult {
        var object: EntityHandle?
        if let key = snippet.object {
            object = world[key]
            if object == nil {
                throw OperatorRefusal(.absent, "\(key) is not on map \(world.geometry.id)", field: "object")
            }
        }
        let capture = ConsoleCapture()
        let former = log.onEntry
        log.onEntry = { entry in
            capture.note(entry)
            former?(entry)
        }
        defer { log.onEntry = former }
        let stretch = running.begin(Frame(path: ConsoleSnippet.path, entity: object))
        defer { _ = running.end(stretch) }
        do throws(ScriptError) {
            let value = try call(snippet, object)
            capture.result.value = value == .nil ? nil : describe(value).clipped(to: MapLog.maxText)
        } catch {
            capture.result.failure = .init(
                kind: error.kind.logName, message: error.message.clipped(to: MapLog.maxText),
                line: error.line == 0 || error.file != ConsoleSnippet.path ? nil : error.line,
                traceback: error.traceback.clipped(to: MapLog.maxText))
            if running.noteFailure(error) {
                log.onEntry = former
                logError(
                    kind: error.kind.logName, message: error.message,
                    script: error.file.isEmpty ? ConsoleSnippet.path : error.file,
                    line: error.line == 0 ? nil : error.line, traceback: error.traceback)
            }
        }
        return capture.result
    }

    private func call(_ snippet: ConsoleSnippet, _ object: EntityHandle?) throws(ScriptError) -> LuaValue {
        let note = ScriptNote(path: ConsoleSnippet.path, version: "")
        let environment = try sandbox.makeEnvironment()
        defer { sandbox.release(environment) }
        let function: LuaFunction
        do {
            // An expression shows its value.
            function = try compile(
                Array("return \(snippet.source)".utf8), name: ConsoleSnippet.path, note: note, environment: environment)
        } catch {
            function = try compile(
                Array(snippet.source.utf8), name: ConsoleSnippet.path, note: note, environment: environment)
        }
        defer { sandbox.release(function) }
        if let object { sandbox.bind(names.object, HostReference(to: object)) }
        return try call(function, path: ConsoleSnippet.path, note: note, limit: limits.event)
    }
}

/// Collects what a snippet and the scripts that it made run write to the map's log.
private final class ConsoleCapture {
    var result = ConsoleResult()

    func note(_ entry: MapLog.Entry) {
        switch entry {
        case .line(let line): add(line.text, to: \.output)
        case .error(let error): add(error.message, to: \.errors)
        }
    }

    private func add(_ text: String, to lines: WritableKeyPath<ConsoleResult, [String]>) {
        guard result[keyPath: lines].count < ConsoleResult.maxLines else {
            result.omitted += 1
            return
        }
        result[keyPath: lines].append(text)
    }
}
