import Foundation
import Gateway

/// The name of a file that an operator uploads: safe in every file system and URL, and no more than a name.
struct UploadName: Sendable, Equatable {
    /// The longest name, in bytes of UTF-8.
    static let maxBytes = 100

    let folder: UploadFolder
    /// The name in Unicode's composed form (NFC).
    let name: String
    /// The kind of file that the ending stands for.
    let content: UploadContent

    /// The path within the game folder.
    var path: String { "\(folder.path)/\(name)" }

    /// Checks the parts of a request's path.
    ///
    /// - Parameters:
    ///   - folder: The folder, percent-encoded.
    ///   - name: The name, percent-encoded.
    /// - Throws: ``GatewayError`` with status 404 for an unknown folder, 400 for a name that can't be used.
    init(folder: String, name: String) throws(GatewayError) {
        guard let folder = UploadFolder(rawValue: folder) else {
            let folders = UploadFolder.allCases.map(\.rawValue).joined(separator: ", ")
            throw .notFound("there is no folder \"\(folder.prefix(40))\"; there are \(folders)")
        }
        guard let decoded = name.removingPercentEncoding else {
            throw .badRequest("the name is not UTF-8 with percent-encoding", field: "name")
        }
        let name = decoded.precomposedStringWithCanonicalMapping
        if let reason = Self.problem(with: name) {
            throw .badRequest("\"\(name.prefix(60))\" can't be the name of a file: \(reason)", field: "name")
        }
        let ending = name.split(separator: ".", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        guard let content = folder.contents.first(where: { $0.endings.contains(ending) }) else {
            throw .badRequest(
                "\"\(name.prefix(60))\" has no ending that \(folder.path)/ takes; it takes "
                    + folder.endings.map { ".\($0)" }.joined(separator: ", ")
                    + (folder.endings.contains(ending.lowercased()) ? " in small letters" : ""), field: "name")
        }
        (self.folder, self.name, self.content) = (folder, name, content)
    }

    /// Why a text can't be a name; `nil` when it can.
    private static func problem(with name: String) -> String? {
        let stem = name.prefix { $0 != "." }
        if stem.isEmpty { return name.isEmpty ? "it is empty" : "it begins with a dot; hidden files are not read" }
        if name.utf8.count > maxBytes { return "it has \(name.utf8.count) bytes; a name may have \(maxBytes)" }
        for scalar in name.unicodeScalars where !isAllowed(scalar) {
            let code = String(scalar.value, radix: 16, uppercase: true)
            return "U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code) is not allowed; use letters, "
                + "digits, spaces and - _ . ( ) + , ' & !"
        }
        if name.first == " " || stem.last == " " || name.last == "." || name.contains("..") {
            return "it has a space or a dot where some systems drop or misread it"
        }
        if reserved.contains(stem.lowercased()) { return "\(stem) is the name of a device on some systems" }
        return nil
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || " -_.()+,'&!".unicodeScalars.contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            return true
        default: return false
        }
    }

    private static let reserved: Set<String> = {
        let numbered = ["com", "lpt"].flatMap { name in (0...9).map { "\(name)\($0)" } }
        return Set(["con", "prn", "aux", "nul"] + numbered)
    }()
}
