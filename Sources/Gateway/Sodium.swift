import CSodium

/// The functions of libsodium that the server uses: random bytes, a hash, argon2id and a constant-time comparison.
///
/// Thread-safe. libsodium is initialised before the first use.
package enum Sodium {
    /// Whether libsodium could be initialised; this fails only when the system has no random source.
    static let isReady: Bool = sodium_init() >= 0

    /// Bytes from the system's random source.
    ///
    /// - Parameter count: The number of bytes.
    /// - Returns: The bytes.
    package static func randomBytes(_ count: Int) -> [UInt8] {
        precondition(isReady, "libsodium found no source of random bytes on this system")
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }

    /// BLAKE2b of some bytes, 32 bytes long.
    ///
    /// - Parameter bytes: The bytes to hash.
    /// - Returns: The hash.
    package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        precondition(isReady, "libsodium found no source of random bytes on this system")
        let input = Array(bytes)
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&digest, digest.count, input, UInt64(input.count), nil, 0)
        return digest
    }

    /// BLAKE2b of bytes that come in parts, 32 bytes long.
    package struct StreamHash: ~Copyable {
        // Swift can't import the layout of the state, so this is only a pointer to it.
        private let state: OpaquePointer

        /// Makes the hash of no bytes.
        package init() {
            precondition(isReady, "libsodium found no source of random bytes on this system")
            state = OpaquePointer(
                UnsafeMutableRawPointer.allocate(byteCount: crypto_generichash_statebytes(), alignment: 64))
            crypto_generichash_init(state, nil, 0, 32)
        }

        deinit { UnsafeMutableRawPointer(state).deallocate() }

        /// Adds bytes.
        ///
        /// - Parameter bytes: The bytes that follow those before.
        package func update(_ bytes: UnsafeRawBufferPointer) {
            crypto_generichash_update(state, bytes.bindMemory(to: UInt8.self).baseAddress, UInt64(bytes.count))
        }

        /// The hash of all added bytes; call it once, at the end.
        ///
        /// - Returns: The hash.
        package func digest() -> [UInt8] {
            var digest = [UInt8](repeating: 0, count: 32)
            crypto_generichash_final(state, &digest, digest.count)
            return digest
        }
    }

    /// Compares two byte strings in a time that does not depend on where they differ.
    ///
    /// - Parameters:
    ///   - left: Some bytes.
    ///   - right: Other bytes; a different length returns `false` at once.
    /// - Returns: `true` for equal bytes.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && sodium_memcmp(left, right, left.count) == 0
    }

    /// argon2id of a password with a fresh salt, in libsodium's text form.
    ///
    /// - Parameters:
    ///   - password: UTF-8 of the password.
    ///   - cost: Passes and memory.
    /// - Returns: The text, or `nil` when the memory can't be allocated.
    static func passwordHash(_ password: [UInt8], cost: PasswordCost) -> String? {
        guard isReady else { return nil }
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let characters = password.map(CChar.init(bitPattern:))
        let status = crypto_pwhash_str(&text, characters, UInt64(characters.count), cost.passes, cost.memoryBytes)
        guard status == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether a password belongs to a hash made by ``passwordHash(_:cost:)``; takes as long as making that hash.
    ///
    /// - Parameters:
    ///   - password: UTF-8 of the password.
    ///   - hash: The text form.
    /// - Returns: `true` for the right password.
    static func verify(_ password: [UInt8], hash: String) -> Bool {
        guard isReady, hash.utf8.count < Int(crypto_pwhash_strbytes()) else { return false }
        let characters = password.map(CChar.init(bitPattern:))
        return crypto_pwhash_str_verify(hash, characters, UInt64(characters.count)) == 0
    }
}

/// The cost of hashing a password: an attacker pays it for each guess, the server once per login.
package struct PasswordCost: Sendable, Equatable {
    /// Passes over the memory, at least 1.
    package var passes: UInt64
    /// Memory, at least 8,192 bytes.
    package var memoryBytes: Int

    /// Makes a cost.
    ///
    /// - Parameters:
    ///   - passes: Passes over the memory, at least 1.
    ///   - memoryBytes: Memory, at least 8,192 bytes.
    package init(passes: UInt64, memoryBytes: Int) {
        self.passes = max(passes, 1)
        self.memoryBytes = max(memoryBytes, 8192)
    }

    /// Two passes over 64 MiB, about 80 ms: libsodium's "interactive" cost.
    package static let interactive = PasswordCost(passes: 2, memoryBytes: 64 << 20)
    /// The least that argon2id allows, well under 1 ms: for tests and load generators only.
    package static let minimal = PasswordCost(passes: 1, memoryBytes: 8192)
}

/// Lower-case hexadecimal digits of some bytes.
///
/// - Parameter bytes: The bytes.
/// - Returns: Two digits a byte.
package func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
