package import GameFolder
import LuaSyntax
import World

/// Checks a game folder for all mistakes that can be found before the game runs.
package struct GameCheck {
    /// The findings, by file and position.
    package private(set) var diagnostics: [Diagnostic]
    /// How many scripts were checked.
    package private(set) var scriptCount: Int

    /// Checks a game folder, and runs its libs in the sandbox.
    ///
    /// Reads files and blocks the thread, which needs room on its stack for scripts; don't call it on an event loop.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - replacement: A script or `game.yaml` with another text than the folder has, for a check before it is saved.
    /// - Throws: ``GameFolderError`` when the folder itself can't be read.
    package init(directory: String, replacing replacement: FileReplacement? = nil) throws(GameFolderError) {
        let survey = try GameFolder.survey(directory: directory, replacing: replacement)
        let scripts = survey.definition.scripts + survey.unusable
        var found = Set(survey.problems.map { Diagnostic($0, .error) })
        found.formUnion(survey.definition.mapNotes.map { Diagnostic($0, .warning) })
        var blocks: [String: LuaBlock] = [:]
        var uses: [String: GlobalUses] = [:]

        for script in scripts where !script.source.isEmpty {
            do throws(LuaSyntaxError) {
                let block = try LuaParser.parse(script.source)
                blocks[script.path] = block
                uses[script.path] = GlobalUses(block)
            } catch {
                found.insert(Diagnostic(error, in: script.path, source: script.source))
            }
        }
        let facts = GameFacts(survey, uses: uses)
        for script in scripts {
            guard let block = blocks[script.path] else { continue }
            found.formUnion(FileChecker(script, block, facts: facts).diagnostics)
        }
        // A lib that is not there fails others, which are right.
        let areLibsWhole = scripts.allSatisfy { !$0.isLib || blocks[$0.path] != nil }
        if areLibsWhole, !survey.unusable.contains(where: \.isLib) {
            for finding in LibRun.problems(of: survey.definition).map({ Diagnostic($0, .error) }) {
                let isKnown = found.contains {
                    $0.file == finding.file && $0.position.line == finding.position.line && $0.severity == .error
                }
                if !isKnown { found.insert(finding) }
            }
        }
        diagnostics = found.sorted()
        scriptCount = scripts.count
    }

    /// Checks the syntax of a Lua file alone, for one that is no script of the game, such as a test.
    ///
    /// - Parameter file: The file.
    /// - Returns: What is wrong; `nil` for a file that compiles.
    package static func syntaxMistake(in file: FileReplacement) -> Diagnostic? {
        do throws(LuaSyntaxError) {
            _ = try LuaParser.parse(file.bytes)
            return nil
        } catch {
            return Diagnostic(error, in: file.path, source: file.bytes)
        }
    }

    /// The number of findings with this severity.
    package func count(_ severity: Diagnostic.Severity) -> Int { diagnostics.count { $0.severity == severity } }
}

extension GameScript {
    fileprivate var isLib: Bool { if case .lib = role { true } else { false } }
}

extension Diagnostic {
    fileprivate init(_ error: LuaSyntaxError, in file: String, source: [UInt8]) {
        let message = ForeignSyntax.advised(error.message, source: source, line: error.position.line)
        self.init(file: file, position: error.position, severity: .error, message: message)
    }

    fileprivate init(_ problem: GameFolderProblem, _ severity: Severity) {
        self.init(
            file: problem.file, position: SourcePosition(line: problem.line ?? 1, column: problem.column ?? 1),
            severity: severity, message: problem.message)
    }
}
