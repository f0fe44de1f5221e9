import OperatorAPI
import Storage

/// The operator or the program that sent a request.
struct Caller: Sendable {
    /// The operator's login, or a description of a key, for the audit log and the pages.
    let name: String
    let role: OperatorRole
    let kind: SessionAnswer.Kind
    /// The operator's account; `nil` for keys.
    let account: OperatorAccount?
    /// The number of the operator's account, for a program with a key that of the operator who answers for the key;
    /// `nil` for the key file.
    let accountID: Int?
    /// The session; `nil` for a request with a key.
    let session: OpenSession?

    /// A session, and the token that its changes need.
    struct OpenSession: Sendable {
        let stored: OperatorSession
        let token: String
    }

    /// The key file's owner.
    static func keyFile(session: OpenSession? = nil) -> Caller {
        Caller(name: "key file", role: .owner, kind: .keyFile, account: nil, accountID: nil, session: session)
    }

    static func apiKey(_ key: APIKey) -> Caller {
        Caller(
            name: "key \(key.name)", role: key.role, kind: .apiKey, account: nil, accountID: key.createdBy, session: nil
        )
    }

    static func account(_ account: OperatorAccount, session: OpenSession) -> Caller {
        Caller(
            name: account.login, role: account.role, kind: .account, account: account, accountID: account.id,
            session: session)
    }
}

/// What a request shows about its caller.
enum Identity: Sendable {
    case caller(Caller)
    /// The request shows nothing.
    case nobody
    /// The request shows something that is not valid; the text says what, for the audit log. `wait` has the seconds
    /// that its address must wait after too many wrong keys.
    case invalid(String, wait: Int? = nil)

    var caller: Caller? { if case .caller(let caller) = self { caller } else { nil } }
}
