/// Makes ids that nobody can guess.
enum RandomID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// An id of 22 characters with 128 random bits, from the system's generator, which is made for secrets.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(unsafeUninitializedCapacity: 22) { text in
            for half in 0..<2 {
                var bits: UInt64 = generator.next()
                for place in 0..<11 {
                    text.initializeElement(at: half * 11 + place, to: alphabet[Int(bits & 63)])
                    bits >>= 6
                }
            }
            return 22
        }
    }
}
