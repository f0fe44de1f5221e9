import Foundation

/// Finds the process that listens on a TCP port, so that the user need not look up the server's process id.
package enum ListeningProcess {
    /// Looks for the process.
    ///
    /// - Parameter port: A TCP port of this machine.
    /// - Returns: The process; `nil` when no process of this user listens there.
    package static func pid(port: Int) -> Int32? {
        // The kernel shows its tables piece by piece. What other processes open and close between two pieces can hide
        // the process's entry. The search is repeated before the port counts as free.
        for _ in 1...3 {
            if let pid = search(port: port) { return pid }
        }
        return nil
    }

    private static func search(port: Int) -> Int32? {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap { ProcessSample.text($0) }
        let inodes = Set(tables.flatMap { listeningInodes(table: $0, port: port) })
        guard !inodes.isEmpty else { return nil }
        let links = Set(inodes.map { "socket:[\($0)]" })
        let files = FileManager.default
        for entry in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(entry), let descriptors = try? files.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
            else { continue }
            for descriptor in descriptors {
                let link = try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(descriptor)")
                if let link, links.contains(link) { return pid }
            }
        }
        return nil
    }

    /// Reads the inodes of the sockets that listen on a port from a text like `/proc/net/tcp`.
    ///
    /// - Parameters:
    ///   - table: The text; its second column is `ADDRESS:PORT` in hexadecimal, the fourth the state, the tenth the
    ///     inode.
    ///   - port: The port.
    /// - Returns: The inodes.
    package static func listeningInodes(table: String, port: Int) -> [Int] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let address = fields[1].split(separator: ":").last,
                Int(address, radix: 16) == port
            else { return nil }
            return Int(fields[9])
        }
    }
}
