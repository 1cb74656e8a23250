import Identifiers
import StrictJSON

/// The answer to `sample.get`: counters that only grow while the system runs, and usages, at one moment.
package struct PluginSample: Equatable, Sendable, JSONReadable, JSONWritable {
    package struct Counter: Equatable, Sendable, JSONReadable, JSONWritable {
        /// `port`, `disk`, `pool` or `volume`.
        package var object: String
        package var objectID: String
        package var readBytes: Int64?
        package var writeBytes: Int64?
        package var reads: Int64?
        package var writes: Int64?
        package var usedBytes: Int64?

        package init(
            object: String, objectID: String, readBytes: Int64? = nil, writeBytes: Int64? = nil, reads: Int64? = nil,
            writes: Int64? = nil, usedBytes: Int64? = nil
        ) {
            self.object = object
            self.objectID = objectID
            self.readBytes = readBytes
            self.writeBytes = writeBytes
            self.reads = reads
            self.writes = writes
            self.usedBytes = usedBytes
        }

        package init(json: JSONFields) throws(JSONError) {
            object = try json.text("object")
            guard ["port", "disk", "pool", "volume"].contains(object) else {
                throw .wrongType(path: json.path("object"), expected: "port, disk, pool or volume")
            }
            objectID = try json.text("objectID")
            readBytes = try json.optionalInteger("readBytes")
            writeBytes = try json.optionalInteger("writeBytes")
            reads = try json.optionalInteger("reads")
            writes = try json.optionalInteger("writes")
            usedBytes = try json.optionalInteger("usedBytes")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("object", object)
                writer.member("objectID", objectID)
                writer.member("readBytes", readBytes)
                writer.member("writeBytes", writeBytes)
                writer.member("reads", reads)
                writer.member("writes", writes)
                writer.member("usedBytes", usedBytes)
            }
        }
    }

    package var at: Timestamp
    package var counters: [Counter]

    package init(at: Timestamp, counters: [Counter]) {
        self.at = at
        self.counters = counters
    }

    package init(json: JSONFields) throws(JSONError) {
        at = try json.parsed("at", expected: "an RFC 3339 time") { Timestamp($0) }
        counters = try json.objects("counters") { fields throws(JSONError) in try Counter(json: fields) }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("at", at.description)
            writer.member("counters", array: counters)
        }
    }
}
