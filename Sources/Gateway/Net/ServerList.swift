import JSONValues

/// The servers that hosts have published, each until ``lifetime`` after its last refresh [T9].
///
/// It knows no sockets and no clock. Publishing, refreshing and withdrawing cost O(1); once for each entry that expires
/// all entries are looked at. The text of a room is made again only after a change.
struct ServerList: Sendable {
    /// How long an entry stays without a refresh.
    static let lifetime = Duration.seconds(30)
    /// The most entries of one address.
    static let maxPerAddress = 16
    /// The most entries of one key.
    static let maxPerKey = 4

    /// Where an entry stands.
    struct Place: Sendable, Hashable {
        /// The key of the host.
        var key: String
        /// The port of a peer; 0 for a native server, which has a key for each entry.
        var port: Int
    }

    /// Whose entry it is.
    struct Owner: Sendable, Equatable {
        /// The room whose peers see it.
        var room: String
        /// The key of its address, for the limits.
        var addressKey: String
        /// The address of a native server, which clients get; `nil` for a peer, which has none.
        var address: String?
    }

    /// The text of a room.
    struct Page: Sendable, Equatable {
        /// `{"servers":[…]}` as UTF-8.
        var bytes: [UInt8]
        /// An entity tag made from it, in its quotes.
        var tag: String
    }

    private struct Listed {
        var entry: ServerEntry
        var owner: Owner
        var expires: Duration
    }

    private var listed: [Place: Listed] = [:]
    private var rooms: [String: Set<Place>] = [:]
    private var keys: [String: Set<Place>] = [:]
    private var addresses: [String: Int] = [:]
    /// The text of each room that was asked for since its last change.
    private var pages: [String: Page] = [:]
    /// No entry expires before this time.
    private var nextExpiry = Duration.zero
    private let emptyPage = Self.page(of: [])

    /// How many entries there are.
    mutating func count(now: Duration) -> Int {
        removeExpired(now)
        return listed.count
    }

    /// Adds an entry, or refreshes it.
    ///
    /// - Parameters:
    ///   - entry: The entry.
    ///   - place: Where it stands.
    ///   - owner: Whose it is.
    ///   - limit: The most entries of the list.
    ///   - now: The time.
    /// - Throws: ``SignalError`` with code `list_full`; then nothing changes.
    mutating func publish(
        _ entry: ServerEntry, at place: Place, of owner: Owner, limit: Int, now: Duration
    ) throws(SignalError) {
        removeExpired(now)
        let former = listed[place]
        if former == nil {
            guard listed.count < limit else {
                throw SignalError(.listFull, "the list has \(limit) entries, and takes no more", retry: 30)
            }
            guard keys[place.key]?.count ?? 0 < Self.maxPerKey else {
                throw SignalError(.listFull, "a peer may have \(Self.maxPerKey) entries; withdraw one of them first")
            }
        }
        guard
            former?.owner.addressKey == owner.addressKey
                || addresses[owner.addressKey, default: 0] < Self.maxPerAddress
        else {
            throw SignalError(
                .listFull, "this address has \(Self.maxPerAddress) entries; withdraw one of them first", retry: 30)
        }
        if let former, former.owner != owner { remove(place, former) }
        if former == nil || former?.owner != owner {
            rooms[owner.room, default: []].insert(place)
            keys[place.key, default: []].insert(place)
            addresses[owner.addressKey, default: 0] += 1
        }
        if former?.entry != entry || former?.owner != owner { pages[owner.room] = nil }
        let expires = now + Self.lifetime
        if listed.isEmpty { nextExpiry = expires }
        listed[place] = Listed(entry: entry, owner: owner, expires: expires)
    }

    /// Removes an entry.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    mutating func withdraw(_ place: Place, now: Duration) -> Bool {
        removeExpired(now)
        guard let former = listed[place] else { return false }
        remove(place, former)
        return true
    }

    /// Removes all entries of a key.
    mutating func withdrawAll(of key: String) {
        for place in keys[key] ?? [] { if let former = listed[place] { remove(place, former) } }
    }

    /// The servers of a room.
    ///
    /// - Complexity: O(1), or O(n log n) for the n entries of a room that has changed.
    mutating func page(of room: String, now: Duration) -> Page {
        removeExpired(now)
        guard let places = rooms[room] else { return emptyPage }
        if let page = pages[room] { return page }
        let servers = places.compactMap { place in listed[place].map { (place, $0) } }
            .sorted { ($0.1.entry.name, $0.0.key, $0.0.port) < ($1.1.entry.name, $1.0.key, $1.0.port) }
            .map { place, listed in listed.entry.json(key: place.key, address: listed.owner.address) }
        let page = Self.page(of: servers)
        pages[room] = page
        return page
    }

    private static func page(of servers: [JSON]) -> Page {
        let bytes = JSON.object(["servers": .array(servers)]).bytes
        return Page(bytes: bytes, tag: "\"\(hex(Sodium.hash(bytes).prefix(12)))\"")
    }

    private mutating func remove(_ place: Place, _ former: Listed) {
        listed[place] = nil
        pages[former.owner.room] = nil
        Self.take(place, from: &rooms, former.owner.room)
        Self.take(place, from: &keys, place.key)
        let count = addresses[former.owner.addressKey, default: 1] - 1
        addresses[former.owner.addressKey] = count > 0 ? count : nil
    }

    private static func take(_ place: Place, from sets: inout [String: Set<Place>], _ name: String) {
        sets[name]?.remove(place)
        if sets[name]?.isEmpty == true { sets[name] = nil }
    }

    /// Removes the entries whose time is over.
    private mutating func removeExpired(_ now: Duration) {
        guard now >= nextExpiry, !listed.isEmpty else { return }
        for (place, entry) in listed where entry.expires <= now { remove(place, entry) }
        nextExpiry = listed.values.map(\.expires).min() ?? .zero
    }
}
