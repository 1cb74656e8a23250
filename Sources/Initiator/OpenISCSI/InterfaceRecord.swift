import ISCSI

/// What a session is bound to: a record of `ifaces`, or open-iscsi's own `default`, which is bound to nothing.
package struct InterfaceRecord: Hashable, Sendable {
    package var name: String
    /// The record's `iface.` settings but for its name, in the file's order.
    package var settings: [Setting]

    package struct Setting: Hashable, Sendable {
        package var key: String
        package var value: SecretBytes
    }

    package static let `default` = InterfaceRecord(name: "default", settings: [])

    package init(name: String, settings: [Setting]) {
        self.name = name
        self.settings = settings
    }

    package init(name: String, record: RecordText) {
        self.name = name
        settings = record.settings.filter {
            $0.key.hasPrefix("iface.") && $0.key != "iface.iscsi_ifacename" && !$0.value.elementsEqual("<empty>".utf8)
        }
        .map { Setting(key: $0.key, value: $0.value) }
    }

    /// A new record that binds sessions of the software initiator to a network device.
    package init(binding networkDevice: String) {
        name = networkDevice
        settings = [Setting(key: "iface.net_ifacename", value: SecretBytes(networkDevice.utf8))]
    }

    /// As open-iscsi writes it.
    package var record: RecordText {
        var settings: [(key: String, value: SecretBytes)] = []
        for (key, value) in NodeDefaults.keys where key.hasPrefix("iface.") {
            if key == "iface.iscsi_ifacename" {
                settings.append((key: key, value: SecretBytes(name.utf8)))
            } else if let value = self.settings.first(where: { $0.key == key })?.value ?? value.map({ SecretBytes($0.utf8) }) {
                settings.append((key: key, value: value))
            }
        }
        return RecordText(settings: settings, version: NodeDefaults.version)
    }

    package var transport: String { text("iface.transport_name") ?? "tcp" }
    package var networkDevice: String? { text("iface.net_ifacename") }
    package var initiatorName: String? { text("iface.initiatorname") }

    private func text(_ key: String) -> String? {
        settings.last { $0.key == key }.flatMap { String(validating: $0.value, as: UTF8.self) }
    }
}
