/// The functions and blocks around the current token, with Lua 5.1's limits on locals, upvalues and registers.
///
/// Registers are counted as the compiler reserves them for lists of values, which is where a script can run out of
/// them.
struct LuaScopes {
    /// One function that is being parsed.
    struct Function {
        var line: Int
        var isVararg: Bool
        var locals: [LuaVariable] = []
        /// How many names are declared and not visible yet.
        var pending = 0
        /// How many registers are in use: by active locals, and by values of an expression that is not complete yet.
        var registers = 0
        var upvalues: Set<ObjectIdentifier> = []
        var blocks: [Block] = []
    }

    struct Block {
        var firstLocal: Int
        var isLoop: Bool
    }

    /// A limit is exceeded.
    struct Exceeded: Error {
        var message: String
    }

    static let maxLocals = 200
    static let maxUpvalues = 60
    static let maxRegisters = 250

    var functions: [Function] = []

    /// The index of the innermost function. Parsing opens the main function first, so there always is one.
    private var last: Int { functions.count - 1 }

    mutating func open(line: Int, isVararg: Bool) { functions.append(Function(line: line, isVararg: isVararg)) }

    mutating func close() { functions.removeLast() }

    mutating func openBlock(isLoop: Bool) {
        functions[last].blocks.append(Block(firstLocal: functions[last].locals.count, isLoop: isLoop))
    }

    mutating func closeBlock() {
        let block = functions[last].blocks.removeLast()
        functions[last].locals.removeSubrange(block.firstLocal...)
        functions[last].registers = functions[last].locals.count
    }

    var isVararg: Bool {
        get { functions[last].isVararg }
        set { functions[last].isVararg = newValue }
    }

    var isInLoop: Bool { functions[last].blocks.contains(where: \.isLoop) }

    /// Counts a name that becomes a local with ``activate(_:)``.
    mutating func declare() throws(Exceeded) {
        functions[last].pending += 1
        if functions[last].locals.count + functions[last].pending > Self.maxLocals {
            throw exceeded(Self.maxLocals, "local variables", in: last)
        }
    }

    /// Makes declared names visible.
    mutating func activate(_ variables: [LuaVariable]) {
        functions[last].locals += variables
        functions[last].pending -= variables.count
    }

    /// Finds the local that a name refers to, from the innermost scope outwards; a local of an outer function becomes
    /// an upvalue of each function inside that one. `nil` when the name is a global.
    mutating func resolve(_ name: String) throws(Exceeded) -> LuaVariable? {
        var level = last
        while level >= 0 {
            if let variable = functions[level].locals.last(where: { $0.name == name }) {
                // The outermost function first: the compiler's error names the first one with too many upvalues.
                for inner in (level + 1)..<max(functions.count, level + 1) {
                    guard functions[inner].upvalues.insert(ObjectIdentifier(variable)).inserted else { continue }
                    if functions[inner].upvalues.count > Self.maxUpvalues {
                        throw exceeded(Self.maxUpvalues, "upvalues", in: inner)
                    }
                }
                return variable
            }
            level -= 1
        }
        return nil
    }

    var registers: Int {
        get { functions[last].registers }
        set { functions[last].registers = newValue }
    }

    mutating func reserve(_ count: Int) throws(Exceeded) {
        guard functions[last].registers + count < Self.maxRegisters else {
            throw Exceeded(message: "function or expression too complex")
        }
        functions[last].registers += count
    }

    /// Frees all registers but those of locals, as the compiler does after each statement.
    mutating func releaseTemporaries() { functions[last].registers = functions[last].locals.count }

    func exceeded(_ limit: Int, _ what: String) -> Exceeded { exceeded(limit, what, in: last) }

    private func exceeded(_ limit: Int, _ what: String, in level: Int) -> Exceeded {
        let owner = level == 0 ? "main function" : "function at line \(functions[level].line)"
        return Exceeded(message: "\(owner) has more than \(limit) \(what)")
    }
}
