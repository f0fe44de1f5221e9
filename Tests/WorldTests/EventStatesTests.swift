import Testing

@testable import World

@Suite("The states of event groups") struct EventStatesTests {
    @Test("only groups that were used take memory, and the states of a removed entity are used again")
    func states() {
        var states = EventStates(groupCount: 50, slotCapacity: 4)
        for slot in 0..<4 { states.use(slot, 7 + slot).pointee.time = Double(slot + 1) }
        states.grow(to: 100)
        var counts = [states.stateCount]
        let times = (0..<4).map { states.reader[$0, 7 + $0].pointee.time } + [states.reader[99, 49].pointee.time]
        #expect(times == [1, 2, 3, 4, 0])
        let isUnused = states.used(3, 9) == nil
        #expect(isUnused)

        var removed: [Double] = []
        states.removeAll(slot: 1) { removed.append($0.time) }
        #expect(removed == [2])
        let isRemoved = states.used(1, 8) == nil
        #expect(isRemoved)
        let reused = states.use(99, 49).pointee.time
        #expect(reused == 0)
        counts.append(states.stateCount)

        for group in 0..<50 { states.use(50, group).pointee.time = 9 }
        counts.append(states.stateCount)
        #expect(counts == [5, 5, 55], "the empty state is one of them")
        let kept = states.reader[0, 7].pointee.time
        #expect(kept == 1)
    }
}
