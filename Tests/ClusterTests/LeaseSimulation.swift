import World

@testable import Cluster

/// Nodes, a store and the lines between them, with faults by chance, in steps of 25 ms.
///
/// A statement may come to the store late, even after its sender has given it up, and its answer may get lost.
struct LeaseSimulation {
    private struct Flight {
        var id: Int
        var node: Int
        var process: Int
        var call: LeaseCall
        /// `nil` when it has been executed.
        var executesAt: Int?
        /// `nil` when the answer is lost.
        var answersAt: Int?
        var reply: LeaseReply?
    }

    private struct Message {
        var from: Int
        var to: Int
        var arrivesAt: Int
        var askedAt: Int
        var incarnation: Int
        /// `nil` for a question.
        var answer: LeaseAnswer?
        var process: Int
    }

    private static let step = 25
    private static let deadline = 1_000
    private static let mapCount = 3
    private static let faultsUntil = 9_000

    private let mutant: LeaseMutant?
    private var times = LeaseTimes()
    private var random: SeededGenerator
    private var store: LeaseStoreModel
    private let nodes: [LeaseNodeModel]
    private var flights: [Flight] = []
    private var messages: [Message] = []
    private var lastID = 0
    private var now = 0
    private var nextFault = 1_000
    private var isMended = false
    /// How many of 100 calls to the store, and of 100 messages, have trouble without a fault.
    private let badCalls: Int
    private let lostMessages: Int
    /// What happened, for a test that fails.
    private(set) var trace: [String] = []

    init(seed: UInt64, mutant: LeaseMutant? = nil) {
        self.mutant = mutant
        random = SeededGenerator(seed: seed)
        (badCalls, lostMessages) = ([1, 3, 10][Int(seed % 3)], [0, 20][Int(seed / 3 % 2)])
        if mutant == .runsTooLong { times.run = .milliseconds(4_500) }
        if mutant == .promisesTooMuch { times.promise = .seconds(6) }
        let names = ["a", "b", "c"].compactMap { NodeName($0) }
        store = LeaseStoreModel(names: names, maps: Self.mapCount, mutant: mutant)
        nodes = names.map { [times] in LeaseNodeModel(name: $0, times: times) }
        for node in nodes.indices { nodes[node].start(times: times, now: 0) }
    }

    /// Goes on to a time.
    ///
    /// - Returns: Whether no map ran on two nodes meanwhile.
    mutating func run(until end: Int) -> Bool {
        while now < end {
            now += Self.step
            if now >= nextFault, now < Self.faultsUntil { makeFault() }
            if !flights.isEmpty { fly() }
            if !messages.isEmpty { deliver() }
            for node in nodes.indices where nodes[node].isAwake(now) { act(node) }
            for map in 0..<Self.mapCount where isTwice(map) {
                note(
                    "map \(map) runs on two nodes: \(nodes.filter { $0.runs(map, now) }.map { "\($0.name) \($0.maps)" })"
                )
                return false
            }
        }
        return true
    }

    private func isTwice(_ map: Int) -> Bool {
        var isRun = false
        for node in nodes where node.runs(map, now) {
            if isRun { return true }
            isRun = true
        }
        return false
    }

    /// Whether each map runs.
    var allRun: Bool { (0..<Self.mapCount).allSatisfy { map in nodes.contains { $0.runs(map, now) } } }

