/// The statements about leases. The node that a statement is about is `$1`.
///
/// Each statement of a transaction sees what was committed before that statement (READ COMMITTED). When it has to wait
/// for a row, it goes by that row as it is afterwards, but by all other rows as they were before. So what depends on a
/// row is a later statement than the one that locks the row.
///
/// Transactions lock in this order, so none waits for another in a circle: rows of `nodes` by ascending name, rows of
/// `maps` by ascending number, the row of `map_changes`. A map is given only to a node whose row is locked (FOR SHARE):
/// so what ends a membership, which changes that row, either sees the map as the node's and frees it, or comes first.
enum LeaseSQL {
    static let incarnation = "SELECT incarnation FROM nodes WHERE node_id = $1"

    // MARK: - Memberships

    /// The nodes that may evict a node that joins. A node that joins at the same moment may be missing: it is no taker
    /// until the first renewal.
    private static let living = """
        ARRAY(SELECT o.node_id FROM nodes AS o WHERE NOT o.is_dead AND o.node_id <> $1 ORDER BY o.node_id)
        """

    private static let joined = "RETURNING incarnation, array_to_string(takers, ',')"

    /// Makes the row of a node that has never joined: public address, internal address.
    static let firstJoin = """
        INSERT INTO nodes (node_id, public_address, internal_address, incarnation, takers) VALUES ($1, $2, $3, 1, \(living))
        ON CONFLICT DO NOTHING \(joined)
        """

    /// Begins a new incarnation: public address, internal address, incarnation before.
    static let join = """
        UPDATE nodes SET incarnation = incarnation + 1, renewals = 0, is_dead = false, is_draining = false,
            takers = \(living), public_address = $2, internal_address = $3, renewed_at = clock_timestamp()
        WHERE node_id = $1 AND incarnation = $4 \(joined)
        """

    /// Gives a sign of life: incarnation, number, takers.
    static let renew = """
        UPDATE nodes SET renewals = $3, takers = $4, renewed_at = clock_timestamp()
        WHERE node_id = $1 AND incarnation = $2 AND NOT is_dead AND renewals < $3
        """

    /// Ends a membership: incarnation.
    static let leave = "UPDATE nodes SET is_dead = true WHERE node_id = $1 AND incarnation = $2 AND NOT is_dead"

    /// Whether a node drains.
    static let setDraining = "UPDATE nodes SET is_draining = $2::bigint <> 0 WHERE node_id = $1"

    // MARK: - Evictions

    /// Until the end of the transaction, a wait for a lock fails early: the transaction holds a lock that others' and
    /// even its sender's renewals need. The limit in milliseconds is the only parameter.
    static let limitWaits = "SELECT set_config('lock_timeout', $1, true)"

    /// Locks the node to evict and the sender: two nodes that evict each other lock in the same order.
    static let lockPair = "SELECT FROM nodes WHERE node_id IN ($1, $2) ORDER BY node_id FOR NO KEY UPDATE"

    /// Evicts a node, after ``lockPair``: its incarnation, its renewal, the sender, the sender's incarnation.
    static let evict = """
        UPDATE nodes SET is_dead = true, incarnation = incarnation + 1
        WHERE node_id = $1 AND incarnation = $2 AND renewals = $3 AND NOT is_dead AND $4 = ANY (takers) AND node_id <> $4
            AND EXISTS (SELECT FROM nodes AS o WHERE o.node_id = $4 AND o.incarnation = $5 AND NOT o.is_dead)
        """

    // MARK: - Maps

    /// Frees the maps that a node had in memberships that have ended. The statement before it in the transaction ends
    /// such a membership, and so locks the node's row. When that statement changes nothing, this one finds no maps.
    ///
    /// `count(*)` instead of `EXISTS`, so that all rows of `maps` are locked before that of `map_changes`.
    static let free = """
        WITH held AS MATERIALIZED (
            SELECT m.map_id FROM maps AS m JOIN nodes AS n USING (node_id)
            WHERE node_id = $1 AND (n.is_dead OR m.incarnation <> n.incarnation)
            ORDER BY m.map_id FOR NO KEY UPDATE OF m
        ), freed AS (
            UPDATE maps AS m SET node_id = NULL, incarnation = NULL, epoch = m.epoch + 1
            FROM held WHERE m.map_id = held.map_id RETURNING m.map_id
        )
        UPDATE map_changes SET version = version + 1 WHERE (SELECT count(*) FROM freed) > 0
        """

    static let place = "SELECT place_maps()"

    /// Adds maps: their numbers are the only parameter.
    static let add = """
        WITH added AS (
            INSERT INTO maps (map_id) SELECT DISTINCT r.map_id FROM unnest($1) AS r (map_id) ORDER BY r.map_id
            ON CONFLICT DO NOTHING RETURNING map_id
        )
        UPDATE map_changes SET version = version + 1 WHERE (SELECT count(*) FROM added) > 0
        """

    // MARK: - Views

    /// All nodes, as the node sees them. Of their takers it needs to know itself only: all of them would be as many
    /// names as the square of the number of nodes.
    static let nodes = """
        SELECT node_id, incarnation, renewals, is_dead, is_draining, $1 = ANY (takers), public_address, internal_address
        FROM nodes
        """

    static let state = """
        SELECT version, EXISTS (SELECT FROM maps WHERE node_id IS NULL),
            extract(epoch FROM clock_timestamp())::double precision
        FROM map_changes
        """

    /// The maps of a membership: incarnation.
    static let leases = "SELECT map_id, epoch FROM maps WHERE node_id = $1 AND incarnation = $2"

    static let directory = "SELECT map_id, epoch, node_id, incarnation FROM maps ORDER BY map_id"
}
