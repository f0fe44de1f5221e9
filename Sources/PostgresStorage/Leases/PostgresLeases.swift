package import Cluster
package import Storage

/// Keeps the nodes and the node of each map in PostgreSQL. `LeaseSQL` says why several nodes may run its statements at
/// the same time.
///
/// It has a connection of its own, so no save and no question is in the way of a renewal. The tables must exist:
/// `PostgresStorage/open` makes them. Any task may call it.
package final class PostgresLeases: LeaseStore {
    /// How long after a failed connection the next one is tried: less than the pause between two renewals.
    private static let pause = Duration.milliseconds(100)

    private let address: PostgresAddress
    private let lane: PostgresLane
    private let limit: Duration
    private let lockLimit: Duration

    /// Makes the store; it connects with the first call.
    ///
    /// - Parameters:
    ///   - address: The database.
    ///   - limit: The longest time for a call, with a new connection if it needs one; the resolver of host names has
    ///     its own limit.
    ///   - lockLimit: How long an eviction and a placement wait for a lock. Others' renewals wait for them meanwhile.
    package init(
        _ address: PostgresAddress, limit: Duration = .seconds(1), lockLimit: Duration = .milliseconds(300)
    ) {
        self.address = address
        self.limit = limit
        self.lockLimit = lockLimit
        lane = PostgresLane("leases", address, pause: Self.pause) { connection, _, deadline in
            let within = ContinuousClock.now.duration(to: deadline)
            try connection.run(Self.settings(limit), within: within)
            return nil
        }
    }

    /// The server ends a statement that was given up, and notices soon that this process is gone. A renewal that was
    /// acknowledged must outlive a crash of the server, with its list of takers.
    static func settings(_ limit: Duration) -> PostgresStatement {
        let calls = PostgresStatement.setting([
            "statement_timeout": milliseconds(limit), "tcp_keepalives_idle": "1", "tcp_keepalives_interval": "1",
            "tcp_keepalives_count": "3", "tcp_user_timeout": "3s", "jit": "off",
            "default_transaction_isolation": "read committed",
        ])
        return PostgresStatement(
            """
            SELECT \(calls), CASE current_setting('synchronous_commit')
                WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END
            """)
    }

    private static func milliseconds(_ duration: Duration) -> String { "\(Int(duration / .milliseconds(1)))ms" }

    /// Ends the connection after the calls that wait; later ones fail.
    package func close() async { await lane.close() }

    // MARK: - Memberships

    package func incarnation(of name: NodeName) async throws(StorageError) -> Int {
        try await call([PostgresStatement(LeaseSQL.incarnation, [Self.text(name)])]) { results in
            try results[0].rows.first?.integer(0) ?? 0
        }
    }

    package func join(
        _ node: NodeDescription, seen: Int
    ) async throws(StorageError) -> (membership: Membership, takers: Set<NodeName>)? {
        let name = Self.text(node.name)
        let addresses = [node.publicAddress, node.internalAddress].map { PostgresParameter(.text($0)) }
        let join =
            seen == 0
            ? PostgresStatement(LeaseSQL.firstJoin, [name] + addresses)
            : PostgresStatement(LeaseSQL.join, [name] + addresses + [Self.integer(seen)])
        return try await call([join, PostgresStatement(LeaseSQL.free, [name])]) { results in
            try results[0].rows.first.map { row in
                let takers = try row.text(1).split(separator: ",").map { try LeaseRow.name(String($0)) }
                return (Membership(name: node.name, incarnation: try row.integer(0)), Set(takers))
            }
        }
    }

    package func renew(
        _ membership: Membership, number: Int, takers: Set<NodeName>
    ) async throws(StorageError) -> ClusterView? {
        let (name, incarnation) = (Self.text(membership.name), Self.integer(membership.incarnation))
        let list = PostgresParameter(takers.sorted().map { Optional($0.description) })
        // The state before the maps: a version never counts a change that the maps do not show.
        let statements = [
            PostgresStatement(LeaseSQL.renew, [name, incarnation, Self.integer(number), list]),
            PostgresStatement(LeaseSQL.nodes, [name]), PostgresStatement(LeaseSQL.state),
            PostgresStatement(LeaseSQL.leases, [name, incarnation]),
        ]
        return try await call(statements) { results in
            guard results[0].count == 1 else { return nil }
            guard let state = results[2].rows.first else { throw SQLTypeMismatch(description: "map_changes is empty") }
            return ClusterView(
                nodes: try results[1].rows.map { try LeaseRow.member($0, seenBy: membership.name) },
                leases: Set(try results[3].rows.map(LeaseRow.lease)), isAnyMapFree: try state.integer(1) != 0,
                directoryVersion: try state.integer(0), storeTime: try state.real(2))
        }
    }

    package func evict(
        _ eviction: LeaseWatch.Eviction, by membership: Membership
    ) async throws(StorageError) -> Bool {
        let (node, sender) = (Self.text(eviction.node), Self.text(membership.name))
        let sign = [eviction.sign.incarnation, eviction.sign.renewal].map(Self.integer)
        let statements = [
            PostgresStatement(LeaseSQL.lockPair, [node, sender]),
            PostgresStatement(LeaseSQL.evict, [node] + sign + [sender, Self.integer(membership.incarnation)]),
            PostgresStatement(LeaseSQL.free, [node]),
        ]
        return try await callUnlessLocked(statements) { $0[1].count == 1 } ?? false
    }

    package func setDraining(_ isDraining: Bool, _ name: NodeName) async throws(StorageError) {
        try await call([
            PostgresStatement(LeaseSQL.setDraining, [Self.text(name), Self.integer(isDraining ? 1 : 0)])
        ])
    }

    package func leave(_ membership: Membership) async throws(StorageError) {
        let name = Self.text(membership.name)
        try await call([
            PostgresStatement(LeaseSQL.leave, [name, Self.integer(membership.incarnation)]),
            PostgresStatement(LeaseSQL.free, [name]),
        ])
    }

    // MARK: - Maps

    /// As the protocol says. While another node places maps, and while a lock is held, it gives none or not all; the
    /// next call gives the rest.
    @discardableResult
    package func place() async throws(StorageError) -> Int {
        try await callUnlessLocked([PostgresStatement(LeaseSQL.place)]) { results in
            try results[0].rows.first?.integer(0) ?? 0
        } ?? 0
    }

    package func addMaps(_ maps: [Int]) async throws(StorageError) {
        try await call([PostgresStatement(LeaseSQL.add, [PostgresParameter(maps.map { Optional($0) })])])
    }

    package func directory() async throws(StorageError) -> [MapPlace] {
        try await call([PostgresStatement(LeaseSQL.directory)]) { try $0[0].rows.map(LeaseRow.place) }
    }

    // MARK: - Calls

    private static func text(_ name: NodeName) -> PostgresParameter { PostgresParameter(.text(name.description)) }

    private static func integer(_ number: Int) -> PostgresParameter { PostgresParameter(.integer(number)) }

    private func call(_ statements: [PostgresStatement]) async throws(StorageError) {
        try await call(statements) { _ in }
    }

    /// Carries out statements in one transaction and one exchange. Nothing is repeated after a failure: a renewal that
    /// was done without an answer would look like one that was overtaken.
    private func call<T: Sendable>(
        _ statements: [PostgresStatement], _ read: @escaping @Sendable ([PostgresResult]) throws -> T
    ) async throws(StorageError) -> T {
        do {
            return try await exchange(statements, read)
        } catch {
            throw StorageError(error, address)
        }
    }

    /// As ``call(_:_:)``, but `nil` when a lock was in the way: then certainly nothing was done.
    private func callUnlessLocked<T: Sendable>(
        _ statements: [PostgresStatement], _ read: @escaping @Sendable ([PostgresResult]) throws -> T
    ) async throws(StorageError) -> T? {
        let limit = PostgresStatement(LeaseSQL.limitWaits, [PostgresParameter(.text(Self.milliseconds(lockLimit)))])
        do {
            return try await exchange([limit] + statements) { try read(Array($0.dropFirst())) }
        } catch let failure as PostgresFailure where failure.isLockTimeout {
            return nil
        } catch {
            throw StorageError(error, address)
        }
    }

    private func exchange<T: Sendable>(
        _ statements: [PostgresStatement], _ read: @escaping @Sendable ([PostgresResult]) throws -> T
    ) async throws -> T {
        let deadline = ContinuousClock.now + limit
        return try await lane.perform(until: deadline) { connection in
            let results: [PostgresResult]
            do throws(PipelineFailure) {
                results = try connection.run(statements, within: ContinuousClock.now.duration(to: deadline))
            } catch {
                throw error.error
            }
            return .done(try read(results))
        }
    }
}

extension PostgresFailure {
    /// Whether a statement gave up because another transaction held a lock that it needs.
    fileprivate var isLockTimeout: Bool {
        if case .refused("55P03", _) = kind { true } else { false }
    }
}
