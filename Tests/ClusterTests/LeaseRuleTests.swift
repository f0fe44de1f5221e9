import Testing

@testable import Cluster

@Suite("Whether a node may run its maps, and whom it evicts") struct LeaseRuleTests {
    private let a = ClusterGame.name("a")
    private let b = ClusterGame.name("b")
    private let c = ClusterGame.name("c")

    /// A node that renewed last at 10 s, with `takers` in its list.
    private func rule(_ takers: Set<NodeName>) -> LeaseRule {
        var rule = LeaseRule(times: LeaseTimes())
        rule.willRenew(takers: takers)
        rule.renewed(takers: takers, sentAt: .seconds(10))
        return rule
    }

    private func seen(_ name: NodeName, renewal: Int, takers: Set<NodeName>) -> LeaseWatch.Seen {
        LeaseWatch.Seen(
            name: name, sign: LeaseSign(incarnation: 1, renewal: renewal), isDead: false, takers: takers)
    }

    @Test("the usual times are safe; a run or a promise as long as the watch is not, nor is no time to ask")
    func times() {
        #expect(LeaseTimes().areSafe)
        for change: (inout LeaseTimes) -> Void in [
            { $0.run = $0.watch }, { $0.promise = $0.watch }, { $0.patience = $0.run - $0.renew }, { $0.renew = .zero },
            { $0.ask = .zero },
        ] {
            var times = LeaseTimes()
            change(&times)
            #expect(!times.areSafe)
        }
    }

