internal import CLuaRuntime

/// A restricted Lua 5.1 virtual machine.
///
/// One thread at a time may use it; only a ``LuaStopHandle`` may be used from others. Lua errors never cross Swift
/// frames: everything that fails throws ``ScriptError``, and the host's handler reports a failure by
/// ``HostCall/fail(_:)``.
///
/// Each thread that runs scripts gets a POSIX timer for the time limits, which it keeps until it ends. The timer's
/// signal is the highest real-time signal below `SIGRTMAX` for which the process has no handler. It interrupts system
/// calls of that thread while scripts run and up to 20 ms longer; calls that can be restarted are restarted.
public final class LuaSandbox {
    /// The limits and the host of a sandbox.
    public struct Configuration {
        /// The most memory the VM may use, in bytes. Default 64 MiB.
        public var memoryLimitBytes: Int = 64 << 20
        /// The seed of `math.random`.
        public var seed: UInt64 = 0
        /// The longest source that is compiled, in bytes. Default 64 KiB.
        public var maxSourceBytes: Int = 64 << 10
        /// The longest packed form of one table, in bytes. Default 4 MiB.
        public var maxPackedBytes: Int = 4 << 20
        /// The longest result that a call gives, in bytes. Default no limit.
        ///
        /// A longer string is cut to this length. A table whose packed form is longer becomes ``LuaValue/other``.
        public var maxResultBytes = Int.max
        /// Creates the defaults.
        public init() {}
    }

    /// Answers what scripts ask. See ``HostCall``.
    public typealias Handler = (HostCall) -> Void

    let vm: OpaquePointer
    /// Answers what scripts ask; set before the first call.
    ///
    /// The sandbox retains it, so it must not capture the object that owns the sandbox strongly.
    ///
    /// Don't replace it from inside the handler.
    public var handler: Handler {
        get { host.handler }
        set {
            host = Host(newValue)
            plr_vm_set_context(vm, Unmanaged.passUnretained(host).toOpaque())
        }
    }
    private var host: Host
    private var store: HostStore?
    private let maxResultBytes: Int

    /// The object by which C knows the handler.
    ///
    /// The handler is a constant in an object that is not retained for a call. A closure in a variable would be
    /// retained and released for each callback, which took a fifth of the callback's time.
    private final class Host {
        let handler: Handler
        init(_ handler: @escaping Handler) { self.handler = handler }
    }

    /// Creates a VM.
    ///
    /// - Parameters:
    ///   - configuration: Its limits.
    ///   - handler: Answers what scripts ask; can be replaced later.
    /// - Throws: ``ScriptError`` of kind `memory` when the limit is too small for a VM (about 64 KiB are needed).
    public init(
        configuration: Configuration = Configuration(), handler: @escaping Handler = { $0.fail("not available") }
    ) throws(ScriptError) {
        host = Host(handler)
        maxResultBytes = configuration.maxResultBytes
        var options = plr_options()
        options.memory_limit = UInt64(max(0, configuration.memoryLimitBytes))
        options.seed = configuration.seed
        options.max_source_bytes = UInt32(clamping: configuration.maxSourceBytes)
        options.max_packed_bytes = UInt32(clamping: configuration.maxPackedBytes)
        options.dispatch = { context, call in
            // C always passes both. The sandbox holds `host`, and the caller of `call(_:limit:)` holds the sandbox.
            Unmanaged<Host>.fromOpaque(context.unsafelyUnwrapped)._withUnsafeGuaranteedRef {
                $0.handler(HostCall(call.unsafelyUnwrapped))
            }
        }
        options.context = Unmanaged.passUnretained(host).toOpaque()
        guard let vm = plr_vm_new(&options) else {
            throw ScriptError(
                kind: .memory,
                message:
                    "no memory for a Lua VM: its limit is \(configuration.memoryLimitBytes) bytes, 65536 are needed")
        }
        self.vm = vm
    }

    deinit {
        plr_vm_free(vm)
    }

    // MARK: Environments and scripts

    /// The environment in which libs run. Every script can read the globals that libs assign.
    public var sharedEnvironment: LuaEnvironment { LuaEnvironment(plr_env_shared(vm)) }
    /// The environment of the standard library. A global that is set here also appears in the shared environment at
    /// once, and in every environment made later.
    public var baseEnvironment: LuaEnvironment { LuaEnvironment(plr_env_base(vm)) }

