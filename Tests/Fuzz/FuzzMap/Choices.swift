import World

/// The fuzzer's bytes, read as one choice after another. When they are used up, a generator with a seed from all bytes
/// makes the further choices, so that a short input is a whole game too.
struct Choices {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var generator: SeededGenerator

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        generator = SeededGenerator(seed: bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    }

    /// A number from 0 to `count` - 1.
    mutating func below(_ count: Int) -> Int {
        guard position < bytes.count else { return Int(generator.next() % UInt64(count)) }
        defer { position += 1 }
        return Int(bytes[position]) % count
    }

    /// True once in `count` times, on average.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
