import GRDB

/// The tables of bans and mutes, and the index in which parts of logins are searched.
enum PlayerTables {
    /// The tables that a rescue copies. The index of logins follows the accounts by itself.
    static let names = ["bans", "mutes"]

    /// Where in a login's key a searched part may begin at most, in code points. A login has at most 256 bytes. Only a
    /// login with characters that stand for several, such as U+FDFA, may have a longer key, whose rest is not found.
    private static let maxPlaces = 256

    /// Makes the tables, and the index of the logins that there are.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                ALTER TABLE accounts ADD COLUMN last_login REAL;
                ALTER TABLE http_sessions ADD COLUMN created REAL;
                ALTER TABLE http_sessions ADD COLUMN address TEXT;
                CREATE INDEX http_sessions_by_player ON http_sessions (player_id);

                -- AUTOINCREMENT: the audit log names numbers, which must not get another meaning.
                CREATE TABLE bans (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    player_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
                    addresses TEXT,
                    reason TEXT NOT NULL,
                    made_by TEXT NOT NULL,
                    created REAL NOT NULL,
                    expires REAL,
                    CHECK (player_id IS NOT NULL OR addresses IS NOT NULL)
                ) STRICT;
                CREATE INDEX bans_by_player ON bans (player_id);

                CREATE TABLE mutes (
                    player_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
                    reason TEXT NOT NULL,
                    made_by TEXT NOT NULL,
                    created REAL NOT NULL,
                    expires REAL
                ) STRICT;

                -- Every end of every login's key, such as ada, da and a: what begins with a text contains it in the login.
                -- So a search for a part reads only the rows that it returns.
                CREATE TABLE login_parts (
                    part TEXT NOT NULL,
                    player_id INTEGER NOT NULL,
                    place INTEGER NOT NULL,
                    PRIMARY KEY (part, player_id, place)
                ) STRICT, WITHOUT ROWID;
                CREATE TABLE login_places (place INTEGER PRIMARY KEY) STRICT;
                INSERT INTO login_places (place)
                    WITH RECURSIVE places (place) AS (
                        SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < \(maxPlaces))
                    SELECT place FROM places;
                CREATE TRIGGER account_made AFTER INSERT ON accounts BEGIN
                    INSERT OR IGNORE INTO login_parts (part, player_id, place)
                        SELECT substr(new.login_key, place), new.id, place FROM login_places
                        WHERE place <= length(new.login_key);
                END;
                CREATE TRIGGER account_deleted AFTER DELETE ON accounts BEGIN
                    DELETE FROM login_parts WHERE (part, player_id, place) IN (
                        SELECT substr(old.login_key, place), old.id, place FROM login_places
                        WHERE place <= length(old.login_key));
                END;
                INSERT INTO login_parts (part, player_id, place)
                    SELECT substr(login_key, place), id, place FROM accounts, login_places
                    WHERE place <= length(login_key);
                """)
    }
}