    /// Makes an environment of about 5 KB for a script.
    ///
    /// - Throws: ``ScriptError`` of kind `memory` (or `stopped`).
    public func makeEnvironment() throws(ScriptError) -> LuaEnvironment {
        var handle = plr_handle()
        try check(plr_env_new(vm, &handle))
        return LuaEnvironment(handle)
    }

    /// Makes an environment in which libs can run and that scripts do not see before ``adoptShared(_:)``: libs that may
    /// fail are tried out there.
    ///
    /// - Returns: The environment, to be adopted or released.
    /// - Throws: ``ScriptError`` of kind `memory` (or `stopped`).
    public func makeSharedEnvironment() throws(ScriptError) -> LuaEnvironment {
        var handle = plr_handle()
        try check(plr_env_new_shared(vm, &handle))
        return LuaEnvironment(handle)
    }

    /// Makes an environment the shared one. All scripts see it from now on, also those of environments that exist;
    /// functions of the former one that something refers to go on working.
    ///
    /// - Parameter environment: One of ``makeSharedEnvironment()``; from now on its name is ``sharedEnvironment``.
    /// - Throws: ``ScriptError`` when it is another one or was released, or of kind `stopped`; nothing is changed then.
    public func adoptShared(_ environment: LuaEnvironment) throws(ScriptError) {
        try check(plr_env_adopt_shared(vm, environment.handle))
    }

    /// Resets the shared environment to the standard library, before the libs run again. Existing environments see the
    /// reset one.
    public func resetSharedEnvironment() throws(ScriptError) {
        try adoptShared(try makeSharedEnvironment())
    }

    /// Compiles a script.
    ///
    /// - Parameters:
    ///   - source: The text; bytecode is refused.
    ///   - name: The name in messages, usually its path in the game folder: `events/move/to.lua`.
    ///   - environment: Where it will run.
    ///   - limit: CPU time of this thread that compiling may take, zero for no limit.
    /// - Returns: The script, to be called and in the end released.
    /// - Throws: ``ScriptError`` of kind `syntax`, `time`, `memory` or `stopped`.
    public func compile(
        _ source: [UInt8], name: String, environment: LuaEnvironment, limit: Duration = .milliseconds(250)
    ) throws(ScriptError) -> LuaFunction {
        var handle = plr_handle()
        let status = source.withUnsafeBytes { bytes in
            plr_compile(
                vm, environment.handle, bytes.baseAddress, bytes.count, name, limit.limitNanoseconds, &handle)
        }
        try check(status)
        return LuaFunction(handle)
    }

    /// Compiles a script from text; see the other `compile`.
    public func compile(
        _ source: String, name: String, environment: LuaEnvironment, limit: Duration = .milliseconds(250)
    ) throws(ScriptError) -> LuaFunction {
        try compile(Array(source.utf8), name: name, environment: environment, limit: limit)
    }

    /// Forgets a script; its memory is collected when nothing in Lua refers to it. Releasing twice does nothing.
    public func release(_ function: LuaFunction) {
        plr_function_release(vm, function.handle)
    }

    /// Forgets an environment; functions compiled for it that are not released still work.
    public func release(_ environment: LuaEnvironment) {
        plr_env_release(vm, environment.handle)
    }

    // MARK: Globals

    /// Interns the name of a global.
    public func name(_ text: String) throws(ScriptError) -> LuaName {
        var text = text
        let id = text.withUTF8 { plr_name(vm, $0.baseAddress, $0.count) }
        guard id != 0 else { throw takeError(Int32(PLR_ERROR_MEMORY)) }
        return LuaName(id: id)
    }

    /// Sets a global of an environment.
    public func setGlobal(
        _ name: String, _ value: LuaValue, in environment: LuaEnvironment
    ) throws(ScriptError) {
        let name = try self.name(name)
        try check(value.withRaw { plr_set_global(vm, environment.handle, name.id, $0) })
    }

    /// Reads a global of the environment itself, not of the shared environment behind it.
    public func global(_ name: String, in environment: LuaEnvironment) throws(ScriptError) -> LuaValue {
        let name = try self.name(name)
        var value = plr_value()
        try check(plr_get_global(vm, environment.handle, name.id, &value))
        return LuaValue(value)
    }

