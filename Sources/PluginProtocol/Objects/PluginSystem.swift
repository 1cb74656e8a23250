import Identifiers
import StrictJSON

/// A storage system, as `system.get` answers.
package struct PluginSystem: Equatable, Sendable, JSONReadable, JSONWritable {
    package var systemID: ReportedSystemID
    package var name: String
    package var vendor: String
    package var model: String
    package var serialNumber: String
    package var firmware: String
    package var health: String
    package var capabilities: PluginCapabilities

    package init(
        systemID: ReportedSystemID, name: String, vendor: String, model: String, serialNumber: String, firmware: String, health: String,
        capabilities: PluginCapabilities
    ) {
        self.systemID = systemID
        self.name = name
        self.vendor = vendor
        self.model = model
        self.serialNumber = serialNumber
        self.firmware = firmware
        self.health = health
        self.capabilities = capabilities
    }

    package init(json: JSONFields) throws(JSONError) {
        systemID = try json.id("systemID")
        name = try json.text("name")
        vendor = try json.text("vendor")
        model = try json.text("model")
        serialNumber = try json.text("serialNumber")
        guard !vendor.isEmpty else { throw .invalid(path: json.path("vendor"), reason: "is empty") }
        guard !serialNumber.isEmpty else { throw .invalid(path: json.path("serialNumber"), reason: "is empty") }
        firmware = try json.text("firmware", default: "")
        health = try json.text("health", default: "unknown")
        capabilities = PluginCapabilities(
            words: try json.strings("capabilities", maximumCount: 1024, maximumLength: 256).map { PluginText.cleaned($0) })
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("systemID", systemID.text)
            writer.member("name", name)
            writer.member("vendor", vendor)
            writer.member("model", model)
            writer.member("serialNumber", serialNumber)
            writer.member("firmware", firmware)
            writer.member("health", health)
            writer.member("capabilities", strings: capabilities.words)
        }
    }
}
