/// A bounded queue that serves addresses in turns, and the names of one address in turns.
///
/// However much one address asks for, another one waits for a single element of it. When the queue is full, the newest
/// element of the address that has the most gives way to an address that has less; within one address the same holds
/// for names.
struct FairQueue<Element> {
    /// Whose element it is.
    struct Share: Hashable, Sendable {
        var address: String
        var login: String
    }

    /// Lists of elements by key, of which each gives one in its turn.
    private struct Turns<Key: Hashable, Line> {
        private(set) var lines: [Key: Line] = [:]
        private var order: [Key] = []

        subscript(key: Key) -> Line? { lines[key] }

        mutating func update(_ key: Key, _ new: Line, _ change: (inout Line) -> Void) {
            if lines[key] == nil { order.append(key) }
            change(&lines[key, default: new])
        }

        /// Removes an element from a line, and the line when nothing is left in it.
        mutating func removeElement<Result>(of key: Key, _ body: (inout Line) -> (Result, isEmpty: Bool)?) -> Result? {
            guard var line = lines.removeValue(forKey: key) else { return nil }
            guard let (result, isEmpty) = body(&line) else { return nil }
            if isEmpty { order.removeAll { $0 == key } } else { lines[key] = line }
            return result
        }

        /// The key whose turn it is; it is the last one afterwards.
        mutating func next() -> Key? {
            guard let first = order.first else { return nil }
            order.removeFirst()
            order.append(first)
            return first
        }
    }

    private struct Address {
        var logins = Turns<String, [Element]>()
        var count = 0
    }

    private var addresses = Turns<String, Address>()
    /// How many elements wait.
    private(set) var count = 0

    /// Adds an element.
    ///
    /// - Parameters:
    ///   - element: The element.
    ///   - share: Whose it is.
    ///   - bound: How many may wait.
    /// - Returns: The element that finds no place: none, one that was there before, or this one.
    /// - Complexity: O(1), with a full queue O(addresses).
    mutating func insert(_ element: Element, for share: Share, bound: Int) -> Element? {
        var displaced: Element?
        if count >= bound {
            guard let fattest = fattest(beside: share) else { return element }
            displaced = takeNewest(of: fattest)
        }
        addresses.update(share.address, Address()) { address in
            address.logins.update(share.login, []) { $0.append(element) }
            address.count += 1
        }
        count += 1
        return displaced
    }

    /// Whether an element would find a place.
    func hasPlace(for share: Share, bound: Int) -> Bool { count < bound || fattest(beside: share) != nil }

    /// Takes the element whose turn it is.
    ///
    /// - Returns: The oldest one of its name; `nil` when none waits.
    /// - Complexity: O(names and addresses that wait).
    mutating func next() -> Element? {
        guard let key = addresses.next() else { return nil }
        count -= 1
        return addresses.removeElement(of: key) { address in
            guard let login = address.logins.next() else { return nil }
            let element = address.logins.removeElement(of: login) { line in (line.removeFirst(), line.isEmpty) }
            address.count -= 1
            return element.map { ($0, address.count == 0) }
        }
    }

    /// The share that gives way to one more element of another; `nil` when that has as much as everybody.
    private func fattest(beside share: Share) -> Share? {
        let own = addresses[share.address]
        guard let (key, most) = addresses.lines.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }),
            let (login, line) = most.logins.lines.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) })
        else { return nil }
        if let own, own.count == most.count {
            // Its own address has the most: one of its names may still have less than others.
            guard let (login, line) = own.logins.lines.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }),
                line.count > (own.logins[share.login]?.count ?? 0) + 1
            else { return nil }
            return Share(address: share.address, login: login)
        }
        guard most.count > (own?.count ?? 0) + 1, !line.isEmpty else { return nil }
        return Share(address: key, login: login)
    }

    private mutating func takeNewest(of share: Share) -> Element? {
        count -= 1
        return addresses.removeElement(of: share.address) { address in
            let element = address.logins.removeElement(of: share.login) { line in (line.removeLast(), line.isEmpty) }
            address.count -= 1
            return element.map { ($0, address.count == 0) }
        }
    }
}
