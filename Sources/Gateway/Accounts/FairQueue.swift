/// A bounded queue that serves addresses in turn, and the logins of one address in turn.
///
/// However many elements one address adds, another address waits for only one of them. When the queue is full, an
/// address with fewer elements displaces the newest element of the address with the most; within one address the same
/// holds for logins.
struct FairQueue<Element> {
    /// The owner of an element.
    struct Share: Hashable, Sendable {
        var address: String
        var login: String
    }

    /// A list of elements for each key; the keys take turns.
    private struct Turns<Key: Hashable, Line> {
        private(set) var lines: [Key: Line] = [:]
        private var order: [Key] = []

        subscript(key: Key) -> Line? { lines[key] }

        mutating func update(_ key: Key, _ new: Line, _ change: (inout Line) -> Void) {
            if lines[key] == nil { order.append(key) }
            change(&lines[key, default: new])
        }

        /// Removes an element from a key's line, and removes the line when it is empty.
        mutating func removeElement<Result>(of key: Key, _ body: (inout Line) -> (Result, isEmpty: Bool)?) -> Result? {
            guard var line = lines.removeValue(forKey: key) else { return nil }
            guard let (result, isEmpty) = body(&line) else { return nil }
            if isEmpty { order.removeAll { $0 == key } } else { lines[key] = line }
            return result
        }

        /// Returns the key whose turn it is, and moves it to the end of the order.
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
    ///   - share: The owner of the element.
    ///   - bound: The most elements that may wait.
    /// - Returns: The displaced element: `nil`, an earlier element, or `element` itself.
    /// - Complexity: O(1); with a full queue O(addresses + logins of one address).
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

    /// Removes and returns the element whose turn it is.
    ///
    /// - Returns: The oldest element of that login; `nil` when the queue is empty.
    /// - Complexity: O(addresses + logins of one address + elements of one login) that wait.
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

    /// The owner whose newest element gives way to an element of `share`; `nil` when `share` already has its fair part.
    private func fattest(beside share: Share) -> Share? {
        let own = addresses[share.address]
        guard let (key, most) = addresses.lines.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) }),
            let (login, line) = most.logins.lines.max(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) })
        else { return nil }
        if let own, own.count == most.count {
            // The address of `share` has the most elements; one of its other logins may still give way.
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
