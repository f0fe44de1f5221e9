import CPostgreSQL
package import Storage

/// Where a PostgreSQL database is, who uses it, and with which options, from a URL such as
/// `postgres://perigee@db.example.com/perigee`.
///
/// Everything that libpq reads from its environment counts as well: a password file that `PGPASSFILE` names,
/// `PGSSLMODE`, and so on. ``description`` never has a password.
package struct PostgresAddress: Sendable, CustomStringConvertible {
    /// What an address looks like, for messages.
    private static let form = "postgres://USER@HOST/DATABASE"

    /// The options of the connection by their names in libpq.
    let options: [String: String]
    /// The address without a password, for messages.
    package let description: String

    /// Whether a text is meant as the address of a PostgreSQL database.
    package static func isOne(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    /// Reads a URL.
    ///
    /// - Parameter url: The URL; it may have a password, several hosts, and libpq's options behind a `?`.
    /// - Throws: ``StorageError/sharedStore(_:_:)`` for a text that is no such URL. The error does not have the text,
    ///   which may contain a password.
    package init(_ url: String) throws(StorageError) {
        guard Self.isOne(url) else {
            throw .sharedStore("the store", .wrongAddress("it does not begin with postgres://"))
        }
        guard !url.utf8.contains(0) else { throw .sharedStore("the store", .wrongAddress("it has a NUL")) }
        // What libpq says about a wrong URL may repeat its password.
        guard let parsed = PQconninfoParse(url, nil) else {
            throw .sharedStore(
                "the store",
                .wrongAddress(
                    "it is no URL of the form \(Self.form)?OPTION=VALUE, or has an option that libpq does not know; in a password, write % and two hexadecimal digits for a character such as @ : / ? # %"
                ))
        }
        defer { PQconninfoFree(parsed) }
        let values = Self.values(parsed)
        options = values
        // A password with @ or / that is not written with % would be taken for a part of what follows it.
        let isMisread = ["host", "dbname"].contains { values[$0]?.contains("@") == true }
        let ports = values["port"] ?? ""
        guard !isMisread, ports.split(separator: ",").allSatisfy({ UInt16($0) != nil }) else {
            throw .sharedStore(
                "the store",
                .wrongAddress(
                    "it has @ in the host or database, or a port that is no number; in a password, write % and two hexadecimal digits for a character such as @ : / ? # %"
                ))
        }
        var known = options
        if let defaults = PQconndefaults() {
            known = Self.values(defaults).merging(options) { $1 }
            PQconninfoFree(defaults)
        }
        let user = known["user"] ?? ""
        let hosts = (known["host"] ?? known["hostaddr"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let allPorts = (known["port"] ?? "5432").split(separator: ",", omittingEmptySubsequences: false)
        let places = hosts.enumerated().map { index, host in
            let port = allPorts.count == hosts.count ? allPorts[index] : allPorts.first ?? ""
            return "\(host):\(port.isEmpty ? "5432" : port)"
        }
        let name = known["dbname"] ?? user
        description = "postgres://\(user)@\(places.joined(separator: ","))/\(name)"
    }

    private static func values(_ list: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = list
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    /// A text without the password, if it has it.
    func redacted(_ text: String) -> String {
        guard let password = options["password"], !password.isEmpty else { return text }
        return text.split(separator: password, omittingEmptySubsequences: false).joined(separator: "***")
    }
}
