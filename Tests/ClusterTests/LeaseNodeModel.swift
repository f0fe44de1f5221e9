import Storage

@testable import Cluster

/// A node of a simulation: its process, what is wrong with it, and the call that it waits for. It does with its member
/// what a ``ClusterNode`` does. Times are in milliseconds. It is used by one simulation.
final class LeaseNodeModel {
    /// Until when something is wrong.
    struct Faults {
        var isFrozen = 0
        var losesStore = 0
        var hasSlowStore = 0
        var losesPeers = 0
    }

    let description: NodeDescription
    private let times: LeaseTimes
    /// Counts the starts; answers to an earlier process are lost.
    private(set) var process = 0
    private(set) var isUp = false
    var faults = Faults()
    /// What is tested.
    private var member: LeaseMember
    /// The call that is under way.
    private(set) var pending: LeaseRequest?
    private var runsUntil: Duration?
    private var asksAt = Duration.zero
    /// The maps that the process has opened, and their epochs: it does what the member's events say.
    private(set) var maps: [Int: Int] = [:]

    var name: NodeName { description.name }

    init(name: NodeName, times: LeaseTimes) {
        description = NodeDescription(name: name, publicAddress: "", internalAddress: "\(name)")
        self.times = times
        member = LeaseMember(node: description, times: times)
    }

    func start() {
        process += 1
        isUp = true
        faults.isFrozen = 0
        member = LeaseMember(node: description, times: times)
        (pending, maps, runsUntil, asksAt) = (nil, [:], nil, .zero)
    }

    func kill() {
        isUp = false
        maps = [:]
    }

    /// Whether the process has ended by itself.
    var hasEnded: Bool { member.end != nil }

    /// - Returns: The call that is to be sent now.
    func nextRequest(at now: Duration) -> LeaseRequest? {
        guard pending == nil, let request = member.nextRequest(at: now) else { return nil }
        pending = request
        runsUntil = member.runsUntil
        return request
    }

    /// - Returns: Whether the node is no member any more.
    func take(_ reply: LeaseReply, to request: LeaseRequest, at now: Duration) -> Bool {
        if pending?.number == request.number { pending = nil }
        return apply(member.take(reply, to: request, at: now))
    }

    /// Gives up the call that is under way.
    func giveUp(_ error: StorageError) {
        guard let request = pending else { return }
        pending = nil
        _ = apply(member.fail(request, error))
    }

    func questions(at now: Duration) -> [LeaseQuestion] {
        guard now >= asksAt else { return [] }
        let questions = member.questions(at: now)
        asksAt = member.asksAt(after: now)
        return questions
    }

    func answer(_ question: LeaseQuestion, at now: Duration) -> LeaseAnswer { member.answer(question, at: now) }

    func hear(_ answer: LeaseAnswer, to question: LeaseQuestion, askedAt: Duration, at now: Duration) {
        member.hear(answer, to: question, askedAt: askedAt, at: now)
        runsUntil = member.runsUntil
    }

    /// - Returns: Whether the node is no member any more.
    private func apply(_ events: [ClusterEvent]) -> Bool {
        runsUntil = member.runsUntil
        var isLost = false
        for event in events {
            switch event {
            case .open(let lease): maps[lease.mapID] = lease.epoch
            case .drop(let lease): if maps[lease.mapID] == lease.epoch { maps[lease.mapID] = nil }
            case .lost: isLost = true
            case .joined, .storeLost, .storeFound: break
            }
        }
        return isLost
    }

    /// Whether the process runs now.
    func isAwake(_ now: Int) -> Bool { isUp && faults.isFrozen <= now }

    /// Whether the node runs the maps that it has opened.
    func runs(at now: Duration) -> Bool {
        guard let runsUntil else { return false }
        return now < runsUntil
    }
}
