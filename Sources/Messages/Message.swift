import Identifiers
import StrictJSON

/// What a host and a controller say to each other: an envelope, and a body of one kind.
///
///     {"format":"quartermaster-message/1","kind":"registration","messageID":…,"padID":…,"epoch":1,"sender":"SHA256:…",
///      "recipient":"SHA256:…","previous":…,"sequence":…,"at":"2026-11-21T07:30:00Z","body":{…}}
///
/// Normative: docs/scratch-pad.md, "Messages". Unknown members are ignored.
package struct Message: Equatable, Sendable {
    package var envelope: Envelope
    package var body: MessageBody

    package init(envelope: Envelope, body: MessageBody) {
        self.envelope = envelope
        self.body = body
    }
}

extension Message: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("format", MessageFormat.name(version: MessageFormat.current))
            writer.member("kind", body.kind.rawValue)
            envelope.writeMembers(to: &writer)
            writer.key("body")
            body.write(to: &writer)
        }
    }
}

extension Message {
    /// Reads one message. Throws `.unknownFormat` and `.unknownKind` with the ID that an answer would cite.
    package static func parse(_ bytes: some Sequence<UInt8>, limits: JSONLimits = MessageFormat.limits) throws(MessageError) -> Message {
        let result: Result<Message, MessageError>
        do throws(JSONError) {
            result = try read(JSONFields(JSONValue.parse(bytes, limits: limits)))
        } catch {
            throw .malformed(error)
        }
        return try result.get()
    }

    private static func read(_ fields: JSONFields) throws(JSONError) -> Result<Message, MessageError> {
        let format = try fields.string("format", maximumLength: 128)
        guard let version = MessageFormat.version(of: format), MessageFormat.supported.contains(version) else {
            return .failure(.unknownFormat(found: format, messageID: fields.lenientMessageID))
        }
        let word = try fields.string("kind", maximumLength: 64)
        guard let kind = MessageKind(rawValue: word) else {
            return .failure(.unknownKind(found: word, messageID: fields.lenientMessageID))
        }
        let envelope = try Envelope(json: fields)
        return .success(Message(envelope: envelope, body: try MessageBody(kind: kind, json: fields.fields("body"))))
    }
}

/// The name and the versions of the format.
package enum MessageFormat {
    /// What is written.
    package static let current = 1
    /// What is read: the current version and the one before it, once there is one.
    package static let supported: ClosedRange<Int> = 1...1
    package static let limits = JSONLimits(maximumBytes: 16 << 20, maximumDepth: 32)

    package static func name(version: Int) -> String { "quartermaster-message/\(version)" }

    /// Nil where the text is not this format at all.
    static func version(of name: String) -> Int? {
        let prefix = "quartermaster-message/"
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard (1...6).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.first != "0" else {
            return nil
        }
        return Int(digits)
    }
}

extension JSONFields {
    /// The message's ID for an answer, where it can be read at all.
    fileprivate var lenientMessageID: MessageID? {
        if case .string(let text)? = object["messageID"] { MessageID(text) } else { nil }
    }
}
