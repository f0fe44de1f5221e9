import JSONValues
import World

/// Writes everything in a store as lines of JSON, in one transaction.
///
/// Bans and mutes of players are among them. HTTP sessions are left out, because they last for one day only. Operators,
/// their keys and the audit log are left out, because they belong to the server and not to the game; an import leaves
/// those of its store as they are.
package struct TransferExport {
    /// The lines could not be written.
    package struct WriteFailure: Error {
        /// Why.
        package var error: any Error
    }

    private let session: any SQLSession
    /// Whether the store has the table `game_clock`; databases of the first version have none.
    var hasClock = true
    /// Whether entities have all columns.
    var hasPing = true
    /// Whether the store has the tables `bans` and `mutes`.
    var hasBans = true

    /// Makes an export of a store with all tables.
    ///
    /// - Parameter session: The store, in a transaction that sees it as it is at one moment.
    package init(session: any SQLSession) { self.session = session }

    /// Writes all lines.
    ///
    /// - Parameter write: Called with each line in order, without its line break.
    /// - Throws: The store's error, ``SQLTypeMismatch``, or ``WriteFailure`` with what `write` threw.
    package func run(_ write: (String) throws -> Void) throws {
        func put(_ line: TransferLine) throws {
            do { try write(line.json.text) } catch { throw WriteFailure(error: error) }
        }
        try put(.head)
        if hasClock, let time = try session.first("SELECT alive FROM game_clock") { try put(.alive(time.real(0))) }
        try session.forEachRow("\(AccountRow.select) ORDER BY id") { try put(.account(AccountRow.account($0))) }
        let select = hasPing ? EntityRow.select : EntityRow.selectFirst
        try session.forEachRow("\(select) ORDER BY \(session.dialect.kindOrder), id") { row in
            try put(.entity(EntityRow.record(row)))
        }
        for row in try session.rows("SELECT kind, highest FROM highest_ids ORDER BY kind") {
            guard let kind = EntityKind(name: try row.text(0)) else { continue }
            try put(.highest(kind, row.integer(1)))
        }
        guard hasBans else { return }
        try session.forEachRow("\(BanRow.select) ORDER BY id") { try put(.ban(BanRow.ban($0))) }
        try session.forEachRow("\(MuteRow.select) ORDER BY player_id") { try put(.mute(MuteRow.mute($0))) }
    }
}
