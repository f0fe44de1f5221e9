import CProcess
import Glibc

/// Puts the server and the load generator on cores of their own, so that neither takes time from the other.
package struct CoreAffinity: Sendable {
    /// The cores of the server; empty when processes stay where the system puts them.
    package let server: [Int32]
    /// The cores of the load generator; empty when processes stay where the system puts them.
    package let generator: [Int32]

    /// Divides the cores that this process may use: the generator gets the last ones, the server all others.
    ///
    /// Only Linux can do this. With one core, and where the system does not tell, both stay where they are.
    ///
    /// - Parameters:
    ///   - isWanted: Whether to pin at all.
    ///   - generatorThreads: How many threads the generator has.
    package init(isWanted: Bool, generatorThreads: Int = 1) {
        self.init(cores: isWanted ? Self.allowed : [], generatorThreads: generatorThreads)
    }

    /// Divides cores.
    ///
    /// - Parameters:
    ///   - cores: The cores that may be used.
    ///   - generatorThreads: How many threads the generator has; at least one core is left for the server.
    package init(cores: [Int32], generatorThreads: Int) {
        guard cores.count > 1 else {
            (server, generator) = ([], [])
            return
        }
        let count = min(max(generatorThreads, 1), cores.count - 1)
        server = Array(cores.dropLast(count))
        generator = Array(cores.suffix(count))
    }

    /// Whether server and generator have cores of their own.
    package var isPinned: Bool { !server.isEmpty }

    /// Keeps a process on the server's cores.
    ///
    /// - Parameter pid: The process.
    package func pinServer(_ pid: Int32) { pin(pid, server) }

    /// Keeps this process on the generator's cores.
    package func pinGenerator() { pin(getpid(), generator) }

    /// Errors are ignored: a system that does not allow this makes the figures less steady, but they are still figures.
    private func pin(_ pid: Int32, _ cores: [Int32]) {
        guard !cores.isEmpty else { return }
        _ = cores.withUnsafeBufferPointer { process_pin(pid, $0.baseAddress, Int32($0.count)) }
    }

    /// The cores that this process might use when it began; pinning changes what the system answers.
    private static let allowed: [Int32] = {
        var cores = [Int32](repeating: 0, count: 1_024)
        let count = cores.withUnsafeMutableBufferPointer { process_cores($0.baseAddress, Int32($0.count)) }
        return Array(cores.prefix(Int(count)))
    }()
}
