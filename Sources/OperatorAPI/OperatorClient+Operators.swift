package import Storage

/// Operators' accounts.
extension OperatorClient {
    /// Lists the operators.
    ///
    /// - Returns: All accounts.
    /// - Throws: As ``reload()``.
    package func operators() async throws -> [OperatorAnswer] {
        try await answer(of: .listOperators, as: [OperatorAnswer].self)
    }

    /// Finds an operator.
    ///
    /// - Parameter login: The login; its case does not matter.
    /// - Returns: The account.
    /// - Throws: As ``reload()``; ``Failure`` when there is no such operator.
    package func findOperator(_ login: String) async throws -> OperatorAnswer {
        guard let found = try await operators().first(where: { $0.login.lowercased() == login.lowercased() }) else {
            throw Failure(description: "there is no operator \"\(login)\"; perigee operators list prints all")
        }
        return found
    }

    /// Makes an operator's account.
    ///
    /// - Parameters:
    ///   - login: The login.
    ///   - password: The password.
    ///   - role: What the operator may do.
    /// - Returns: The account.
    /// - Throws: As ``reload()``.
    package func createOperator(login: String, password: String, role: OperatorRole) async throws -> OperatorAnswer {
        try await answer(
            of: .createOperator, body: NewOperatorRequest(login: login, password: password, role: role),
            as: OperatorAnswer.self)
    }

    /// Changes an operator's role, or disables or enables the account.
    ///
    /// - Parameters:
    ///   - login: As for ``findOperator(_:)``.
    ///   - change: The change.
    /// - Returns: The account afterwards.
    /// - Throws: As ``findOperator(_:)``.
    package func changeOperator(_ login: String, _ change: OperatorChangeRequest) async throws -> OperatorAnswer {
        let id = try await findOperator(login).id
        return try await answer(of: .changeOperator, ["id": "\(id)"], body: change, as: OperatorAnswer.self)
    }

    /// Gives an operator another password, and ends the operator's sessions.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - password: The new password.
    /// - Throws: As ``reload()``.
    package func resetPassword(of account: OperatorAnswer, to password: String) async throws {
        _ = try await answer(
            of: .resetPassword, ["id": "\(account.id)"], body: PasswordRequest(password: password),
            as: OperatorAnswer.self)
    }
}
