import JSONValues

extension SocketPacket {
    /// The packet's text, without the digit of the Engine.IO message; its ``attachments`` follow as binary messages.
    ///
    /// - Complexity: O(bytes).
    package var text: [UInt8] {
        var out: [UInt8] = []
        switch content {
        case .connect(let auth):
            writeHead(0, into: &out)
            if let auth { JSON.object(auth).write(into: &out) }
        case .disconnect: writeHead(1, into: &out)
        case .event(let event):
            writeHead(attachments.isEmpty ? 2 : 5, event.acknowledgement, into: &out)
            JSON.array([.string(event.name)] + event.arguments.values).write(into: &out)
        case .acknowledgement(let id, let arguments):
            writeHead(attachments.isEmpty ? 3 : 6, id, into: &out)
            JSON.array(arguments.values).write(into: &out)
        case .connectError(let value):
            writeHead(4, into: &out)
            value.write(into: &out)
        }
        return out
    }

    /// The bytes that follow the packet's text.
    package var attachments: [[UInt8]] {
        switch content {
        case .event(let event): event.arguments.attachments
        case .acknowledgement(_, let arguments): arguments.attachments
        case .connect, .disconnect, .connectError: []
        }
    }

    private func writeHead(_ type: UInt8, _ id: Int? = nil, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "0") + type)
        if !attachments.isEmpty {
            out.append(contentsOf: String(attachments.count).utf8)
            out.append(UInt8(ascii: "-"))
        }
        if namespace != Self.mainNamespace {
            out.append(contentsOf: namespace.utf8)
            out.append(UInt8(ascii: ","))
        }
        if let id { out.append(contentsOf: String(id).utf8) }
    }
}
