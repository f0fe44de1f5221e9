/// One entry of the maps' logs, in answers.
package struct LogEntry: Codable, Sendable, Equatable {
    /// What an entry is.
    package enum Level: String, Codable, Sendable, CaseIterable {
        /// An error.
        case error
        /// What a trigger returned [M8.6].
        case result
        /// What a script printed.
        case print
        /// What the server tells, such as a reload.
        case server
    }

    /// Ascending in one run of the server, from 1, over all maps.
    package var number: UInt64 = 0
    /// The map.
    package var map: Int
    /// Unix time in seconds.
    package var time: Double
    /// The number of the tick.
    package var tick: UInt64
    /// What it is.
    package var level: Level
    /// For errors: `runtime`, `time_limit`, `syntax` …
    package var kind: String?
    /// The script's file; `nil` when no script caused it.
    package var script: String?
    /// The line in the script, from 1.
    package var line: Int?
    /// The key of the entity for which the script ran.
    package var entity: String?
    /// The line, or the message of the error.
    package var text: String
    /// The calls that led there, a line each.
    package var traceback: String?

    /// Makes an entry.
    package init(
        map: Int, time: Double, tick: UInt64, level: Level, kind: String? = nil, script: String? = nil,
        line: Int? = nil, entity: String? = nil, text: String, traceback: String? = nil
    ) {
        self.map = map
        self.time = time
        self.tick = tick
        self.level = level
        self.kind = kind
        self.script = script
        self.line = line
        self.entity = entity
        self.text = text
        self.traceback = traceback
    }

    /// About how much memory it takes, in bytes.
    package var weight: Int {
        200 + text.utf8.count + (traceback?.utf8.count ?? 0) + (script?.utf8.count ?? 0) + (entity?.utf8.count ?? 0)
    }
}

/// Errors with one cause: the same script, line, kind and message, apart from numbers and entities in the message.
package struct ErrorGroup: Codable, Sendable, Equatable {
    /// What happened on one map.
    package struct Place: Codable, Sendable, Equatable {
        /// The map.
        package var map: Int
        /// How often it happened there.
        package var count = 0
        /// When it last happened there, Unix time in seconds.
        package var lastSeen: Double
        /// The version of the group's script then; `nil` when it is not known.
        package var version: String?
        /// The script that ran then; `nil` when none ran, such as while a file was loaded.
        package var ran: String?

        /// Makes the first occurrence on a map.
        package init(map: Int, count: Int = 1, lastSeen: Double, version: String?, ran: String?) {
            self.map = map
            self.count = count
            self.lastSeen = lastSeen
            self.version = version
            self.ran = ran
        }
    }

    /// Names it in requests; the same after a restart.
    package var id: String
    /// `runtime`, `time_limit`, `syntax` …
    package var kind: String
    /// The script's file.
    package var script: String?
    /// The line in it, from 1.
    package var line: Int?
    /// The latest message.
    package var message: String
    /// The latest calls that led there, a line each.
    package var traceback: String?
    /// How often it happened.
    package var count: Int
    /// When it first happened, Unix time in seconds.
    package var firstSeen: Double
    /// When it last happened, Unix time in seconds.
    package var lastSeen: Double
    /// Entities for which it happened: the first few.
    package var entities: [String]
    /// Whether it happened for further entities.
    package var hasMoreEntities: Bool
    /// The maps on which it happened, by ascending number: the first few.
    package var maps: [Place]
    /// Since when newer versions run without it, Unix time in seconds; `nil` while it is not mended.
    package var mended: Double?

    /// Makes a group of one error.
    package init(
        id: String, kind: String, script: String?, line: Int?, message: String, traceback: String?, count: Int = 1,
        firstSeen: Double, lastSeen: Double, entities: [String] = [], hasMoreEntities: Bool = false, maps: [Place] = [],
        mended: Double? = nil
    ) {
        self.id = id
        self.kind = kind
        self.script = script
        self.line = line
        self.message = message
        self.traceback = traceback
        self.count = count
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.entities = entities
        self.hasMoreEntities = hasMoreEntities
        self.maps = maps
        self.mended = mended
    }
}

/// The answer of ``Endpoint/listErrors``.
package struct ErrorGroupsAnswer: Codable, Sendable, Equatable {
    /// Differs after each change of the groups.
    package var version: String
    /// The groups, the latest first.
    package var groups: [ErrorGroup]

    /// Makes an answer.
    package init(version: String, groups: [ErrorGroup]) {
        self.version = version
        self.groups = groups
    }
}
