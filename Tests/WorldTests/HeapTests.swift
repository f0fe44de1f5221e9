import Testing

@testable import World

@Suite("The heap of what is due, and the list of what is unsaved") struct HeapTests {
    private struct Number: HeapElement {
        var value: Int

        static func isBefore(_ left: Number, _ right: Number) -> Bool { left.value < right.value }
    }

    @Test("a heap gives its elements in their order, whatever was added, taken and removed between", arguments: 1...20)
    func order(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var heap = MinHeap<Number>()
        var expected: [Int] = []
        for _ in 0..<1000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let value = Int.random(in: 0..<50, using: &random)
                heap.push(Number(value: value))
                expected.append(value)
            case 6..<9:
                expected.sort(by: >)
                let (value, least) = (heap.pop()?.value, expected.popLast())
                #expect(value == least)
            default:
                let value = Int.random(in: 0..<50, using: &random)
                heap.removeAll { $0.value == value }
                expected.removeAll { $0 == value }
            }
        }
        var rest: [Int] = []
        while let element = heap.pop() { rest.append(element.value) }
        #expect(rest == expected.sorted())
    }

    @Test("unsaved entities are those that were noted last, in the order of their slots", arguments: 1...10)
    func unsaved(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var unsaved = UnsavedEntities()
        var expected: Set<UInt32> = []
        for _ in 0..<2000 {
            let slot = UInt32.random(in: 0..<(1 << UInt32.random(in: 1...11, using: &random)), using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let changed = unsaved.drain().changed
                #expect(changed == expected.sorted())
                expected = []
            case 1..<6:
                unsaved.noteRemoved(EntityKey(.animals, Int(slot)), slot: slot, isKept: true)
                expected.remove(slot)
            default:
                unsaved.insert(slot)
                expected.insert(slot)
            }
        }
        let changed = unsaved.drain().changed
        #expect(changed == expected.sorted())
    }
}
