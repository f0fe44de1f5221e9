import Transport
import Wire

/// The last message to a client, in place of the close frame that other transports have.
struct CloseMessage {
    /// The reason for programs.
    var code: CloseCode
    /// The reason for people.
    var reason: String

    /// `{"action":"close","code":N,"reason":"…"}` as UTF-8.
    var json: [UInt8] {
        let writer = ByteWriter(capacity: 128)
        writer.write("{\"action\":\"close\",\"code\":")
        writer.write(integer: Int(code.rawValue))
        writer.write(",\"reason\":")
        writer.write(string: reason)
        writer.write("}")
        return Array(writer.bytes)
    }
}
