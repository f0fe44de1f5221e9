/// Writes values as MessagePack, each in its shortest form.
extension ByteWriter {
    /// The byte that stands for nil.
    static let packedNil: UInt8 = 0xC0

    /// Writes a whole number.
    func write(packed value: Int) {
        switch value {
        case 0...127: write(UInt8(value))
        case -32 ... -1: write(UInt8(truncatingIfNeeded: value))
        case 128...255: write(head: 0xCC, UInt64(value), size: 1)
        case 256...65_535: write(head: 0xCD, UInt64(value), size: 2)
        case 65_536...0xFFFF_FFFF: write(head: 0xCE, UInt64(value), size: 4)
        case 0x1_0000_0000...: write(head: 0xCF, UInt64(value), size: 8)
        case -128 ..< -32: write(head: 0xD0, UInt64(bitPattern: Int64(value)), size: 1)
        case -32_768 ..< -128: write(head: 0xD1, UInt64(bitPattern: Int64(value)), size: 2)
        case -0x8000_0000 ..< -32_768: write(head: 0xD2, UInt64(bitPattern: Int64(value)), size: 4)
        default: write(head: 0xD3, UInt64(bitPattern: Int64(value)), size: 8)
        }
    }

    /// Writes a number as a float, of 32 bits if that is exact; one that is not finite becomes nil.
    func write(packedFloat value: Double) {
        guard value.isFinite else { return write(Self.packedNil) }
        let short = Float(value)
        if Double(short) == value {
            write(head: 0xCA, UInt64(short.bitPattern), size: 4)
        } else {
            write(head: 0xCB, value.bitPattern, size: 8)
        }
    }

    /// Writes a text.
    func write(packedText text: UnsafeBufferPointer<UInt8>) {
        switch text.count {
        case 0...31: write(0xA0 | UInt8(text.count))
        case 32...255: write(head: 0xD9, UInt64(text.count), size: 1)
        case 256...65_535: write(head: 0xDA, UInt64(text.count), size: 2)
        default: write(head: 0xDB, UInt64(text.count), size: 4)
        }
        write(text)
    }

    /// Writes the beginning of an array of `count` elements.
    func write(packedArrayOf count: Int) {
        if count <= 15 { return write(0x90 | UInt8(count)) }
        if count <= 65_535 { return write(head: 0xDC, UInt64(count), size: 2) }
        write(head: 0xDD, UInt64(count), size: 4)
    }

    /// Completes an array or a map whose number of elements was not known when it began.
    ///
    /// - Parameters:
    ///   - offset: Where one byte was left for its beginning.
    ///   - elements: The number of elements or members.
    ///   - isMap: Whether it is a map.
    func complete(packedAt offset: Int, elements: Int, isMap: Bool) {
        if elements <= 15 { return set(UInt8(elements) | (isMap ? 0x80 : 0x90), at: offset) }
        let size = elements <= 65_535 ? 2 : 4
        makeGap(of: size, at: offset + 1)
        set((isMap ? 0xDE : 0xDC) + (size == 4 ? 1 : 0), at: offset)
        for place in 0..<size {
            set(UInt8(truncatingIfNeeded: elements >> (8 * (size - 1 - place))), at: offset + 1 + place)
        }
    }

    private func write(head: UInt8, _ value: UInt64, size: Int) {
        write(head)
        for place in stride(from: size - 1, through: 0, by: -1) {
            write(UInt8(truncatingIfNeeded: value >> UInt64(8 * place)))
        }
    }
}
