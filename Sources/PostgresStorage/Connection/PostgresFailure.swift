import Storage

/// Why something could not be done with a PostgreSQL database.
struct PostgresFailure: Error, CustomStringConvertible {
    enum Kind: Equatable {
        /// There is no connection: it could not be made, or it broke.
        case disconnected
        /// There was no answer in time.
        case timedOut
        /// The database refused a statement: its SQLSTATE, and the constraint that it violates.
        case refused(state: String, constraint: String?)
        /// A statement is larger than the database takes; it was not sent.
        case tooLarge
        /// Too many operations wait already.
        case overloaded
        /// The database must not be used.
        case unusable(SharedStoreProblem)
    }

    var kind: Kind
    /// What the database or the system said; without passwords.
    var description: String

    /// Whether the connection can't be used any more.
    var breaksConnection: Bool {
        switch kind {
        case .disconnected, .timedOut, .unusable: true
        case .refused(let state, _):
            // The server ends the connection: it shuts down, crashed, or an administrator ended it. Or it is a standby,
            // and another one is the right one after a failover.
            ["57P01", "57P02", "57P03", "57P05", "25P03", "25006"].contains(state)
        case .tooLarge, .overloaded: false
        }
    }

    /// Whether another transaction was in the way, and the same statements may succeed now.
    var isConflictOfTransactions: Bool {
        if case .refused("40001", _) = kind { return true }
        if case .refused("40P01", _) = kind { return true }
        return false
    }

    /// Whether a row violates a constraint of its table.
    var violatesConstraint: Bool {
        if case .refused(let state, _) = kind { state.hasPrefix("23") } else { false }
    }

    /// Whether the data of a statement can't be stored: a character that no text can have, or more than a limit.
    var refusesData: Bool {
        switch kind {
        case .refused(let state, _): state.hasPrefix("22") || state.hasPrefix("54")
        case .tooLarge: true
        case .disconnected, .timedOut, .overloaded, .unusable: false
        }
    }

    /// Whether a smaller statement may succeed: there was no answer in time, or the server has not enough memory.
    var asksForLess: Bool { lacksMemory || kind == .timedOut }

    /// Whether the server has not enough memory for a statement.
    var lacksMemory: Bool { if case .refused("53200", _) = kind { true } else { false } }

    /// The store's error.
    ///
    /// - Parameters:
    ///   - address: The database.
    ///   - isOpening: Whether the store is being opened.
    /// - Returns: The error, which says what to do.
    func storageError(_ address: PostgresAddress, isOpening: Bool = false) -> StorageError {
        let store = address.description
        switch kind {
        case .unusable(let problem): return .sharedStore(store, problem)
        case .refused("23505", let constraint?) where constraint.hasSuffix("login_taken"): return .loginTaken("")
        case .refused("42501", _) where isOpening: return .sharedStore(store, .forbidden(description))
        case .disconnected where isOpening, .timedOut where isOpening:
            return .sharedStore(store, .unreachable(description))
        default: return .failed(path: store, reason: description)
        }
    }
}

extension StorageError {
    /// Translates an error of a PostgreSQL database.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - address: The database.
    ///   - isOpening: Whether the store is being opened.
    init(_ error: any Error, _ address: PostgresAddress, isOpening: Bool = false) {
        switch error {
        case let error as StorageError: self = error
        case let error as PostgresFailure: self = error.storageError(address, isOpening: isOpening)
        default: self = .failed(path: address.description, reason: "\(error)")
        }
    }
}