    /// Sets a global to a host function; calling it reaches the handler as `global` with this id. Ids below 8 are the
    /// cheapest to call.
    public func setFunction(
        _ name: String, id: UInt32, in environment: LuaEnvironment
    ) throws(ScriptError) {
        let name = try self.name(name)
        try check(plr_set_function(vm, environment.handle, name.id, id))
    }

    /// Sets a global for the next ``call(_:limit:)``, in the environment of its function, just before it runs. At most
    /// 8 a call.
    ///
    /// When the call is nested in another one of the same environment, the globals get their outer values back after
    /// it.
    public func bind(_ name: LuaName, _ value: HostReference) { plr_bind_ref(vm, name.id, value.ref) }
    /// As `bind` of a reference, with a number.
    public func bind(_ name: LuaName, _ value: Double) { plr_bind_number(vm, name.id, value) }
    /// As `bind` of a reference, with nil.
    public func bindNil(_ name: LuaName) { plr_bind_nil(vm, name.id) }
    /// As `bind` of a reference, with a host function, as ``setFunction(_:id:in:)`` makes it; a script may keep it.
    public func bind(_ name: LuaName, functionID id: UInt32) { plr_bind_function(vm, name.id, id) }
    /// As `bind` of a reference, with the bytes of a string, which are copied.
    public func bind(_ name: LuaName, string bytes: UnsafeRawBufferPointer) {
        plr_bind_bytes(vm, name.id, Int32(PLR_STRING), bytes.baseAddress, bytes.count)
    }
    /// As `bind` of a reference, with one packed value, whose bytes are copied.
    public func bind(_ name: LuaName, packed bytes: UnsafeRawBufferPointer) {
        plr_bind_bytes(vm, name.id, Int32(PLR_TABLE), bytes.baseAddress, bytes.count)
    }
    /// As `bind` of a reference, with any value.
    public func bind(_ name: LuaName, _ value: LuaValue) {
        value.withRaw { plr_bind(vm, name.id, $0) }
    }

    // MARK: Calls

    /// Runs a script and gives the first value that it returned.
    ///
    /// May be called from inside the handler: a nested call shares the limit of the outermost one. Its runtime errors
    /// are thrown here and the outer script goes on if the handler lets it; `time`, `memory` and `stopped` end the
    /// outer scripts too, whatever the handler does.
    ///
    /// - Parameters:
    ///   - function: A compiled script.
    ///   - limitNanoseconds: CPU time of this thread; 0 for no limit. Wall time is limited to ten times as much.
    /// - Returns: The first value that the script returned; nil if it returned no value.
    /// - Throws: ``ScriptError`` of any kind but `syntax`.
    @discardableResult
    public func call(_ function: LuaFunction, limitNanoseconds: UInt64) throws(ScriptError) -> LuaValue {
        var value = plr_value()
        let status = plr_call_function(vm, function.handle, limitNanoseconds, &value)
        guard status == Int32(PLR_OK) else { throw takeError(status) }
        return value.type == Int32(PLR_NIL) ? .nil : LuaValue(value, maxBytes: maxResultBytes)
    }

    /// As ``call(_:limitNanoseconds:)``.
    @discardableResult
    public func call(_ function: LuaFunction, limit: Duration) throws(ScriptError) -> LuaValue {
        try call(function, limitNanoseconds: limit.limitNanoseconds)
    }

    /// A time limit as ``call(_:limitNanoseconds:)`` takes it.
    public static func nanoseconds(of limit: Duration) -> UInt64 { limit.limitNanoseconds }

    // MARK: The host's objects

    /// Defines a class of proxies, or replaces the members of one: existing proxies get the new members.
    public func register(_ hostClass: HostClass) throws(ScriptError) {
        var names: [UnsafeMutablePointer<CChar>] = []
        defer { for name in names { name.deallocate() } }
        var members: [plr_member] = []
        for member in hostClass.members {
            let bytes = Array(member.name.utf8CString)
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            copy.initialize(from: bytes, count: bytes.count)
            names.append(copy)
            members.append(
                plr_member(
                    name: copy, kind: member.kind, index: member.index, minimum: member.minimum, flags: member.flags))
        }
        try check(
            plr_class_define(
                vm, hostClass.id, hostClass.name, hostClass.options.rawValue, hostClass.related, members,
                members.count))
    }

