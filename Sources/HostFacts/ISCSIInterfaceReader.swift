import Identifiers
import Inventory

/// Reads open-iscsi's `/etc/iscsi/ifaces`, where Red Hat's packages have `/var/lib/iscsi/ifaces`: a file for each interface, of lines `iface.KEY = VALUE` and comments with `#`.
struct ISCSIInterfaceReader {
    static let path = "etc/iscsi/ifaces"
    private static let folders = ["var/lib/iscsi/ifaces", path]
    private static let recordLimit = 64 << 10

    let reader: FactReader

    /// Sorted by name. `iface.example` is no interface, and what is no regular file is not read.
    func all() -> [Inventory.ISCSIInterface] {
        guard let folder = Self.folders.first(where: reader.tree.exists) else { return [] }
        return reader.names(folder, "interfaces").compactMap { name in
            guard name != "iface.example", reader.tree.isRegular("\(folder)/\(name)") else { return nil }
            let record = reader.whole(file: "\(folder)/\(name)", "interfaces", limit: Self.recordLimit) { Self.parse($0, name: name) }
            guard let told = record?.withinBounds() else { return nil }
            reader.note(told.problems)
            return told.interface
        }.sorted { $0.name < $1.name }
    }

    /// The file's name counts where the record has none of its own.
    static func parse(_ bytes: UnsafeRawBufferPointer, name: String) -> FactText.Parsed<Inventory.ISCSIInterface> {
        var interface = Inventory.ISCSIInterface(name: name)
        for line in Lines(bytes) {
            let text = FactText.trimmed(line)
            if text.isEmpty || text[0] == UInt8(ascii: "#") { continue }
            guard let (key, value) = text.split(at: UInt8(ascii: "=")) else {
                return .malformed("not \"KEY = VALUE\": \(FactText.excerpt(text))")
            }
            let name = FactText.trimmed(key)
            guard FactText.starts(name, with: "iface."), let told = FactText.valid(value), told != "<empty>" else { continue }
            switch String(decoding: name, as: UTF8.self) {
            case "iface.iscsi_ifacename": interface.name = told
            case "iface.transport_name": interface.transport = told
            case "iface.net_ifacename": interface.networkInterface = told
            case "iface.hwaddress": interface.hardwareAddress = told
            case "iface.ipaddress": interface.address = told
            case "iface.initiatorname":
                guard let name = ISCSIName(told) else { return .malformed("not an iSCSI name: \(FactText.excerpt(value))") }
                interface.initiatorName = name
            default: break
            }
        }
        return .value(interface)
    }
}
