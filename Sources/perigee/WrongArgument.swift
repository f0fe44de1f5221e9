import ArgumentParser
import GameFolder
import Glibc

/// A mistake in a file or folder that the command line names. It is printed in one line, and the exit status is 2.
struct WrongArgument: Error, CustomStringConvertible {
    /// What is wrong, and what to do.
    let description: String

    init(_ description: String) { self.description = description }

    /// Prints a mistake of the command line in one line, without the usage that ArgumentParser would add.
    ///
    /// - Returns: What to throw.
    func printed() -> ExitCode {
        StandardError.print("perigee: \(self)")
        return ExitCode(2)
    }
}

/// Files that the command line names to be read.
enum InputFile {
    /// Reads a whole file; it may be a pipe, too.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - wanted: What to name, for the message: `name a Lua file`.
    /// - Returns: Its bytes.
    /// - Throws: ``WrongArgument`` that says why it can't be read.
    static func read(_ path: String, wanted: String) throws(WrongArgument) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path, wanted) }
        defer { close(file) }
        var (bytes, buffer): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 1 << 16))
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, wanted) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// Reads a text file.
    ///
    /// - Throws: ``WrongArgument`` that says why it can't be read.
    static func text(_ path: String, wanted: String) throws(WrongArgument) -> String {
        let bytes = try read(path, wanted: wanted)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw WrongArgument("\"\(path)\" is not UTF-8 text; \(wanted)")
        }
        return text
    }

    private static func failure(_ path: String, _ wanted: String) -> WrongArgument {
        switch errno {
        case ENOENT, ENOTDIR: WrongArgument("there is no file \"\(path)\"; \(wanted)")
        case EISDIR: WrongArgument("\"\(path)\" is a folder; \(wanted)")
        default: WrongArgument("can't read \"\(path)\" (\(String(cString: strerror(errno)))); \(wanted)")
        }
    }
}