    /// Sets the rows behind the proxies of live classes. The sandbox keeps the store.
    public func setStore(_ store: HostStore?) {
        self.store = store
        plr_set_store(vm, store?.pointer)
    }

    /// While not nil, every assignment to a column, property or key of the host's objects fails with this message.
    public func setReadOnly(_ message: StaticString?) {
        if let message {
            message.withUTF8Buffer { plr_set_read_only(vm, $0.baseAddress, $0.count) }
        } else {
            plr_set_read_only(vm, nil, 0)
        }
    }

    // MARK: Time

    /// The current time for `os.time()` and `os.date()`, as Unix time in seconds; `nil` for the machine's clock.
    public var time: Double? {
        didSet { plr_set_time(vm, time ?? .nan) }
    }
    /// Whether `os.clock()` asks the handler by ``HostCall/Operation/clock`` instead of reading the CPU time of its
    /// thread. Default false.
    public var usesHostClock = false {
        didSet { plr_use_host_clock(vm, usesHostClock) }
    }

    // MARK: What it costs

    /// The bytes in use, garbage included.
    public var usedBytes: Int { Int(plr_used_bytes(vm)) }
    /// The most bytes that were in use since ``resetPeak()``.
    public var peakBytes: Int { Int(plr_peak_bytes(vm)) }
    /// The memory limit in bytes.
    public var memoryLimitBytes: Int { Int(plr_memory_limit(vm)) }
    /// All bytes allocated so far; the difference over a call is what the call allocated.
    public var allocatedBytes: UInt64 { plr_allocated_bytes(vm) }
    /// Makes ``peakBytes`` start from ``usedBytes``.
    public func resetPeak() { plr_reset_peak(vm) }
    /// Whether the last full collection left more than nine tenths of the limit in use.
    ///
    /// Scripts then fail with memory errors again and again, so the host should make a new sandbox and compile its
    /// scripts again; nothing outside of the VM is lost. Read this between calls; it is a stored flag and costs
    /// nothing. After a memory error it is up to date, because a full collection follows the error.
    public var needsRebuild: Bool { plr_is_nearly_full(vm) }
    /// Collects all garbage, outside of calls.
    public func collectGarbage() { plr_collect(vm) }
    /// Does one step of the incremental collection, outside of calls.
    public func collectGarbageStep() { plr_collect_step(vm) }
    /// Whether ``lastCallNanoseconds`` is measured. Costs about 50 ns a call. Default false.
    public var measuresCalls = false {
        didSet { plr_measure(vm, measuresCalls) }
    }
    /// Wall time of the last outermost call, while ``measuresCalls`` is set.
    public var lastCallNanoseconds: UInt64 { plr_last_call_ns(vm) }
    /// Whether a script of this sandbox is running.
    public var isInCall: Bool { plr_in_call(vm) }
    /// The compiled scripts that are not released.
    public var liveFunctionCount: Int { Int(plr_live_functions(vm)) }
    /// The environments that are not released, the shared and the base one included.
    public var liveEnvironmentCount: Int { Int(plr_live_environments(vm)) }

    /// A handle with which any thread can stop this VM for good.
    public var stopHandle: LuaStopHandle { LuaStopHandle(plr_vm_control(vm)) }

    // MARK: Errors

    func check(_ status: Int32) throws(ScriptError) {
        guard status != Int32(PLR_OK) else { return }
        throw takeError(status)
    }

    private func takeError(_ status: Int32) -> ScriptError {
        let info = plr_last_error(vm)
        let kind: ScriptError.Kind =
            switch status {
            case Int32(PLR_ERROR_SYNTAX): .syntax
            case Int32(PLR_ERROR_TIME): .time
            case Int32(PLR_ERROR_MEMORY): .memory
            case Int32(PLR_ERROR_STOPPED): .stopped
            default: .runtime
            }
        return ScriptError(
            kind: kind, message: String(cBytes: info.message, info.message_length),
            file: String(cBytes: info.file, info.file_length), line: Int(info.line),
            traceback: String(cBytes: info.traceback, info.traceback_length), isLogged: info.logged)
    }
}
