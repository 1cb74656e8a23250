import Identifiers
import Messages
import StrictJSON

// The file `state.json`. Normative for this version of the agent alone; unknown members are dropped when it is next written.

extension RegistrationState: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("format", Self.format)
            writer.member("phase", phase.rawValue)
            writer.member("pad", pad)
            writer.member("customer", customer)
            writer.member("key", key)
            writer.member("nextKey", nextKey)
            writer.member("membership", membership)
            writer.member("obstacle", obstacle)
            writer.member("registrationRefusal", registrationRefusal)
            writer.member("registrationFile", registrationFile)
            if !former.isEmpty { writer.member("former", array: former) }
            writer.member("padTrouble", padTrouble)
            writer.member("sequence", chain.last)
            writer.member("previous", chain.previous?.text)
            writer.member("outbox", array: outbox)
            writer.member("handled", handled)
            writer.member("told", told)
            writer.member("intervalSeconds", intervalSeconds)
            writer.member("counters", counters)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        guard try json.string("format") == Self.format else {
            throw .invalid(path: "format", reason: "is not \(Self.format); a newer agent may have written it")
        }
        phase = try json.parsed("phase", expected: "a phase") { Phase(rawValue: $0) }
        pad = try PadBinding(json: json.fields("pad"))
        customer = try Customer(json: json.fields("customer"))
        key = try HostKey(json: json.fields("key"))
        if let fields = try json.optionalFields("nextKey") { nextKey = try HostKey(json: fields) }
        if let fields = try json.optionalFields("membership") { membership = try Membership(json: fields) }
        if let fields = try json.optionalFields("obstacle") { obstacle = try Obstacle(json: fields) }
        if let fields = try json.optionalFields("registrationRefusal") { registrationRefusal = try Obstacle(json: fields) }
        registrationFile = try json.optionalString("registrationFile", maximumLength: 128)
        if json.has("former") {
            former = try json.objects("former", maximumCount: 1) { (fields) throws(JSONError) in try RegistrationState(json: fields) }
        }
        if let fields = try json.optionalFields("padTrouble") { padTrouble = try PadTrouble(json: fields) }
        chain = Chain(last: try json.optionalInteger("sequence"), previous: try json.optionalIdentifier("previous"))
        outbox = try json.objects("outbox", maximumCount: 1024) { (fields) throws(JSONError) in try OutgoingMessage(json: fields) }
        handled = try HandledMessages(json: json.fields("handled"))
        told = try Told(json: json.fields("told"))
        intervalSeconds = try json.optionalInteger("intervalSeconds", in: 1...86_400)
        counters = try Counters(json: json.fields("counters"))
    }
}

extension PadBinding: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("directory", directory)
            $0.member("padID", padID.text)
            $0.member("controllerKey", controllerKey.description)
            $0.member("isTrustedOnFirstUse", isTrustedOnFirstUse)
            $0.member("generation", generation)
            $0.member("epoch", epoch)
            $0.member("pollMilliseconds", pollMilliseconds)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        directory = try json.string("directory", maximumLength: 4096)
        padID = try json.identifier("padID")
        controllerKey = try json.parsed("controllerKey", expected: "a fingerprint") { Fingerprint($0) }
        isTrustedOnFirstUse = try json.bool("isTrustedOnFirstUse")
        generation = try json.integer("generation")
        epoch = try json.integer("epoch")
        pollMilliseconds = try json.integer("pollMilliseconds", in: 1...86_400_000)
    }
}

extension Customer: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("accountID", accountID.text)
            $0.member("domain", domain)
            $0.member("user", user)
            $0.member("level", level)
            $0.member("cluster", cluster)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        accountID = try json.identifier("accountID")
        domain = try json.optionalString("domain")
        user = try json.optionalString("user")
        level = Int(try json.integer("level", in: 2...4))
        cluster = try json.optionalString("cluster")
    }
}

extension HostKey: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("file", file)
            $0.member("fingerprint", fingerprint.description)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        file = try json.string("file", maximumLength: 255)
        fingerprint = try json.parsed("fingerprint", expected: "a fingerprint") { Fingerprint($0) }
    }
}

extension Membership: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("hostID", hostID.text)
            $0.member("accountID", accountID.text)
            $0.member("certificates", strings: certificates.map { Base64.encode($0) })
            $0.member("registeredAt", registeredAt.description)
            $0.member("certifiedAt", certifiedAt.description)
            $0.member("certificateExpires", certificateExpires.description)
            $0.member("notes", strings: notes)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        hostID = try json.identifier("hostID")
        accountID = try json.identifier("accountID")
        certificates = []
        for text in try json.strings("certificates", maximumCount: 8, maximumLength: 16 << 10) {
            guard let bytes = Base64.decode(text) else { throw .wrongType(path: json.path("certificates"), expected: "base64") }
            certificates.append(bytes)
        }
        registeredAt = try json.timestamp("registeredAt")
        certifiedAt = try json.timestamp("certifiedAt")
        certificateExpires = try json.timestamp("certificateExpires")
        notes = try json.strings("notes", maximumCount: 64, maximumLength: 4096)
    }
}

extension Obstacle: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("reason", reason)
            $0.member("text", text)
            $0.member("at", at.description)
            $0.member("retryAt", retryAt?.description)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        reason = try json.string("reason")
        text = try json.string("text", maximumLength: 8192)
        at = try json.timestamp("at")
        retryAt = try json.optionalTimestamp("retryAt")
    }
}

extension PadTrouble: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("text", text)
            $0.member("since", since.description)
            $0.member("isOfWriting", isOfWriting)
        }
    }

    package init(json: JSONFields) throws(JSONError) {
        text = try json.string("text", maximumLength: 8192)
        since = try json.timestamp("since")
        isOfWriting = try json.bool("isOfWriting")
    }
}
