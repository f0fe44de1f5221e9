/// The statements that make the tables of leases: which nodes there are, and which node runs which map.
enum LeaseTables {
    /// Version 2.
    static let first = [
        nodes, maps, mapsByNode, mapChanges, "INSERT INTO map_changes (id, version) VALUES (1, 0)", place,
    ]

    /// Each node writes its row several times a second. Half of each page stays free, so that no index changes with it.
    /// The table is small, so its old rows are cleared after a number of changes, not after a share of the table.
    private static let nodes = """
        CREATE TABLE nodes (
            node_id text COLLATE "C" PRIMARY KEY,
            incarnation bigint NOT NULL,
            renewals bigint NOT NULL DEFAULT 0,
            is_dead boolean NOT NULL DEFAULT false,
            is_draining boolean NOT NULL DEFAULT false,
            takers text[] NOT NULL,
            public_address text NOT NULL,
            internal_address text NOT NULL,
            renewed_at timestamptz NOT NULL DEFAULT clock_timestamp()
        ) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
        """

    /// A row changes only when its map changes hands, so saves may lock rows all the time.
    private static let maps = """
        CREATE TABLE maps (
            map_id bigint PRIMARY KEY,
            epoch bigint NOT NULL DEFAULT 0,
            node_id text COLLATE "C",
            incarnation bigint,
            cost double precision NOT NULL DEFAULT 1,
            CHECK ((node_id IS NULL) = (incarnation IS NULL))
        )
        """

    private static let mapsByNode = "CREATE INDEX maps_by_node ON maps (node_id)"

    /// One row, whose version rises with each transaction that gives, frees or adds maps. A sequence would not do: its
    /// number could be read before the change that it stands for, which would then never be read.
    private static let mapChanges = """
        CREATE TABLE map_changes (id integer PRIMARY KEY CHECK (id = 1), version bigint NOT NULL)
        """

    /// The condition under which a node gets maps. The time is the store's, like that of the last renewal.
    private static let getsMaps = """
        NOT n.is_dead AND NOT n.is_draining AND n.renewed_at > clock_timestamp() - interval '1.5 s'
        """

    /// Gives the maps that no node has, the costliest first, each to the node that carries least, and returns how many
    /// it gave. Each statement of the function sees what was committed before that statement.
    ///
    /// The nodes are a heap: the one that carries least is the first, and each one carries no more than the two at
    /// twice its place. Among equals the next one comes first. So n maps for m nodes take n · log m steps, and no lock
    /// of a node is held meanwhile.
    ///
    /// Then the nodes that get maps are locked, and looked at again: after that nothing can end their memberships until
    /// the maps are theirs. A map whose row is locked by a save that comes late is left to the next call, so that no
    /// node's renewal waits for that save.
    private static let place = """
        CREATE FUNCTION place_maps() RETURNS integer LANGUAGE plpgsql AS $$
        DECLARE
            free_maps bigint[];
            costs double precision[];
            names text[];
            loads double precision[];
            receivers text[];
            receiver text;
            load double precision;
            hole integer;
            child integer;
            given integer;
        BEGIN
            IF NOT pg_try_advisory_xact_lock(\(PostgresSchema.key(PostgresSchema.placeLock))) THEN RETURN 0; END IF;
            SELECT array_agg(m.map_id ORDER BY m.cost DESC, m.map_id), array_agg(m.cost ORDER BY m.cost DESC, m.map_id)
                INTO free_maps, costs FROM maps AS m WHERE m.node_id IS NULL;
            IF free_maps IS NULL THEN RETURN 0; END IF;
            SELECT array_agg(l.node_id ORDER BY l.load, l.node_id), array_agg(l.load ORDER BY l.load, l.node_id)
                INTO names, loads FROM (
                    SELECT n.node_id, coalesce(sum(m.cost), 0) AS load FROM nodes AS n LEFT JOIN maps AS m USING (node_id)
                    WHERE \(getsMaps) GROUP BY n.node_id
                ) AS l;
            IF names IS NULL THEN RETURN 0; END IF;
            FOR i IN 1 .. cardinality(free_maps) LOOP
                receiver := names[1];
                receivers[i] := receiver;
                load := loads[1] + costs[i];
                hole := 1;
                LOOP
                    child := 2 * hole;
                    EXIT WHEN child > cardinality(loads);
                    IF child < cardinality(loads) AND loads[child + 1] < loads[child] THEN child := child + 1; END IF;
                    EXIT WHEN load < loads[child];
                    names[hole] := names[child];
                    loads[hole] := loads[child];
                    hole := child;
                END LOOP;
                names[hole] := receiver;
                loads[hole] := load;
            END LOOP;
            PERFORM FROM nodes AS n WHERE n.node_id = ANY (receivers) ORDER BY n.node_id FOR SHARE;
            WITH unlocked AS MATERIALIZED (
                SELECT m.map_id FROM maps AS m WHERE m.map_id = ANY (free_maps) AND m.node_id IS NULL
                FOR NO KEY UPDATE SKIP LOCKED
            ), placed AS (
                UPDATE maps AS m SET node_id = n.node_id, incarnation = n.incarnation, epoch = m.epoch + 1
                FROM unlocked AS u, unnest(free_maps, receivers) AS r (map_id, node_id), nodes AS n
                WHERE m.map_id = u.map_id AND r.map_id = u.map_id AND n.node_id = r.node_id AND \(getsMaps)
                RETURNING m.map_id
            )
            SELECT count(*) INTO given FROM placed;
            IF given > 0 THEN UPDATE map_changes SET version = version + 1; END IF;
            RETURN given;
        END
        $$
        """
}
