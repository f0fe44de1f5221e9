import GameFolder
import JSONValues
import LuaSandbox
import World

/// Running scripts: their limits, errors and costs.
extension ScriptHost {
    /// Runs a script whose globals are bound; a failure is logged and does not affect other scripts [M7.3].
    ///
    /// - Returns: The first value it returned; `nil` when it failed.
    @discardableResult
    func run(_ script: CompiledScript, _ frame: consuming Frame, limit: TimeLimit) -> LuaValue? {
        let allocated = sandbox.allocatedBytes
        let stretch = running.begin(frame)
        defer {
            let taken = running.end(stretch)
            script.record(
                wall: taken.wall, cpu: taken.cpu, allocated: sandbox.allocatedBytes &- allocated,
                at: running.endedAt, tick: tick)
            script.metrics(of: metrics)?.called(cpuNanoseconds: taken.cpu)
        }
        do {
            let result = try call(script.function, path: script.path, note: script.note, limit: limit)
            script.forgiveFailures()
            return result
        } catch {
            failed(script, error)
            return nil
        }
    }

    /// Returns the script if it exists and is not suspended. Check this before binding globals: globals bound for a
    /// call that is not made would go to the next call.
    func runnable(_ script: CompiledScript?) -> CompiledScript? {
        script?.isSuspended == true ? nil : script
    }

    private func failed(_ script: CompiledScript, _ error: ScriptError) {
        // The map ends; a script that did not even begin has not failed.
        if error.kind == .stopped, error.file.isEmpty { return }
        script.noteFailure(for: running.current?.socket.flatMap { sockets.named($0)?.client })
        script.metrics(of: metrics)?.failed()
        if running.noteFailure(error) {
            logError(
                kind: error.kind.logName, message: error.message, script: error.file.isEmpty ? script.path : error.file,
                line: error.line == 0 ? nil : error.line, traceback: error.traceback)
        }
        guard script.failsTooOften else { return }
        script.isSuspended = true
        logError(
            kind: "suspended",
            message:
                "\(script.path) failed \(script.failuresInARow) times in a row and is not run until it is changed or resumed",
            script: script.path)
    }

    /// Lets a suspended script run again, with all its failures forgiven [`2-lua-api.md` 1], and queues the events
    /// again that were lost by them.
    ///
    /// - Parameter path: Its file.
    /// - Returns: `false` when no such script is suspended nor has such events, or it has to be loaded first, see
    ///   ``ScriptFailures/forgiveCrash(of:)``.
    func resume(_ path: String) -> Bool {
        guard let script = scripts[path], script.crash == nil else { return false }
        let queued = queueEventsAgain(of: [script.role])
        guard script.isSuspended || !queued.isEmpty else { return false }
        script.isSuspended = false
        script.forgiveFailures()
        return true
    }

    /// Queues the events again that were lost because their scripts failed [`2-lua-api.md` 7], and makes those due that
    /// waited for their scripts.
    ///
    /// - Parameter roles: What the scripts are for.
    /// - Returns: How many of the lost events were queued, by group and name.
    func queueEventsAgain(of roles: Set<GameScript.Role>) -> [String: [String: Int]] {
        world.unpark(now: now) { roles.contains(.event(group: $0, name: $1)) }
        return world.queueFailed(now: now) { roles.contains(.event(group: $0, name: $1)) }
    }

    /// The script of an event that is due; `nil` when it does not compile, or nothing is pending any more.
    func eventScript(of token: DueToken) -> CompiledScript? {
        scripts.plan(group: token.group, action: world.pendingAction(of: token))?.script
    }

    /// Whether an event that is due waits for its script, and costs nothing until then: the server queued it because it
    /// repeats, and the script is suspended. A client's event takes the usual way, which confirms it to the client.
    func waitsForScript(_ token: DueToken) -> Bool {
        // Read before `scripts`: as arguments they are read after it, and it is copied in case they change it.
        let (group, action) = (token.group, world.pendingAction(of: token))
        return scripts.isSuspendedRoutine(group: group, action: action)
            && !world.state(token.slot, group).isFromClient
    }

    /// The path of the event script that took most CPU time of this tick, including the scripts that it caused to run;
    /// `nil` when no event script took any.
    var greediestEvent: String? { scripts.greediestEvent(ofTick: tick) }

    /// Runs a due event: first sets its group's next time, then calls its script [`2-lua-api.md` 5].
    func runEvent(_ event: DueEvent) {
        let seconds = timeout(event.entity, group: event.group, event: event)
        world.setEventTime(event.at + seconds, slot: Int(event.entity.slot), group: event.group, now: now)
        guard let plan = scripts.plan(group: event.group, action: event.action), let script = plan.script,
            let data = data(of: event, plan, script)
        else { return world.keepFailed(event) }
        // A routine that repeats waits in the queue for its script; another event would be lost.
        if !run(script, event, data), !plan.repeats { world.keepFailed(event) }
        if plan.repeats { world.repeatEvent(event, now: now) }
    }

