/// An error of a store; its description names the file and says what to do.
package enum StorageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The login exists already, perhaps in another spelling.
    case loginTaken(String)
    /// Another key of a program has the name.
    case keyNameTaken(String)
    /// The change would leave no owner among the operators who can log in.
    case lastOwner(String)
    /// The file or its folder can't be opened, made or written.
    case unusable(path: String, reason: String)
    /// The file exists, but it is not a database, or it is damaged.
    case corrupt(path: String, reason: String)
    /// The file is an intact database that another program made.
    case foreign(path: String)
    /// The database was made by a newer version of the server.
    case newer(path: String)
    /// Another server has the database open.
    case inUse(path: String)
    /// The database was lost while a game ran, and the game went on in another file.
    case rescued(path: String, rescued: String)
    /// The store already holds a game, and an import would mix two games.
    case notEmpty(path: String)
    /// A line of an exported file can't be imported.
    case malformed(file: String, line: Int, reason: String)
    /// A database that several programs can reach can't be used; its address without a password, and why.
    case sharedStore(String, SharedStoreProblem)
    /// A read or write failed.
    case failed(path: String, reason: String)

    /// What is wrong, with which file, and what to do.
    package var description: String {
        switch self {
        case .loginTaken(let login):
            "the login \"\(login)\" is taken (names that look the same or differ only in case count as the same); choose "
                + "another"
        case .keyNameTaken(let name):
            "there is a key with the name \"\(name)\"; choose another name, or revoke that key first"
        case .lastOwner(let login):
            "\(login) is the last owner who can log in; make another operator an owner first"
        case .unusable(let path, let reason):
            "can't use the database \(path): \(reason); check that the folder exists and that this user may write to it"
        case .corrupt(let path, let reason):
            "the database \(path) is damaged or is no database: \(reason); move it away, with \(path)-wal and "
                + "\(path)-shm, then put a copy that perigee backup made in its place, or read one that perigee export made "
                + "with perigee import, or start with an empty one"
        case .rescued(let path, let rescued):
            "the database \(path) was lost while the game ran, which went on in \(rescued); to go on from there, move "
                + "\(rescued) to \(path), and what is there now away with \(path)-wal and \(path)-shm; to go on without "
                + "it, move \(rescued) to another folder"
        case .foreign(let path):
            "\(path) is a database of another program; choose another --data folder, or move the file away"
        case .newer(let path):
            "the database \(path) was made by a newer version of this server; start that version, or restore a backup"
        case .inUse(let path):
            "the database \(path) is in use by another process; stop the other server, or choose another --data folder"
        case .notEmpty(let path):
            "the database \(path) holds a game already; import into another --data folder, or replace it with --replace"
        case .malformed(let file, let line, let reason): "\(file):\(line): \(reason); nothing was imported"
        case .sharedStore(let store, let problem): problem.description(of: store)
        case .failed(let path, let reason):
            "the database \(path) failed: \(reason)"
        }
    }
}
