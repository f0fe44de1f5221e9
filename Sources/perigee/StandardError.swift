import Foundation

/// Writes lines to standard error.
enum StandardError {
    static func print(_ line: String) { write("\(line)\n") }

    /// Writes a text as it is, such as a question.
    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
