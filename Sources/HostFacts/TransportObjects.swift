import Identifiers
import Inventory

/// What the transports know by name, read once each: the ports, sessions and controllers that disks refer to.
struct TransportObjects: Sendable {
    private(set) var remotePorts: [Inventory.RemotePort] = []
    private(set) var sessions: [Inventory.Session] = []
    private(set) var controllers: [Inventory.Controller] = []
    private(set) var initiators: [Inventory.Initiator] = []
    /// Of NVMe namespaces with native multipath, sorted by their namespace.
    private(set) var nvmePaths: [NVMePath] = []
    private var index: NameIndex

    /// A path of an NVMe namespace: a hidden block device below a controller.
    struct NVMePath: Sendable {
        /// The block device that is to be used: `nvme0n1`.
        let namespace: String
        /// `nvme0c1n1`
        let name: String
        let controller: String
        let accessState: String?
    }

    /// None at all.
    init() { index = NameIndex() }

    init(reader: FactReader) {
        (controllers, nvmePaths) = ControllerReader(reader: reader).all()
        initiators = InitiatorReader(reader: reader).all(controllers: controllers)
        remotePorts = RemotePortReader(reader: reader).all(initiators: initiators)
        sessions = SessionReader(reader: reader).all()
        // One index for all: the kernel's names begin with what they are.
        index = NameIndex()
        for (position, port) in remotePorts.enumerated() { index.set(port.name, to: position) }
        for (position, session) in sessions.enumerated() { index.set(session.name, to: position) }
        for (position, controller) in controllers.enumerated() { index.set(controller.name, to: position) }
        for (position, initiator) in initiators.enumerated() where initiator.transport == .fc {
            if let name = initiator.name { index.set(name, to: position) }
        }
    }

    func remotePort(_ name: String) -> Inventory.RemotePort? { index[name].map { remotePorts[$0] } }
    func session(_ name: String) -> Inventory.Session? { index[name].map { sessions[$0] } }
    func controller(_ name: String) -> Inventory.Controller? { index[name].map { controllers[$0] } }
    /// An FC port, by its SCSI host.
    func fibreChannelPort(_ host: String) -> Inventory.Initiator? { index[host].map { initiators[$0] } }
}
