package import JSONValues

/// A growing buffer that is reused for many messages: it does not allocate once it is large enough.
package final class ByteWriter {
    // Exclusivity checks would cost more than writing the bytes. They are not needed: no access to these properties
    // overlaps another.
    @exclusivity(unchecked) private var base: UnsafeMutablePointer<UInt8>
    /// For how many bytes there is room.
    @exclusivity(unchecked) package private(set) var capacity: Int
    /// How many bytes were written.
    @exclusivity(unchecked) package private(set) var count = 0

    /// Makes an empty writer with room for `capacity` bytes, at least 64.
    package init(capacity: Int = 4096) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// The written bytes; valid until the next write.
    package var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// A part of the written bytes; valid until the next write.
    package subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[range])
    }

    /// Drops the bytes from an offset on.
    package func truncate(to offset: Int) { count = min(offset, count) }

    /// How much memory a writer keeps from one message of the world to the next, in bytes.
    package static let keptBytes = 256 << 10

    /// Drops all bytes, and frees the memory above ``keptBytes``, which only few messages need.
    package func shrink() {
        count = 0
        guard capacity > Self.keptBytes else { return }
        capacity = Self.keptBytes
        base.deallocate()
        base = .allocate(capacity: capacity)
    }

    /// Replaces a written byte.
    func set(_ byte: UInt8, at offset: Int) { base[offset] = byte }

    /// Moves the bytes from an offset on, so that `size` bytes there are free to be set.
    func makeGap(of size: Int, at offset: Int) {
        reserve(size)
        (base + offset + size).update(from: base + offset, count: count - offset)
        count += size
    }

    @inline(__always)
    private func reserve(_ more: Int) {
        if count + more > capacity { grow(count + more) }
    }

    @inline(never)
    private func grow(_ needed: Int) {
        let newCapacity = max(needed, capacity * 2)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = newCapacity
    }

    /// Appends a byte.
    @inline(__always)
    package func write(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    /// Appends the UTF-8 of a text as it is.
    @inline(__always)
    package func write(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        (base + count).update(from: text.utf8Start, count: length)
        count += length
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { write($0) }
    }

    /// Appends bytes, which must not be this writer's own.
    package func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    /// Appends a value as JSON. It allocates, so don't use it for values that are written each tick.
    package func write(_ value: JSON) { write(value.bytes) }

    /// Writes text as a JSON string.
    package func write(string: String) {
        var quoted: [UInt8] = []
        JSON.write(string: string, into: &quoted)
        write(quoted)
    }

    /// Appends a whole number in decimal digits.
    package func write(integer value: Int) {
        if value < 0 { write(UInt8(ascii: "-")) }
        let magnitude = UInt64(value.magnitude)
        write(magnitude, digits: Self.digits(of: magnitude))
    }

    /// How many decimal digits a whole number has.
    @inline(__always)
    private static func digits(of magnitude: UInt64) -> Int {
        // log10(2) is 1233 / 4096, close enough for 64 bits.
        let least = ((64 - magnitude.leadingZeroBitCount) * 1233) >> 12
        return max(magnitude >= ShortestDecimal.powers[least] ? least + 1 : least, 1)
    }

    /// Appends the last digits of a whole number, with zeros in front if it has fewer.
    @inline(__always)
    private func write(_ magnitude: UInt64, digits: Int) {
        reserve(digits)
        var (rest, end) = (magnitude, base + count + digits)
        let start = base + count
        let pairs = Self.pairs.utf8Start
        while end - start >= 2 {
            let pair = Int(rest % 100) * 2
            rest /= 100
            end -= 2
            end[0] = pairs[pair]
            end[1] = pairs[pair + 1]
        }
        if end > start { start[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10) }
        count += digits
    }

    /// The numbers from 00 to 99.
    private static let pairs: StaticString = """
        00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051\
        525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """

    /// Writes a number in the form of ``JSON/write(number:into:)``; one that is not finite becomes `null`.
    ///
    /// There is a fast path for numbers with up to four decimals, which are nearly all numbers that games use. It is
    /// exact: the quotient of two exact integers is correctly rounded, so reading the decimal text and dividing by
    /// 10,000 give the same double.
    package func write(number value: Double) {
        guard abs(value) < 9e15 else {
            if let whole = Int(exactly: value) { return write(integer: whole) }
            return value.isFinite ? write(description: value) : write("null")
        }
        if Double(Int(value)) == value { return write(integer: Int(value)) }
        guard abs(value) < 9e11 else { return write(description: value) }
        let scaled = Int(value * 10_000 + (value < 0 ? -0.5 : 0.5))
        if Double(scaled) / 10_000 == value { write(tenThousandths: scaled) } else { write(description: value) }
    }

    private func write(description value: Double) {
        guard let decimal = ShortestDecimal(value) else { return write(anyDescription: value) }
        let power = ShortestDecimal.powers[decimal.decimals]
        let whole = decimal.digits / power
        if value < 0 { write(UInt8(ascii: "-")) }
        write(whole, digits: Self.digits(of: whole))
        write(UInt8(ascii: "."))
        write(decimal.digits - whole * power, digits: decimal.decimals)
    }

    @inline(never)
    private func write(anyDescription value: Double) {
        var text = value.description
        text.withUTF8 { write($0) }
    }

    /// Writes a time in seconds with at most four decimals [M8.5.2].
    package func write(time value: Double) {
        guard let scaled = Self.tenThousandths(value) else { return write(number: value) }
        write(tenThousandths: scaled)
    }

    /// A time in 1/10,000 s as it is written; `nil` for one that is written with all its digits.
    static func tenThousandths(_ time: Double) -> Int? {
        guard time.isFinite, abs(time) < 9e11 else { return nil }
        return Int(time * 10_000 + (time < 0 ? -0.5 : 0.5))
    }

    private func write(tenThousandths value: Int) {
        if value < 0 { write(UInt8(ascii: "-")) }
        let magnitude = Int(value.magnitude)
        write(integer: magnitude / 10_000)
        var fraction = magnitude % 10_000
        guard fraction > 0 else { return }
        var digits = 4
        while fraction % 10 == 0 {
            fraction /= 10
            digits -= 1
        }
        write(UInt8(ascii: "."))
        write(UInt64(fraction), digits: digits)
    }
}