    /// - Returns: Whether the script ran to its end; a suspended one does not run.
    private func run(_ script: CompiledScript, _ event: DueEvent, _ data: JSONObject) -> Bool {
        if script.isSuspended { return false }
        sandbox.bind(names.object, HostReference(to: event.entity))
        if script.readsData { bind(names.data, .object(data)) }
        if script.readsEvent {
            let group = world.schema.groups[event.group]
            bindEvent(
                group: group.name, action: group.events[event.action].name, commandID: event.commandID,
                isFromClient: event.isFromClient)
        }
        return run(script, Frame(path: script.path, entity: event.entity), limit: limits.event) != nil
    }

    /// The parameters with which an event runs: the declared defaults if the parameters were cleared and not set again
    /// [M11.7]. When a mandatory parameter is missing then, logs an error and returns `nil`.
    private func data(of event: DueEvent, _ plan: ScriptTable.EventPlan, _ script: CompiledScript) -> JSONObject? {
        if let data = event.data { return data }
        guard plan.hasParameters else { return JSONObject() }
        do throws(WorldError) {
            let group = world.schema.groups[event.group]
            return try group.events[event.action].complete([:], group: group.name)
        } catch {
            log.error(
                .init(
                    time: now, tick: UInt64(max(tick, 0)), script: script.path, line: nil, kind: "runtime",
                    message: "\(script.path): \(error); its data were cleared, it is not run", traceback: nil,
                    entity: world.key(of: event.entity)?.description, version: script.version, ran: script.path))
            return nil
        }
    }

    /// Binds the global `event`; `data` is given to timeout formulas only, as events have a global of that name.
    private func bindEvent(
        group: String, action: String?, commandID: Double?, isFromClient: Bool, data: JSONObject? = nil
    ) {
        packed.removeAll()
        packed.beginObject(
            count: 1 + (action == nil ? 0 : 2) + (commandID == nil ? 0 : 1) + (data == nil ? 0 : 1))
        packed.append("group")
        packed.append(group)
        if let action {
            packed.append("action")
            packed.append(action)
            packed.append("from_client")
            packed.append(isFromClient)
        }
        if let commandID {
            packed.append("command_id")
            packed.append(commandID)
        }
        if let data {
            packed.append("data")
            PackedJSON.pack(.object(data), into: &packed)
        }
        packed.bytes.withUnsafeBytes { sandbox.bind(names.event, packed: $0) }
    }

    /// The current timeout of a group for an entity, in seconds: the result of the formula, 1 without a formula or when
    /// it fails [M11.8].
    func timeout(_ entity: EntityHandle, group: Int, event: DueEvent? = nil) -> Double {
        guard let script = runnable(scripts.timeout(group: group)) else { return 1 }
        if let seconds = script.constantTimeout {
            // Recordings name a call by its number, so a formula that need not be called counts as a call.
            if let watcher {
                _ = watcher.limit(limits.timeout.duration)
                _ = watcher.ended(script.path, nil)
            }
            return seconds
        }
        sandbox.bind(names.object, HostReference(to: entity))
        if script.readsEvent {
            let state = world.state(Int(entity.slot), group)
            let definition = world.schema.groups[group]
            let pending = event?.action ?? (state.isPending ? Int(state.action) : nil)
            let data = event == nil ? state.data : event?.data
            bindEvent(
                group: definition.name, action: pending.map { definition.events[$0].name },
                commandID: event?.commandID ?? (state.commandID.isNaN ? nil : state.commandID),
                isFromClient: event?.isFromClient ?? state.isFromClient,
                data: !script.readsEventData
                    ? nil
                    : pending.map { data ?? (try? definition.events[$0].complete([:], group: definition.name)) ?? [:] })
        }
        let frame = Frame(path: script.path, entity: entity)
        let result = withoutChanges(because: "a timeout formula can't change the world") {
            run(script, frame, limit: limits.timeout)
        }
        guard let result else { return 1 }
        guard case .number(let seconds) = result, seconds.isFinite, seconds >= 0 else {
            logError(
                kind: "runtime",
                message:
                    "\(script.path): a timeout formula must return a number of seconds from 0, got \(shown(result)); 1 second is taken",
                script: script.path, ran: script.path)
            return 1
        }
        return seconds
    }

    private func shown(_ value: LuaValue) -> String {
        switch value {
        case .number(let number): Self.text(of: number)
        case .string(let text): "'\(text)'"
        case .nil: "nothing"
        default: "a \(value.typeName)"
        }
    }
}

extension ScriptError.Kind {
    /// The kind as the error log shows it.
    var logName: String {
        switch self {
        case .syntax: "syntax"
        case .runtime: "runtime"
        case .time: "time_limit"
        case .memory: "memory_limit"
        case .stopped: "stopped"
        }
    }
}
