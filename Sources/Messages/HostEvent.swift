import Identifiers
import StrictJSON

/// Something happened on a host that will not wait for the next report. `kind` event.
package struct HostEvent: Equatable, Sendable {
    /// `device-added`, `device-removed`, `device-changed`, `initiator-changed`, `key-compromised`, …: a word that the controller
    /// shows, and acts on where it knows it.
    package var event: String
    /// The device, initiator or mount point.
    package var subject: String
    package var detail: String?
    package var happenedAt: Timestamp

    package init(event: String, subject: String, detail: String?, happenedAt: Timestamp) {
        self.event = event
        self.subject = subject
        self.detail = detail
        self.happenedAt = happenedAt
    }
}

extension HostEvent: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        event = try json.string("event", maximumLength: 64)
        subject = try json.string("subject", maximumLength: 1024)
        detail = try json.optionalString("detail", maximumLength: 4096)
        happenedAt = try json.timestamp("happenedAt")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("event", event)
            writer.member("subject", subject)
            writer.member("detail", detail)
            writer.member("happenedAt", happenedAt.description)
        }
    }
}
