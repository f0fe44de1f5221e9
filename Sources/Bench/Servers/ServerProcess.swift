package import Foundation
import Glibc
import OperatorAPI

/// A process that a benchmark starts itself, and ends in any case.
package final class ServerProcess: Sendable {
    /// The process.
    package let pid: Int32
    /// The port on which it listens.
    package let port: Int
    private let process: Process
    /// The floor ends when this closes; a server does not read it.
    private let input: Pipe

    private static let patience = Duration.seconds(60)
    private static let stopPatience = Duration.seconds(20)

    private init(_ process: Process, port: Int, input: Pipe) {
        (self.process, pid, self.port, self.input) = (process, process.processIdentifier, port, input)
    }

    /// Starts `perigee serve` and waits until it listens.
    ///
    /// - Parameters:
    ///   - game: The game folder.
    ///   - data: The data folder.
    ///   - store: The URL of a shared store; `nil` for the database in the data folder.
    ///   - port: The port; 0 for a free one.
    ///   - affinity: The cores.
    /// - Returns: The server.
    /// - Throws: ``BenchError/didNotStart(process:errorOutput:)``.
    package static func serve(
        game: URL, data: URL, store: String? = nil, port: Int = 0, affinity: CoreAffinity
    ) async throws -> ServerProcess {
        ServerAddress.remove(from: data.path)
        let errorOutput = data.deletingLastPathComponent().appendingPathComponent("server.log")
        let (process, input) = try launch(
            [
                "serve", "--game", game.path, "--data", data.path, "--host", "127.0.0.1", "--port", "\(port)",
                "--unlimited-logins",
            ] + (store.map { ["--store", $0] } ?? []), output: nil, errorOutput: errorOutput, affinity)
        let address = await poll(process) {
            ServerAddress.read(from: data.path).flatMap { URL(string: $0.url)?.port }
        }
        guard let address else { throw failure("the server", process, errorOutput) }
        affinity.pinServer(process.processIdentifier)
        return ServerProcess(process, port: address, input: input)
    }

    /// Starts `perigee bench floor`, the bare broadcaster, and waits until it listens.
    ///
    /// - Parameters:
    ///   - floor: What it sends.
    ///   - folder: A folder for its output.
    ///   - affinity: The cores; it has those of the server.
    /// - Returns: The broadcaster.
    /// - Throws: ``BenchError/didNotStart(process:errorOutput:)``.
    package static func floor(
        _ floor: FloorServer.Options, folder: URL, affinity: CoreAffinity
    ) async throws -> ServerProcess {
        try await announced("the floor", ["bench", "floor"] + floor.arguments, folder: folder, affinity)
    }

    /// Starts `perigee bench floor` for the battle (``BattleFloor``), and waits until it listens.
    ///
    /// - Parameters:
    ///   - rateHz: How often a second it sends.
    ///   - folder: A folder for its output.
    ///   - affinity: The cores; it has those of the server.
    /// - Returns: The broadcaster.
    /// - Throws: ``BenchError/didNotStart(process:errorOutput:)``.
    package static func battleFloor(
        rateHz: Int, folder: URL, affinity: CoreAffinity
    ) async throws -> ServerProcess {
        try await announced(
            "the floor", ["bench", "floor", "--battle", "--rate", "\(rateHz)"], folder: folder, affinity)
    }

    /// Starts a server of another kind, which prints its port when it listens, and ends with its input.
    ///
    /// - Parameters:
    ///   - name: What it is called in messages.
    ///   - program: The program, or what runs the script.
    ///   - script: The script.
    ///   - folder: A folder for its output.
    ///   - affinity: The cores; it has those of the server.
    /// - Returns: The server.
    /// - Throws: ``BenchError/didNotStart(process:errorOutput:)``.
    package static func opponent(
        _ name: String, program: URL, script: URL? = nil, folder: URL, affinity: CoreAffinity
    ) async throws -> ServerProcess {
        for file in [program, script].compactMap({ $0 }) where !FileManager.default.fileExists(atPath: file.path) {
            throw BenchError.didNotStart(process: name, errorOutput: "there is no file \(file.path)")
        }
        return try await announced(
            name, script.map { [$0.path] } ?? [], program: program, folder: folder, affinity)
    }

    /// Starts `perigee conformance`, whose data channels send every message back, and waits until it listens.
    ///
    /// - Parameters:
    ///   - folder: A folder for its output.
    ///   - affinity: The cores; it has those of the server.
    /// - Returns: The server.
    /// - Throws: ``BenchError/didNotStart(process:errorOutput:)``.
    package static func conformance(folder: URL, affinity: CoreAffinity) async throws -> ServerProcess {
        try await announced("the echo server", ["conformance", "--port", "0"], folder: folder, affinity)
    }

    /// The port in the line of a process: the number alone, or in a URL.
    private static func port(in line: String) -> Int? { Int(line) ?? URL(string: line)?.port }

    /// Starts a process that prints its port when it listens, and waits for that.
    private static func announced(
        _ name: String, _ arguments: [String], program: URL = itself, folder: URL, _ affinity: CoreAffinity
    ) async throws -> ServerProcess {
        let errorOutput = folder.appendingPathComponent("announced.log")
        let output = folder.appendingPathComponent("announced.port")
        try? FileManager.default.removeItem(at: output)
        let (process, input) = try launch(
            arguments, program: program, output: output, errorOutput: errorOutput, affinity)
        let port = await poll(process) {
            (try? String(contentsOf: output, encoding: .utf8)).flatMap { text in
                text.firstIndex(of: "\n").flatMap { Self.port(in: String(text[..<$0])) }
            }
        }
        guard let port else { throw failure(name, process, errorOutput) }
        affinity.pinServer(process.processIdentifier)
        return ServerProcess(process, port: port, input: input)
    }

    /// The program that runs now.
    private static let itself = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()

    /// Ends it as an operator would; a server saves everything before, for 20 s at most.
    package func stop() {
        try? input.fileHandleForWriting.close()
        process.terminate()
        // A server that hangs must not keep the benchmark from ending.
        let end = ContinuousClock.now + Self.stopPatience
        while process.isRunning, ContinuousClock.now < end { usleep(10_000) }
        if process.isRunning { Glibc.kill(pid, SIGKILL) }
        process.waitUntilExit()
        RunningProcesses.remove(pid)
    }

    /// Ends it as a crash would.
    package func kill() {
        Glibc.kill(pid, SIGKILL)
        process.waitUntilExit()
        RunningProcesses.remove(pid)
    }

    private static func launch(
        _ arguments: [String], program: URL = itself, output: URL?, errorOutput: URL, _ affinity: CoreAffinity
    ) throws -> (Process, Pipe) {
        let (process, input) = (Process(), Pipe())
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = try output.map(emptyFile) ?? FileHandle.nullDevice
        process.standardError = try emptyFile(errorOutput)
        try process.run()
        RunningProcesses.add(process.processIdentifier)
        // Threads that it makes from now on are pinned too.
        affinity.pinServer(process.processIdentifier)
        return (process, input)
    }

    private static func emptyFile(_ file: URL) throws -> FileHandle {
        try Data().write(to: file)
        return try FileHandle(forWritingTo: file)
    }

    private static func poll<Answer>(_ process: Process, _ answer: () -> Answer?) async -> Answer? {
        let end = ContinuousClock.now + patience
        while process.isRunning, ContinuousClock.now < end {
            if let answer = answer() { return answer }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }

    private static func failure(_ name: String, _ process: Process, _ errorOutput: URL) -> BenchError {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        RunningProcesses.remove(process.processIdentifier)
        let text = (try? String(contentsOf: errorOutput, encoding: .utf8)) ?? ""
        return .didNotStart(process: name, errorOutput: text.split(separator: "\n").suffix(3).joined(separator: "; "))
    }
}
