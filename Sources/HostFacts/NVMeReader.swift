import Identifiers
import Inventory

/// Reads an NVMe namespace and the controller or, with native multipath, the subsystem that it stands below.
struct NVMeReader {
    private let reader: FactReader
    private let objects: TransportObjects
    private var index = NameIndex()
    private var known: [Ends] = []

    /// What is the same for all namespaces of a controller or subsystem.
    private struct Ends {
        var model: String?
        var serial: String?
        var revision: String?
        var subsystemNQN: NQN?
        var state: String?
        /// `pcie`, `tcp`, `rdma`, `fc`, `loop`.
        var transport: String?
        var hostNQN: NQN?
        /// The controller's directory, where transport and host are read.
        var controller: String?
    }

    init(reader: FactReader, objects: TransportObjects) {
        self.reader = reader
        self.objects = objects
    }

    mutating func read(_ device: inout Inventory.BlockDevice, _ path: DevicePath, in directory: borrowing Directory) {
        device.wwid = reader.parsed("wwid", "wwid", in: directory, expected: "a WWID", FactText.designator)
        guard let below = path.device else { return }
        let position = index[below] ?? known.count
        if position == known.count {
            index.insert(below, at: position)
            known.append(readEnds(below))
        }
        let ends = known[position]
        explain(ends, below)
        device.model = ends.model
        device.serial = ends.serial
        device.revision = ends.revision
        device.subsystemNQN = ends.subsystemNQN
        device.state = ends.state
        if let transport = ends.transport, transport != "pcie",
            let namespace = reader.parsed("nsid", "logicalUnit", in: directory, expected: "a namespace ID", FactText.decimal)
        {
            device.logicalUnit = Inventory.LogicalUnit(
                lun: UInt64(namespace), targetPort: ends.subsystemNQN.map(InitiatorName.nqn), initiator: ends.hostNQN.map(InitiatorName.nqn)
            )
        }
    }

    private func readEnds(_ path: String) -> Ends {
        var ends = Ends()
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.index(after: $0)...]) } ?? path
        if let controller = objects.controller(name) {
            (ends.model, ends.serial, ends.revision) = (controller.model, controller.serial, controller.firmware)
            (ends.subsystemNQN, ends.state) = (controller.subsystemNQN, controller.state)
            (ends.transport, ends.hostNQN) = (controller.transport, controller.hostNQN)
            ends.controller = path
            return ends
        }
        guard let directory = reader.tree.directory(path, listing: true) else { return ends }
        ends.model = reader.text("model", "model", in: directory)
        ends.serial = reader.text("serial", "serial", in: directory)
        ends.revision = reader.text("firmware_rev", "revision", in: directory)
        ends.subsystemNQN = nqn("subsysnqn", "subsystemNQN", in: directory)
        ends.transport = reader.text("transport", "transport", in: directory)
        if ends.transport != nil {
            ends.controller = path
            ends.state = reader.text("state", "state", in: directory)
            ends.hostNQN = nqn("hostnqn", "initiator", in: directory)
        } else if let controller = objects.controllers.first(where: { $0.subsystem == name }) {
            (ends.transport, ends.hostNQN) = (controller.transport, controller.hostNQN)
            ends.controller = "sys/class/nvme/\(controller.name)"
        } else if let controller = reader.names(in: directory, "transport").first(where: Self.isController),
            // A subsystem has links to its controllers, all of one transport; class/nvme has them under the same names.
            let directory = reader.tree.directory("sys/class/nvme/\(controller)")
        {
            ends.controller = "sys/class/nvme/\(controller)"
            ends.transport = reader.text("transport", "transport", in: directory)
            ends.hostNQN = nqn("hostnqn", "initiator", in: directory)
        }
        return ends
    }

    /// What is read once is told for each namespace.
    private func explain(_ ends: Ends, _ path: String) {
        guard let trace = reader.trace else { return }
        func add(_ field: StaticString, _ place: String?, _ attribute: String, _ value: String?) {
            if let place, let value { trace.add(field, "\(place)/\(attribute)", value) }
        }
        add("model", path, "model", ends.model)
        add("serial", path, "serial", ends.serial)
        add("revision", path, "firmware_rev", ends.revision)
        add("subsystemNQN", path, "subsysnqn", ends.subsystemNQN?.description)
        add("state", path, "state", ends.state)
        add("transport", ends.controller, "transport", ends.transport)
        add("initiator", ends.controller, "hostnqn", ends.hostNQN?.description)
    }

    private func nqn(_ attribute: StaticString, _ field: StaticString, in directory: borrowing Directory) -> NQN? {
        reader.parsed(attribute, field, in: directory, expected: "an NVMe qualified name") { FactText.valid($0).flatMap { NQN($0) } }
    }

    /// `nvme0`, and not `nvme0n1`.
    private static func isController(_ name: String) -> Bool {
        name.hasPrefix("nvme") && name.count > 4
            && name.dropFirst(4).utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
