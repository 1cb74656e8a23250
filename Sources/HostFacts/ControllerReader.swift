import Identifiers
import Inventory

/// Reads `/sys/class/nvme` and `/sys/class/nvme-subsystem` (drivers/nvme/host/sysfs.c).
struct ControllerReader {
    let reader: FactReader

    func all() -> (controllers: [Inventory.Controller], paths: [TransportObjects.NVMePath]) {
        let names = reader.names("sys/class/nvme", "controllers")
        if names.isEmpty { return ([], []) }
        let subsystems = self.subsystems()
        var controllers: [Inventory.Controller] = []
        var paths: [TransportObjects.NVMePath] = []
        for name in names {
            reader.trace?.subject = name
            guard let directory = reader.tree.directory("sys/class/nvme/\(name)", listing: true) else { continue }
            var controller = controller(name, in: directory)
            if let subsystem = subsystems.first(where: { $0.controllers.contains(name) }) {
                controller.subsystem = subsystem.name
                controller.ioPolicy = subsystem.ioPolicy
                reader.trace?.add("subsystem", "sys/class/nvme-subsystem/\(subsystem.name)", "has \(name)")
            }
            controllers.append(controller)
            for entry in reader.names(in: directory, "pathGroups") {
                guard let namespace = Self.namespace(ofPath: entry) else { continue }
                guard let path = reader.tree.directory(entry, below: directory) else { continue }
                paths.append(
                    TransportObjects.NVMePath(
                        namespace: namespace, name: entry, controller: name, accessState: reader.text("ana_state", "accessState", in: path))
                )
            }
        }
        return (controllers, paths.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) })
    }

    private func controller(_ name: String, in directory: borrowing Directory) -> Inventory.Controller {
        var controller = Inventory.Controller(name: name)
        controller.transport = reader.text("transport", "transport", in: directory)
        controller.address = reader.text("address", "address", in: directory)
        controller.state = reader.text("state", "state", in: directory)
        controller.subsystemNQN = nqn("subsysnqn", "subsystemNQN", in: directory)
        controller.controllerID = reader.parsed("cntlid", "controllerID", in: directory, expected: "a number", FactText.decimal)
        controller.type = reader.text("cntrltype", "type", in: directory)
        controller.model = reader.text("model", "model", in: directory)
        controller.serial = reader.text("serial", "serial", in: directory)
        controller.firmware = reader.text("firmware_rev", "firmware", in: directory)
        // A drive of the machine's own is connected by nobody.
        if controller.transport != nil, controller.transport != "pcie" {
            controller.hostNQN = nqn("hostnqn", "hostNQN", in: directory)
            controller.hostID = reader.text("hostid", "hostID", in: directory)
        }
        return controller
    }

    /// A subsystem's directory has a link to each of its controllers.
    private func subsystems() -> [(name: String, controllers: [String], ioPolicy: String?)] {
        reader.names("sys/class/nvme-subsystem", "controllers").compactMap { name in
            reader.trace?.subject = name
            guard let directory = reader.tree.directory("sys/class/nvme-subsystem/\(name)", listing: true) else { return nil }
            return (name, reader.names(in: directory, "controllers"), reader.text("iopolicy", "ioPolicy", in: directory))
        }
    }

    private func nqn(_ attribute: StaticString, _ field: StaticString, in directory: borrowing Directory) -> NQN? {
        reader.parsed(attribute, field, in: directory, expected: "an NVMe qualified name") { FactText.valid($0).flatMap { NQN($0) } }
    }

    /// `nvme0n1` of `nvme0c1n1`: subsystem, controller, namespace (drivers/nvme/host/multipath.c). Nil for other names.
    static func namespace(ofPath name: String) -> String? {
        var rest = Substring(name).utf8
        guard name.hasPrefix("nvme") else { return nil }
        rest = rest.dropFirst(4)
        func digits() -> Substring.UTF8View? {
            let found = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(found.count)
            return found.isEmpty ? nil : found
        }
        guard let subsystem = digits(), rest.popFirst() == UInt8(ascii: "c"), digits() != nil, rest.popFirst() == UInt8(ascii: "n"),
            let number = digits(), rest.isEmpty
        else { return nil }
        return "nvme\(Substring(subsystem))n\(Substring(number))"
    }
}
