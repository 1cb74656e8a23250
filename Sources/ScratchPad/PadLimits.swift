import StrictJSON

/// What the controller takes from a pad, as its header says.
package struct PadLimits: Equatable, Sendable {
    /// Bytes of one message.
    package var messageBytes: Int
    /// Messages of one sender that may wait in `in/`.
    package var pendingMessages: Int
    /// Bytes of one sender that may wait in `in/`.
    package var pendingBytes: Int

    package init(messageBytes: Int = 16 << 20, pendingMessages: Int = 256, pendingBytes: Int = 64 << 20) {
        self.messageBytes = messageBytes
        self.pendingMessages = pendingMessages
        self.pendingBytes = pendingBytes
    }
}

extension PadLimits: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        messageBytes = Int(try json.integer("messageBytes", in: 4096...(1 << 30)))
        pendingMessages = Int(try json.integer("pendingMessages", in: 1...1_000_000))
        pendingBytes = Int(try json.integer("pendingBytes", in: 4096...(1 << 40)))
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("messageBytes", messageBytes)
            writer.member("pendingMessages", pendingMessages)
            writer.member("pendingBytes", pendingBytes)
        }
    }
}