    private mutating func note(_ text: String) {
        trace.append("\(now) ms: \(text)")
        if trace.count > 60 { trace.removeFirst() }
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    // MARK: - Faults

    private mutating func makeFault() {
        nextFault = now + Int.random(in: 50...1_500, using: &random)
        let end = now + Int.random(in: 300...5_000, using: &random)
        let node = Int.random(in: nodes.indices, using: &random)
        let kind = Int.random(in: 0..<12, using: &random)
        note("fault \(kind) of \(node) until \(end) ms")
        switch kind {
        case 0: nodes[node].faults.isFrozen = max(nodes[node].faults.isFrozen, end)
        case 1, 2: nodes[node].faults.losesStore = end
        case 3: nodes[node].faults.losesPeers = end
        case 4, 5: nodes[node].faults.hasSlowStore = end
        case 6, 7:
            for other in nodes.indices { nodes[other].faults.losesStore = end }
            if chance(50) { nodes[node].faults.losesStore = now }
        case 8, 9:
            for other in nodes.indices { nodes[other].faults.hasSlowStore = end }
            if chance(50) { nodes[node].faults.losesStore = end }
        default: if nodes[node].isUp { nodes[node].kill() } else { nodes[node].start(times: times, now: now) }
        }
    }

    /// Lets everything work again.
    mutating func mend() {
        isMended = true
        for node in nodes.indices {
            nodes[node].faults = .init()
            if !nodes[node].isUp { nodes[node].start(times: times, now: now) }
        }
    }

    // MARK: - The line to the store

    private mutating func send(_ call: LeaseCall, from node: Int) {
        lastID += 1
        nodes[node].pending = .init(id: lastID, sentAt: now, call: call)
        let slow = nodes[node].faults.hasSlowStore > now
        var executesAt: Int? = now + (slow ? Int.random(in: 0...900, using: &random) : 5)
        var answersAt = executesAt.map { $0 + (slow ? Int.random(in: 0...400, using: &random) : 5) }
        if nodes[node].faults.losesStore > now || !isMended && chance(badCalls) {
            // The statement is lost, or only its answer, or it comes when the line is back.
            answersAt = nil
            switch Int.random(in: 0..<4, using: &random) {
            case 0: break
            case 1, 2: executesAt = now + Int.random(in: 500...5_000, using: &random)
            default: executesAt = nil
            }
        }
        guard let executesAt else { return }
        flights.append(
            Flight(
                id: lastID, node: node, process: nodes[node].process, call: call, executesAt: executesAt,
                answersAt: answersAt))
    }

    private mutating func fly() {
        for index in flights.indices {
            if let time = flights[index].executesAt, time <= now {
                flights[index].reply = execute(flights[index])
                flights[index].executesAt = nil
            }
            guard flights[index].executesAt == nil, let time = flights[index].answersAt, time <= now else { continue }
            let flight = flights[index]
            let node = nodes[flight.node]
            guard node.isAwake(now) || node.process != flight.process else { continue }
            flights[index].answersAt = nil
            guard node.isUp, node.process == flight.process, let pending = node.pending, pending.id == flight.id else {
                continue
            }
            nodes[flight.node].pending = nil
            take(flight.reply, pending, flight.node)
        }
        flights.removeAll { $0.executesAt == nil && $0.answersAt == nil }
    }

    private mutating func execute(_ flight: Flight) -> LeaseReply? {
        let node = flight.node
        switch flight.call {
        case .read: return .read(incarnation: store.rows[node].incarnation)
        case .join(let seen):
            guard let incarnation = store.join(node, seen: seen, now: now) else { return nil }
            return .joined(incarnation: incarnation, takers: store.rows[node].takers)
        case .renew(let sign, let takers):
            guard store.renew(node, sign, takers: takers, now: now) else { return nil }
            return .renewed(
                seen: store.seen, owned: store.owned(by: node, sign.incarnation),
                isAnyMapFree: store.maps.contains { $0.owner == nil })
        case .evict(let eviction, let incarnation):
            guard let victim = store.names.firstIndex(of: eviction.node) else { return nil }
            store.evict(victim, eviction.sign, by: node, in: incarnation)
            note("\(nodes[node].name) evicts \(eviction.node): \(store.rows[victim].isDead)")
            return .evicted
        case .place:
            store.place(now: now)
            return .done
        }
    }

    // MARK: - A node

    private mutating func take(_ reply: LeaseReply?, _ pending: LeaseNodeModel.Pending, _ node: Int) {
        let sentAt = Duration.milliseconds(mutant == .countsFromAnswer ? now : pending.sentAt)
        switch (pending.call, reply) {
        case (.read, .read(let incarnation)): nodes[node].backlog.append(.join(seen: incarnation))
        case (.join, .joined(let incarnation, let takers)):
            nodes[node].incarnation = incarnation
            nodes[node].rule.renewed(takers: takers, sentAt: sentAt)
        case (.renew(_, let takers), .renewed(let seen, let owned, let isAnyMapFree)):
            nodes[node].rule.renewed(takers: takers, sentAt: sentAt)
            nodes[node].maps = owned
            look(seen, node)
            if isAnyMapFree { nodes[node].backlog.append(.place) }
        case (.renew, _):
            note("\(nodes[node].name) is no member any more")
            nodes[node].leave()
        case (.evict(let eviction, _), _): nodes[node].watch.answered(eviction)
        default: break
        }
    }

    private mutating func look(_ seen: [LeaseWatch.Seen], _ node: Int) {
        for eviction in nodes[node].watch.look(at: seen, now: .milliseconds(now)) {
            guard let incarnation = nodes[node].incarnation else { return }
            nodes[node].backlog.append(.evict(eviction, in: incarnation))
        }
    }

    private mutating func act(_ node: Int) {
        if let pending = nodes[node].pending, now > pending.sentAt + Self.deadline {
            nodes[node].pending = nil
            nodes[node].backlog = []
            nodes[node].watch.storeLost()
        }
        if nodes[node].pending == nil { call(node) }
        guard now >= nodes[node].nextQuestion, let incarnation = nodes[node].incarnation else { return }
        nodes[node].nextQuestion = now + 100
        for other in nodes[node].rule.toAsk(at: .milliseconds(now)) {
            guard let to = store.names.firstIndex(of: other) else { continue }
            say(nil, from: node, to: to, askedAt: now, incarnation)
        }
    }

    private mutating func call(_ node: Int) {
        if let next = nodes[node].backlog.first {
            nodes[node].backlog.removeFirst()
            return send(next, from: node)
        }
        guard now >= nodes[node].nextCall else { return }
        nodes[node].nextCall = now + 250
        guard let incarnation = nodes[node].incarnation else { return send(.read, from: node) }
        let takers = nodes[node].watch.living
        nodes[node].rule.willRenew(takers: takers)
        nodes[node].renewal += 1
        send(.renew(LeaseSign(incarnation: incarnation, renewal: nodes[node].renewal), takers: takers), from: node)
    }

    // MARK: - The lines between nodes

    private mutating func say(_ answer: LeaseAnswer?, from: Int, to: Int, askedAt: Int, _ incarnation: Int) {
        guard nodes[from].faults.losesPeers <= now, nodes[to].faults.losesPeers <= now,
            isMended || !chance(lostMessages)
        else { return }
        messages.append(
            Message(
                from: from, to: to, arrivesAt: now + (chance(20) ? Int.random(in: 0...800, using: &random) : 2),
                askedAt: askedAt, incarnation: incarnation, answer: answer, process: nodes[to].process))
    }

    private mutating func deliver() {
        let arrived = messages.filter { $0.arrivesAt <= now && nodes[$0.to].isAwake(now) }
        messages.removeAll { $0.arrivesAt <= now && (nodes[$0.to].isAwake(now) || !nodes[$0.to].isUp) }
        for message in arrived where nodes[message.to].process == message.process {
            if let answer = message.answer {
                hear(answer, message)
            } else {
                let hasLostStore = nodes[message.to].rule.hasLostStore(at: .milliseconds(now))
                let answer = nodes[message.to].watch.answer(
                    to: nodes[message.from].name, incarnation: message.incarnation, hasLostStore: hasLostStore)
                say(answer, from: message.to, to: message.from, askedAt: message.askedAt, message.incarnation)
            }
        }
    }

    private mutating func hear(_ answer: LeaseAnswer, _ message: Message) {
        let (askedAt, time) = (Duration.milliseconds(message.askedAt), Duration.milliseconds(now))
        var from: Set = [nodes[message.from].name]
        if mutant == .asksOne { from = Set(store.names) }
        for name in from { nodes[message.to].rule.hear(answer, from: name, askedAt: askedAt, now: time) }
    }
}