    @Test(
        "names are labels of the domain name system",
        arguments: [
            ("n1", true), ("perigee-0", true), (String(repeating: "x", count: 63), true), ("", false), ("-a", false),
            ("a-", false), ("a b", false), ("a.b", false), ("ä", false), (String(repeating: "x", count: 64), false),
        ])
    func names(_ text: String, _ isName: Bool) { #expect((NodeName(text) != nil) == isName) }

    @Test("maps run for 1.2 s after a renewal was sent, and not at all without one")
    func run() {
        #expect(!LeaseRule(times: LeaseTimes()).mayRun(at: .zero))
        var rule = rule([b])
        #expect(rule.mayRun(at: .milliseconds(11_199)) && !rule.mayRun(at: .milliseconds(11_200)))
        rule.renewed(takers: [b], sentAt: .seconds(12))
        #expect(rule.mayRun(at: .milliseconds(13_199)))
        rule.left()
        #expect(!rule.mayRun(at: .seconds(12)))
    }

    @Test("the time that is published to maps is that of the rule")
    func runsUntil() {
        #expect(LeaseRule(times: LeaseTimes()).runsUntil == nil)
        var rule = rule([b, c])
        #expect(rule.runsUntil == .milliseconds(11_200))
        rule.hear(.unreachable, from: b, askedAt: .seconds(11), now: .seconds(11))
        rule.hear(.reachable, from: c, askedAt: .seconds(11), now: .seconds(11))
        #expect(rule.runsUntil == .milliseconds(10_600))
        rule.hear(.unreachable, from: c, askedAt: .milliseconds(11_500), now: .milliseconds(11_500))
        #expect(rule.runsUntil == .seconds(12))
    }

    @Test("a node alone runs on without the store")
    func alone() { #expect(rule([]).mayRun(at: .seconds(100))) }

    @Test("without the store all takers must say that they don't reach it either; each word holds for 1 s")
    func unanimity() {
        var rule = rule([b, c])
        #expect(rule.toAsk(at: .milliseconds(10_599)).isEmpty && rule.toAsk(at: .milliseconds(10_600)) == [b, c])
        rule.hear(.unreachable, from: b, askedAt: .seconds(11), now: .seconds(11))
        #expect(!rule.mayRun(at: .milliseconds(11_500)), "c has not answered")
        rule.hear(.unreachable, from: c, askedAt: .milliseconds(10_900), now: .milliseconds(11_500))
        #expect(rule.mayRun(at: .milliseconds(11_899)) && !rule.mayRun(at: .milliseconds(11_900)))
    }

    @Test("a node that answers otherwise has taken its promise back", arguments: [LeaseAnswer.reachable, .doubtful])
    func takenBack(_ answer: LeaseAnswer) {
        var rule = rule([b])
        rule.hear(.unreachable, from: b, askedAt: .seconds(11), now: .seconds(11))
        #expect(rule.mayRun(at: .milliseconds(11_500)))
        rule.hear(answer, from: b, askedAt: .milliseconds(11_400), now: .milliseconds(11_500))
        #expect(!rule.mayRun(at: .milliseconds(11_500)))
    }

    @Test("a node that hears that others reach the store pauses at once, until it has renewed")
    func cutOff() {
        var rule = rule([b, c])
        rule.hear(.reachable, from: b, askedAt: .milliseconds(10_100), now: .milliseconds(10_500))
        #expect(rule.mayRun(at: .milliseconds(10_700)), "it was not late yet")
        rule.hear(.reachable, from: b, askedAt: .milliseconds(10_700), now: .milliseconds(10_700))
        #expect(!rule.mayRun(at: .milliseconds(10_700)))
        rule.renewed(takers: [b, c], sentAt: .milliseconds(10_750))
        #expect(rule.mayRun(at: .milliseconds(11_900)))
    }

    @Test("until a renewal is acknowledged, the takers of all former lists count")
    func takers() {
        var rule = rule([b])
        rule.willRenew(takers: [c])
        rule.hear(.unreachable, from: c, askedAt: .seconds(11), now: .seconds(11))
        #expect(!rule.mayRun(at: .milliseconds(11_500)))
        rule.hear(.unreachable, from: b, askedAt: .seconds(11), now: .seconds(11))
        #expect(rule.mayRun(at: .milliseconds(11_500)))
        rule.renewed(takers: [c], sentAt: .milliseconds(11_200))
        #expect(rule.toAsk(at: .seconds(12)) == [c])
    }

    @Test("a node that has been silent for more than 3 s is evicted by its takers")
    func watch() {
        var (taker, stranger) = (LeaseWatch(me: a, times: LeaseTimes()), LeaseWatch(me: c, times: LeaseTimes()))
        let silent = [seen(b, renewal: 7, takers: [a])]
        for (milliseconds, isDue) in [(0, false), (2_000, false), (3_000, false), (3_001, true)] {
            let now = Duration.milliseconds(milliseconds)
            let eviction = LeaseWatch.Eviction(node: b, sign: LeaseSign(incarnation: 1, renewal: 7))
            #expect(taker.look(at: silent, now: now) == (isDue ? [eviction] : []))
            #expect(stranger.look(at: silent, now: now).isEmpty)
        }
        #expect(taker.look(at: [seen(b, renewal: 8, takers: [a])], now: .seconds(4)).isEmpty)
    }

    @Test("who has lost the store watches anew: a node that came back a moment later is not evicted")
    func watchesAnew() {
        var watch = LeaseWatch(me: a, times: LeaseTimes())
        let silent = [seen(b, renewal: 7, takers: [a])]
        #expect(watch.look(at: silent, now: .zero).isEmpty)
        watch.storeLost()
        #expect(watch.look(at: silent, now: .seconds(10)).isEmpty)
        #expect(watch.look(at: silent, now: .milliseconds(13_001)).count == 1)
    }

    @Test("who gives a promise watches anew, so the promise is over before an eviction")
    func promise() {
        var watch = LeaseWatch(me: a, times: LeaseTimes())
        let silent = [seen(b, renewal: 7, takers: [a])]
        #expect(watch.look(at: silent, now: .zero).isEmpty)
        #expect(watch.answer(to: b, incarnation: 1, hasLostStore: false) == .reachable)
        #expect(watch.answer(to: b, incarnation: 1, hasLostStore: true) == .unreachable)
        #expect(watch.look(at: silent, now: .milliseconds(3_500)).isEmpty)
        #expect(watch.look(at: silent, now: .milliseconds(6_600)).count == 1)
    }

    @Test("no promise is given to a stranger, to an earlier start, or to one that may have been evicted")
    func doubts() {
        var watch = LeaseWatch(me: a, times: LeaseTimes())
        let silent = [seen(b, renewal: 7, takers: [a])]
        #expect(watch.answer(to: b, incarnation: 1, hasLostStore: true) == .doubtful)
        _ = watch.look(at: silent, now: .zero)
        #expect(watch.answer(to: b, incarnation: 2, hasLostStore: true) == .doubtful)
        for eviction in watch.look(at: silent, now: .seconds(4)) {
            watch.storeLost()
            #expect(watch.answer(to: b, incarnation: 1, hasLostStore: true) == .doubtful)
            // It was not answered, so it may still come to the store over the connection that was given up.
            _ = watch.look(at: silent, now: .seconds(5))
            #expect(watch.answer(to: b, incarnation: 1, hasLostStore: true) == .doubtful)
            watch.answered(eviction)
            #expect(watch.answer(to: b, incarnation: 1, hasLostStore: true) == .doubtful, "it may have happened")
            _ = watch.look(at: [seen(b, renewal: 8, takers: [a])], now: .seconds(6))
            #expect(watch.answer(to: b, incarnation: 1, hasLostStore: true) == .unreachable)
        }
    }

    @Test("the living are those that the store has, but for this node and the dead")
    func living() {
        var watch = LeaseWatch(me: a, times: LeaseTimes())
        var dead = seen(c, renewal: 1, takers: [])
        dead.isDead = true
        _ = watch.look(at: [seen(a, renewal: 1, takers: []), seen(b, renewal: 1, takers: []), dead], now: .zero)
        #expect(watch.living == [b])
    }
}
