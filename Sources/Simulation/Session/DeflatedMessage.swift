import NIOCore
import Wire

/// A message for `permessage-deflate` made of a part that was compressed once for all receivers and a part that only one
/// of them is told, which is carried as it is (RFC 7692, without context takeover).
package struct DeflatedMessage: Sendable {
    private let shared: [UInt8]
    private let own: [UInt8]

    /// - Parameters:
    ///   - shared: A segment of ``Deflater``.
    ///   - own: The rest of the text.
    init(shared: [UInt8], own: [UInt8]) {
        self.shared = shared
        self.own = own
    }

    /// How many bytes the payload has.
    var size: Int { shared.count + Deflater.storedSize(own.count) + 1 }

    /// Appends the payload.
    func write(to buffer: inout ByteBuffer) {
        buffer.writeBytes(shared)
        Deflater.storedBlocks(own) { buffer.writeBytes($0) }
        buffer.writeInteger(Deflater.end)
    }
}
