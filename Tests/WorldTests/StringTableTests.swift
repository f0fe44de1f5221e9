import JSONValues
import Testing

@testable import World

@Suite("String table") struct StringTableTests {
    @Test("equal texts have the same number, also when they were made in different ways")
    func sharing() {
        let table = StringTable()
        let first = table.intern("wolf")
        #expect(table.intern(["wo", "lf"].joined()) == first)
        #expect(table.intern("Wolf") != first)
        #expect(table.text(first) == "wolf")
        #expect(table.text(StringTable.none) == nil)
        #expect(table.jsonBytes(StringTable.none) == Array("null".utf8))
    }

    @Test("texts that look alike but have different bytes have different numbers")
    func normalization() {
        let table = StringTable()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let (first, second) = (table.intern(composed), table.intern(decomposed))
        #expect(first != second)
        #expect(table.text(first).map { Array($0.utf8) } == Array(composed.utf8))
        #expect(table.text(second).map { Array($0.utf8) } == Array(decomposed.utf8))
    }

    @Test("a text is kept as long as it is used, and then its number is used for another text")
    func counting() {
        let table = StringTable()
        let number = table.intern("a")
        table.retain(number)
        table.release(number)
        #expect(table.text(number) == "a")
        table.release(number)
        #expect(table.liveCount == 0)
        #expect(table.entries[Int(number)].bytes == nil)
        #expect(table.intern("b") == number)
        #expect(table.text(number) == "b")
        table.release(StringTable.none)
        table.retain(StringTable.none)
        #expect(table.liveCount == 1)
    }

    @Test("C readers see the UTF-8 bytes with their length and the escaped JSON, also after the table grew")
    func memory() {
        let table = StringTable()
        let texts = (0..<500).map { "text \"\($0)\" žluť 🐎\n" } + [""]
        let numbers = texts.map(table.intern)
        #expect(Set(numbers).count == texts.count)
        for (number, text) in zip(numbers, texts) {
            let entry = table.entries[Int(number)]
            let bytes = UnsafeBufferPointer(start: entry.bytes, count: Int(entry.length))
            #expect(Array(bytes) == Array(text.utf8))
            #expect(table.jsonBytes(number) == JSON.string(text).bytes)
        }
        for number in numbers { table.release(number) }
        #expect(table.liveCount == 0)
    }

    @Test("over a long random history of a world no use is lost or counted twice", arguments: 0..<3 as Range<UInt64>)
    func worldKeepsCount(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let world = makeWorld()
        var handles: [EntityHandle] = []
        for step in 1...4000 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: handles.append(try world.spawn(.players, step))
            case 1:
                if let index = handles.indices.randomElement(using: &random) { world.remove(handles.remove(at: index)) }
            case 2: if step % 50 == 0 { world.markAllSent() }
            case 3:
                world.markChangesSent()
            default:
                guard let handle = handles.randomElement(using: &random) else { continue }
                let text = "text \(Int.random(in: 0..<20, using: &random))"
                world.set(
                    [.side, .action, .prefab].randomElement(using: &random) ?? .side, text, slot: Int(handle.slot))
                let isRenamed = world.columns.components["rank"] != nil
                let value = step % 3 == 0 ? JSON.null : .string(text)
                try world.setComponent(isRenamed ? "rank" : "title", to: value, of: handle)
            }
            if step % 1000 == 0 {
                _ = world.apply(
                    step % 2000 == 0
                        ? sampleSchema
                        : Schema(
                            components: [
                                ComponentDefinition(name: "hp", type: .string),
                                ComponentDefinition(name: "rank", type: .string, defaultValue: .string("rank")),
                            ], groups: sampleSchema.groups))
                world.markAllSent()
            }
        }
        #expect(world.strings.liveUses == world.textUses)
        for handle in world.entities { world.remove(handle) }
        #expect(world.strings.liveCount == 0)
    }
}
