import Identifiers
import Messages
import StrictJSON

// The parts of `state.json` that change with each message.

extension OutgoingMessage: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("messageID", messageID.text)
            $0.member("kind", kind.rawValue)
            $0.member("sequence", sequence)
            $0.member("createdAt", createdAt.description)
            $0.member("inventory", inventory)
            $0.member("freeSpace", array: freeSpace)
            $0.member("requestedKey", requestedKey?.description)
            $0.member("customer", customer)
            $0.member("attempts", attempts)
            $0.member("publishedAt", publishedAt?.description)
            $0.member("publishedName", publishedName)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        messageID = try json.identifier("messageID")
        kind = try json.parsed("kind", expected: "a kind of message") { MessageKind(rawValue: $0) }
        sequence = try json.integer("sequence", in: 1...Int64.max)
        createdAt = try json.timestamp("createdAt")
        inventory = try json.optionalString("inventory", maximumLength: 64)
        freeSpace = try json.objects("freeSpace") { (fields) throws(JSONError) in try FreeSpaceMark(json: fields) }
        requestedKey = try json.optionalParsed("requestedKey", expected: "a fingerprint") { Fingerprint($0) }
        if let fields = try json.optionalFields("customer") { customer = try Customer(json: fields) }
        attempts = Int(try json.integer("attempts", in: 0...Int64(Int32.max)))
        publishedAt = try json.optionalTimestamp("publishedAt")
        publishedName = try json.optionalString("publishedName", maximumLength: 255)
    }
}

extension HandledMessages: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("floor", floor)
            $0.member("entries", array: entries)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        self.init(
            entries: try json.objects("entries", maximumCount: 1024) { (fields) throws(JSONError) in try Entry(json: fields) },
            floor: try json.integer("floor"))
    }
}

extension HandledMessages.Entry: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("messageID", messageID.text)
            $0.member("sequence", sequence)
            $0.member("instruction", instruction)
            $0.member("outcome", outcome?.rawValue)
            $0.member("detail", detail)
            $0.member("at", at.description)
            $0.member("acknowledgedAt", acknowledgedAt?.description)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        messageID = try json.identifier("messageID")
        sequence = try json.integer("sequence")
        instruction = try json.optionalString("instruction")
        outcome = try json.optionalParsed("outcome", expected: "an outcome") { Acknowledgement.Outcome(rawValue: $0) }
        detail = try json.optionalString("detail", maximumLength: 4096)
        at = try json.timestamp("at")
        acknowledgedAt = try json.optionalTimestamp("acknowledgedAt")
    }
}

extension Told: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("inventory", inventory)
            $0.member("freeSpace", array: freeSpace)
            $0.member("freeSpaceAt", freeSpaceAt?.description)
            $0.member("lastReportAt", lastReportAt?.description)
            $0.member("lastAnswerAt", lastAnswerAt?.description)
            $0.member("bootTime", bootTime?.description)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        inventory = try json.optionalString("inventory", maximumLength: 64)
        freeSpace = try json.objects("freeSpace") { (fields) throws(JSONError) in try FreeSpaceMark(json: fields) }
        freeSpaceAt = try json.optionalTimestamp("freeSpaceAt")
        lastReportAt = try json.optionalTimestamp("lastReportAt")
        lastAnswerAt = try json.optionalTimestamp("lastAnswerAt")
        bootTime = try json.optionalTimestamp("bootTime")
    }
}

extension FreeSpaceMark: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("mountPoint", mountPoint)
            $0.member("sizeBytes", sizeBytes)
            $0.member("availableBytes", availableBytes)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        mountPoint = try json.string("mountPoint", maximumLength: 4096)
        sizeBytes = try json.integer("sizeBytes")
        availableBytes = try json.integer("availableBytes")
    }
}

extension Counters: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("unverifiable", unverifiable)
            $0.member("stale", stale)
            $0.member("published", published)
            $0.member("answered", answered)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        unverifiable = try json.integer("unverifiable")
        stale = try json.integer("stale")
        published = try json.integer("published")
        answered = try json.integer("answered")
    }
}
