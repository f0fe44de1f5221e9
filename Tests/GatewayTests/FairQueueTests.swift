import Dispatch
import Synchronization
import Testing

@testable import Gateway

/// A queue of names that a test fills and empties.
private struct Line {
    var queue = FairQueue<String>()

    /// Adds elements named `address.login.number`.
    @discardableResult
    mutating func add(_ address: String, _ login: String, count: Int = 1, bound: Int = 64) -> [String] {
        (0..<count).compactMap { number in
            queue.insert("\(address).\(login).\(number)", for: .init(address: address, login: login), bound: bound)
        }
    }

    mutating func all() -> [String] {
        var found: [String] = []
        while let next = queue.next() { found.append(next) }
        return found
    }
}

/// The events of a test, in order.
private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("Logins wait for their password's check in fair turns (checklist 1)") struct FairQueueTests {
    @Test("a login from an address without other logins waits for one login of a flood, not for all")
    func addresses() {
        var line = Line()
        line.add("flood", "bot", count: 4)
        line.add("home", "ann")
        #expect(line.all() == ["flood.bot.0", "home.ann.0", "flood.bot.1", "flood.bot.2", "flood.bot.3"])
        #expect(line.queue.count == 0)
    }

    @Test("within one address the names take turns")
    func logins() {
        var line = Line()
        line.add("school", "bot", count: 3)
        line.add("school", "ann")
        line.add("school", "bob", count: 2)
        #expect(
            line.all() == [
                "school.bot.0", "school.ann.0", "school.bob.0", "school.bot.1", "school.bob.1", "school.bot.2",
            ])
    }

    @Test("a login from another address displaces, in a full queue, the newest one of the address with most")
    func full() {
        var line = Line()
        #expect(line.add("flood", "bot", count: 4, bound: 4) == [])
        #expect(line.add("flood", "bot", bound: 4) == ["flood.bot.0"], "a flood finds no place for more")
        #expect(line.add("home", "ann", bound: 4) == ["flood.bot.3"])
        #expect(line.add("other", "bob", bound: 4) == ["flood.bot.2"])
        #expect(line.add("third", "cid", bound: 4) == ["flood.bot.1"])
        #expect(line.add("fourth", "dan", bound: 4) == ["fourth.dan.0"], "now all have one each")
        #expect(!line.queue.hasPlace(for: .init(address: "fourth", login: "dan"), bound: 4))
        #expect(line.queue.hasPlace(for: .init(address: "fourth", login: "dan"), bound: 5))
        #expect(line.all() == ["flood.bot.0", "home.ann.0", "other.bob.0", "third.cid.0"])
    }

    @Test("when one address fills the queue its names share the places in the same way")
    func fullOfOneAddress() {
        var line = Line()
        line.add("school", "bot", count: 4, bound: 4)
        #expect(line.add("school", "ann", bound: 4) == ["school.bot.3"])
        #expect(line.add("school", "ann", bound: 4) == ["school.bot.2"])
        #expect(line.add("school", "ann", bound: 4) == ["school.ann.0"])
    }

    @Test("with a bound of 0 no login waits")
    func noRoom() {
        var line = Line()
        #expect(line.add("home", "ann", bound: 0) == ["home.ann.0"])
        #expect(line.queue.next() == nil)
    }

    @Test("a hasher works in turns, and refuses logins that are displaced or still wait when it ends")
    func hasher() async throws {
        let hasher = PasswordHasher(cost: .minimal, threads: 1, maxWaiting: 4)
        let journal = Journal()
        let (held, began) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let ask = { @Sendable (address: String, name: String, work: @escaping @Sendable () -> Void) in
            Task {
                do {
                    try await hasher.run(for: .init(address: address, login: "x")) {
                        work()
                        journal.add(name)
                    }
                } catch {
                    journal.add("no \(name)")
                }
            }
        }
        var tasks = [
            ask("flood", "first") {
                began.signal()
                held.wait()
            }
        ]
        while began.wait(timeout: .now()) == .timedOut { await Task.yield() }
        for number in 1...3 {
            tasks.append(ask("flood", "flood \(number)") {})
            while hasher.waitingCount < number { await Task.yield() }
        }
        tasks.append(ask("home", "home") {})
        while journal.all.isEmpty { await Task.yield() }
        held.signal()
        for task in tasks { await task.value }
        #expect(journal.all == ["no flood 3", "first", "flood 1", "home", "flood 2"])
        await hasher.shutdown()
        await #expect(throws: PasswordHasher.Busy.self) {
            try await hasher.hash("x", for: .init(address: "a", login: "a"))
        }
    }
}
