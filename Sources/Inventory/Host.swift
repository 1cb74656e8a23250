import Identifiers
import StrictJSON

extension Inventory {
    /// The machine and its operating system.
    package struct Host: Hashable, Sendable {
        package var hostName: String?
        /// 32 lower-case hexadecimal digits, from `/etc/machine-id` (machine-id(5)).
        package var machineID: String?
        package var operatingSystem: OperatingSystem?
        /// The kernel's release: `6.1.0-28-amd64`.
        package var kernel: String?
        /// As uname(1) prints it: `x86_64`, `aarch64`.
        package var architecture: String?
        package var bootTime: Timestamp?

        package init(
            hostName: String? = nil, machineID: String? = nil, operatingSystem: OperatingSystem? = nil, kernel: String? = nil,
            architecture: String? = nil, bootTime: Timestamp? = nil
        ) {
            self.hostName = hostName
            self.machineID = machineID
            self.operatingSystem = operatingSystem
            self.kernel = kernel
            self.architecture = architecture
            self.bootTime = bootTime
        }
    }

    /// os-release(5): NAME and VERSION_ID, or VERSION where there is no ID.
    package struct OperatingSystem: Hashable, Sendable {
        package var name: String
        package var version: String?

        package init(name: String, version: String? = nil) {
            self.name = name
            self.version = version
        }
    }
}

extension Inventory.Host: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("hostName", hostName)
            writer.member("machineID", machineID)
            writer.member("operatingSystem", operatingSystem)
            writer.member("kernel", kernel)
            writer.member("architecture", architecture)
            writer.member("bootTime", bootTime?.description)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        hostName = try fields.optionalString("hostName", maximumLength: 255)
        machineID = try fields.optionalString("machineID", maximumLength: 64)
        operatingSystem = nil
        if let system = try fields.optionalFields("operatingSystem") {
            operatingSystem = try Inventory.OperatingSystem(json: system)
        }
        kernel = try fields.optionalString("kernel", maximumLength: 255)
        architecture = try fields.optionalString("architecture", maximumLength: 64)
        bootTime = try fields.optionalParsed("bootTime", expected: "a time as of RFC 3339") { Timestamp($0) }
    }
}

extension Inventory.OperatingSystem: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("version", version)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        name = try fields.string("name", maximumLength: 255)
        version = try fields.optionalString("version", maximumLength: 255)
    }
}
