import Storage

extension OperatorStorage {
    /// The logins of all operators by their numbers.
    func logins() async throws(StorageError) -> [Int: String] {
        Dictionary(try await operators().map { ($0.id, $0.login) }, uniquingKeysWith: { first, _ in first })
    }
}
