import Testing

@testable import Transport

@Suite("When a connection's unsent bytes are measured [1-protocol 4.4]") struct MeasuringRuleTests {
    private var rule = MeasuringRule()

    private mutating func send(_ count: Int, hasShared: Bool = false) -> MeasuringRule.Action {
        rule.noteWrite(count)
        return rule.noteFlush(hasShared: hasShared)
    }

    @Test("few bytes are not measured, more are measured a second later, and many at once")
    mutating func bySize() {
        #expect(send(SendMemory.floor - 1) == .wait)
        #expect(send(1) == .measureLater)
        #expect(send(MeasuringRule.much - SendMemory.floor - 1) == .measureLater)
        #expect(send(1) == .measure)
        rule.noteMeasurement(waiting: 0)
        #expect(send(1) == .wait)
    }

    @Test("bytes shared with other connections are measured, however few they are")
    mutating func shared() { #expect(send(1, hasShared: true) == .measureLater) }

    @Test("while many bytes wait the connection is measured once before each batch is written")
    mutating func beforeWriting() {
        #expect(!rule.isDueBeforeWrite)
        rule.noteMeasurement(waiting: MeasuringRule.much)
        #expect(rule.isDueBeforeWrite)
        rule.noteWrite(10)
        #expect(!rule.isDueBeforeWrite, "within a batch what was just written would count")
        #expect(rule.noteFlush(hasShared: false) == .wait)
        #expect(rule.isDueBeforeWrite)
        rule.noteMeasurement(waiting: MeasuringRule.much - 1)
        #expect(!rule.isDueBeforeWrite, "a client that reads stops counting")
    }
}
