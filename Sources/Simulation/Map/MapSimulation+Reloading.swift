package import GameFolder
import GameRules
import JSONValues
import LuaSandbox
import Wire
import World

/// Applying a changed game folder between two ticks [`3-game-folder.md`, hot reload].
extension MapSimulation {
    /// Applies a game's definitions: first the scripts, then schema and geometry, which depend on what compiled.
    ///
    /// The log and ``lastReload`` say line by line what changed.
    package func apply(_ new: GameDefinition, problems: [GameFolderProblem]) {
        logNew(problems)
        var reload = MapReload(mapID: world.geometry.id)
        let old = game
        if new.configuration.viewDistance != old.configuration.viewDistance
            || new.configuration.positionDecimals != old.configuration.positionDecimals
        {
            needsSnapshots = true
        }
        if let change = new.configurationChange(since: old) {
            reload.files.append(Self.line(change.file.description, change.keys.joined(separator: ", ")))
        }
        applyLimits(of: new.configuration)
        let complete = new.withBuiltInEvents
        let loaded = host.load(complete)
        let schemaBefore = world.schema
        let schema = complete.schema.keeping(loaded.kept, of: schemaBefore)
        if schema != schemaBefore {
            reload.effects += world.apply(schema)
            validator = CommandValidator(schema: schema)
            needsSnapshots = true
        }
        do {
            try host.schemaChanged()
        } catch {
            host.logError(kind: error.kind.logName, message: error.message)
        }
        requeueFailedEvents(loaded, isSchemaNew: schema != schemaBefore, &reload)
        if loaded.changes.contains(where: { $0.script.role.concernsTimeouts }) { needsTimeouts = true }
        for change in loaded.changes {
            var what = schema.change(of: change.script.role, since: schemaBefore)
            if case .lib = change.script.role { what = "all scripts start anew" }
            reload.files.append(Self.line(change.description, what))
        }
        applyGeometry(of: new, since: old, &reload)
        reload.files += new.worldFileChanges(since: old).map { Self.line($0.description, "how maps lie") }
        strips.forgetShown()
        if schema != schemaBefore || new.maps != old.maps
            || new.configuration.borderView != old.configuration.borderView
            || new.configuration.positionDecimals != old.configuration.positionDecimals
        {
            clearMirrors()
        }
        if edges.update(from: new), tickNumber > 0 {
            clearMirrors()
            needsSnapshots = true
            reload.effects.append(edges.text)
        }
        let sides = edges.neighbours.map { ($0.key.rawValue, $0.value) }
        host.others.update(
            ids: Set(new.maps.map(\.id)),
            closed: new.closedReasons,
            sides: Dictionary(uniqueKeysWithValues: sides))
        game = new
        endSocketsUnlessStartMap()
        reload.problems = host.failures.problems(in: new)
        if tickNumber == 0 {
            let count = new.scripts.count - loaded.kept.count
            reload.files = [
                "\(new.configuration.name): \(count) scripts, \(schema.components.count) components, \(new.schema.groups.count) event groups"
            ]
        }
        if tickNumber > 0, !reload.files.isEmpty {
            noteReload()
            reloads.note(reload.files, at: now)
            sockets.forgetUnknown()
        }
        finish(reload)
    }

    /// Queues events again that failed, now that their scripts are others, or may work with what is declared now.
    private func requeueFailedEvents(
        _ loaded: ScriptHost.LoadReport, isSchemaNew: Bool, _ reload: inout MapReload
    ) {
        let scripts = isSchemaNew ? host.scripts.byPath.map(\.script) : loaded.compiled
        let counts = host.queueEventsAgain(of: Set(scripts.map(\.role)))
        for script in scripts {
            let count = script.role.count(in: counts)
            if count > 0 {
                reload.effects.append("\(script.path): events that had failed and are queued again: \(count)")
            }
        }
    }

    private func finish(_ reload: MapReload) {
        var reload = reload
        if reload.effects.count > MapReload.maxEffects {
            let more = reload.effects.count - MapReload.maxEffects
            reload.effects = reload.effects.prefix(MapReload.maxEffects) + ["… and \(more) more of the kind"]
        }
        for line in reload.files + reload.effects { log.line(line, time: now, tick: tickNumber) }
        lastReload = reload
    }

    private static func line(_ file: String, _ what: String) -> String { what.isEmpty ? file : "\(file): \(what)" }

    /// Logs only new problems, so that a file that stays broken is not logged again each time another file is saved.
    private func logNew(_ problems: [GameFolderProblem]) {
        let known = Set(folderProblems)
        folderProblems = problems
        for problem in problems where !known.contains(problem) {
            log.error(
                .init(
                    time: now, tick: UInt64(tickNumber), script: problem.file, line: problem.line, kind: "folder",
                    message: problem.description, traceback: nil, entity: nil))
        }
    }

    private func applyLimits(of configuration: GameConfiguration) {
        world.maxEntities = configuration.maxEntities
        world.positionDecimals = configuration.positionDecimals
        world.weight.limit = configuration.worldLimitBytes
        host.limits = ScriptHost.Limits(configuration)
        if host.limits.memoryBytes != host.sandbox.memoryLimitBytes {
            rebuild(because: "memory_limit_mb is \(host.limits.memoryBytes >> 20) now")
        }
    }

    private func applyGeometry(of new: GameDefinition, since old: GameDefinition, _ reload: inout MapReload) {
        let id = world.geometry.id
        reload.files += new.mapFileChanges(of: id, since: old).map { Self.line($0.description, "map \(id)") }
        guard let geometry = new.maps.first(where: { $0.id == id }), geometry != world.geometry else { return }
        let (before, after) = (world.geometry.contentTag, geometry.contentTag)
        let moved = world.apply(geometry)
        if before != after { tellOfGeometry(after) }
        if moved > 0 { reload.effects.append("\(moved) entities on new walls were moved to the nearest free tiles") }
    }

    /// Tells all clients that their map looks different now [checklist 139].
    private func tellOfGeometry(_ tag: String) {
        let notice = JSON.object([
            "action": .string("map"), "map_id": .number(Double(world.geometry.id)), "etag": .string(tag),
        ])
        let message = OutboundMessage(kind: .notice, json: notice.bytes)
        sessions.holdForAll(message)
    }

    /// Lets a suspended script run again.
    func resume(_ path: String) {
        guard host.resume(path) || loadAgain(path) else { return }
        log.line("\(path) was resumed by an operator", time: now, tick: tickNumber)
    }

    /// Loads a script that was not loaded because the server had crashed while it ran.
    private func loadAgain(_ path: String) -> Bool {
        guard host.failures.forgiveCrash(of: path) else { return false }
        apply(game, problems: folderProblems)
        return true
    }
}
