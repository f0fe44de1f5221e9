import Storage
import World

@testable import Cluster

/// Nodes, a store and the lines between them, with faults by chance, in steps of 25 ms.
///
/// A statement may come to the store late, even after its sender has given it up, and its answer may get lost.
struct LeaseSimulation {
    private struct Flight {
        var node: Int
        var process: Int
        var request: LeaseRequest
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
        var askedAt: Duration
        var question: LeaseQuestion
        /// `nil` for a question.
        var answer: LeaseAnswer?
        var process: Int
    }

    private static let step = 25
    private static let deadline = Duration.seconds(1)
    private static let mapCount = 3
    private static let faultsUntil = 9_000
    private static let failure = StorageError.failed(path: "", reason: "")

    private let mutant: LeaseMutant?
    private var random: SeededGenerator
    private var store: LeaseStoreModel
    private let nodes: [LeaseNodeModel]
    private var flights: [Flight] = []
    private var messages: [Message] = []
    private var now = 0
    private var time = Duration.zero
    /// Nothing flies and no message arrives earlier.
    private var nextFlight = Int.max
    private var nextMessage = Int.max
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
        var times = LeaseTimes()
        if mutant == .runsTooLong { times.run = .milliseconds(4_500) }
        if mutant == .promisesTooMuch { times.promise = .seconds(6) }
        let names = ["a", "b", "c"].compactMap { NodeName($0) }
        nodes = names.map { [times] in LeaseNodeModel(name: $0, times: times) }
        store = LeaseStoreModel(nodes.map(\.description), maps: Self.mapCount, mutant: mutant)
        for node in nodes { node.start() }
    }

    /// Goes on to a time.
    ///
    /// - Returns: Whether no map ran on two nodes meanwhile, and no node took another one for itself.
    mutating func run(until end: Int) -> Bool {
        while now < end {
            now += Self.step
            time = .milliseconds(now)
            if now >= nextFault, now < Self.faultsUntil { makeFault() }
            if now >= nextFlight { fly() }
            if now >= nextMessage { deliver() }
            for node in nodes.indices where nodes[node].isAwake(now) {
                act(node)
                guard mutant == nil, nodes[node].hasEnded else { continue }
                note("\(nodes[node].name) ended, and each name has one process")
                return false
            }
            let runs = runs
            if runs.contains(where: { $0 > 1 }) {
                note("maps run on two nodes: \(runs), \(nodes.map { "\($0.name) \($0.maps)" })")
                return false
            }
        }
        return true
    }

    /// On how many nodes each map runs.
    private var runs: [Int] {
        var runs = Array(repeating: 0, count: Self.mapCount)
        for node in nodes where node.isAwake(now) && node.runs(at: time) {
            for map in node.maps.keys { runs[map] += 1 }
        }
        return runs
    }

    /// Whether each map runs.
    var allRun: Bool { runs.allSatisfy { $0 > 0 } }

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
        default: if nodes[node].isUp { nodes[node].kill() } else { nodes[node].start() }
        }
    }

    /// Lets everything work again.
    mutating func mend() {
        isMended = true
        for node in nodes.indices {
            nodes[node].faults = .init()
            if !nodes[node].isUp { nodes[node].start() }
        }
    }

    // MARK: - The line to the store

    private mutating func send(_ request: LeaseRequest, from node: Int) {
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
        nextFlight = min(nextFlight, executesAt)
        flights.append(
            Flight(
                node: node, process: nodes[node].process, request: request, executesAt: executesAt,
                answersAt: answersAt))
    }

    private mutating func fly() {
        for index in flights.indices {
            if let time = flights[index].executesAt, time <= now {
                flights[index].reply = execute(flights[index].request.call, of: flights[index].node)
                flights[index].executesAt = nil
            }
            guard flights[index].executesAt == nil, let time = flights[index].answersAt, time <= now else { continue }
            let flight = flights[index]
            let node = nodes[flight.node]
            guard node.isAwake(now) || node.process != flight.process else { continue }
            flights[index].answersAt = nil
            guard node.isUp, node.process == flight.process, let reply = flight.reply else { continue }
            take(reply, to: flight.request, node)
        }
        flights.removeAll { $0.executesAt == nil && $0.answersAt == nil }
        nextFlight = .max
        for flight in flights { nextFlight = min(nextFlight, flight.executesAt ?? flight.answersAt ?? .max) }
    }

    private mutating func execute(_ call: LeaseCall, of node: Int) -> LeaseReply {
        if case .evict(let eviction, _) = call { note("\(nodes[node].name) evicts \(eviction.node)") }
        return store.execute(call, of: node, now: now)
    }

    // MARK: - A node

    private mutating func take(_ reply: LeaseReply, to request: LeaseRequest, _ node: LeaseNodeModel) {
        var request = request
        if mutant == .countsFromAnswer { request.sentAt = time }
        if node.take(reply, to: request, at: time) { note("\(node.name) is no member any more") }
    }

    private mutating func act(_ index: Int) {
        let node = nodes[index]
        if let sentAt = node.pending?.sentAt, time > sentAt + Self.deadline { node.giveUp(Self.failure) }
        if let request = node.nextRequest(at: time) { send(request, from: index) }
        for question in node.questions(at: time) {
            guard let to = store.index(of: question.node) else { continue }
            say(nil, from: index, to: to, askedAt: time, question)
        }
    }

    // MARK: - The lines between nodes

    private mutating func say(_ answer: LeaseAnswer?, from: Int, to: Int, askedAt: Duration, _ question: LeaseQuestion)
    {
        guard nodes[from].faults.losesPeers <= now, nodes[to].faults.losesPeers <= now,
            isMended || !chance(lostMessages)
        else { return }
        let arrivesAt = now + (chance(20) ? Int.random(in: 0...800, using: &random) : 2)
        nextMessage = min(nextMessage, arrivesAt)
        messages.append(
            Message(
                from: from, to: to, arrivesAt: arrivesAt, askedAt: askedAt, question: question, answer: answer,
                process: nodes[to].process))
    }

    private mutating func deliver() {
        var arrived: [Message] = []
        var waiting: [Message] = []
        nextMessage = .max
        for message in messages {
            if message.arrivesAt > now {
                nextMessage = min(nextMessage, message.arrivesAt)
                waiting.append(message)
            } else if nodes[message.to].isAwake(now) {
                arrived.append(message)
            } else if nodes[message.to].isUp {
                nextMessage = now
                waiting.append(message)
            }
        }
        messages = waiting
        for message in arrived where nodes[message.to].process == message.process {
            let node = nodes[message.to]
            if let answer = message.answer {
                hear(answer, message, node)
            } else {
                let answer = node.answer(message.question, at: time)
                say(answer, from: message.to, to: message.from, askedAt: message.askedAt, message.question)
            }
        }
    }

    private func hear(_ answer: LeaseAnswer, _ message: Message, _ node: LeaseNodeModel) {
        var heard = [message.question.node]
        if mutant == .asksOne { heard = nodes.map(\.name) }
        for name in heard {
            var question = message.question
            question.node = name
            node.hear(answer, to: question, askedAt: message.askedAt, at: time)
        }
    }
}
