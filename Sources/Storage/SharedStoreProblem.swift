/// Why a server can't use a database that several programs can reach, such as one of PostgreSQL.
package enum SharedStoreProblem: Sendable, Equatable {
    /// Its address can't be read.
    case wrongAddress(String)
    /// It does not answer, or refuses the login.
    case unreachable(String)
    /// The user may not do something that is needed.
    case forbidden(String)
    /// The server that runs it is too old; its version.
    case outdated(String)
    /// It keeps texts in another encoding than UTF-8.
    case encoding(String)
    /// It has tables of another program.
    case foreign
    /// It holds no game.
    case empty
    /// It was made by a newer version of this server, whose tables this version can't use.
    case newer
    /// It holds another game: the name of that game, and of this one.
    case otherGame(String, mine: String)
    /// Another server uses it.
    case inUse
    /// Another server has used it since this one lost its connection.
    case takenOver
    /// The schema in which the tables should be does not exist.
    case noSchema
    /// An import would mix two games.
    case notEmpty

    /// What is wrong with a database, and what to do.
    ///
    /// - Parameter store: The database's address, without a password.
    /// - Returns: One sentence.
    package func description(of store: String) -> String {
        switch self {
        case .wrongAddress(let reason):
            "the address of the store can't be used: \(reason); write it as postgres://USER@HOST/DATABASE, the password in "
                + "the file that PGPASSFILE names"
        case .unreachable(let reason):
            "can't reach the database \(store): \(reason); check the address, that PostgreSQL runs there, and that the user "
                + "may log in (a password may stand in the file that PGPASSFILE names)"
        case .forbidden(let reason):
            "the user may not use the database \(store): \(reason); make the user the owner of the database (ALTER DATABASE "
                + "… OWNER TO …)"
        case .outdated(let version):
            "the database \(store) runs on PostgreSQL \(version); 13 or newer is needed"
        case .encoding(let encoding):
            "the database \(store) has the encoding \(encoding); make one with UTF-8 (createdb -E UTF8 -T template0)"
        case .foreign: "\(store) is a database of another program; make a database for the game, and name that one"
        case .empty:
            "the database \(store) holds no game; name the database that perigee serve --store uses"
        case .newer:
            "the database \(store) was changed by a newer version of this server, whose tables this version can't use; start "
                + "that version"
        case .otherGame(let name, let mine):
            "the database \(store) holds the game \"\(name)\", and this is \"\(mine)\"; name another database, or, if the game "
                + "has a new name, start once with --renamed"
        case .inUse:
            "the database \(store) is in use by another server; stop that one, or name another database (PostgreSQL notices "
                + "within about 12 s that a server's machine is gone)"
        case .takenOver:
            "another server has used the database \(store) since this one lost its connection, so this one must not save "
                + "what it has; stop it"
        case .noSchema:
            "the schema that search_path names for the database \(store) does not exist; make it (CREATE SCHEMA …)"
        case .notEmpty:
            "the database \(store) holds a game already; import into another database, or replace it with --replace"
        }
    }
}
