extension Inventory.ISCSIInterface {
    /// This record as every reader takes it, and what was left out for its length; nil where its name is too long.
    package func withinBounds() -> (interface: Self?, problems: [Inventory.Problem]) {
        var (bounds, interface) = (Bounds(), self)
        return (bounds.limit(&interface) ? interface : nil, bounds.problems)
    }
}

extension Bounds {
    mutating func limit(_ port: inout Inventory.RemotePort) -> Bool {
        let path = "/sys/class/fc_remote_ports/\(port.name)"
        limit(&port.host, 255, "host", at: path)
        limit(&port.portID, 64, "portID", at: path)
        limit(&port.roles, 255, "roles", at: path)
        limit(&port.portState, 64, "portState", at: path)
        return fits(port.name, 255, "remotePorts", at: path)
    }

    mutating func limit(_ session: inout Inventory.Session) -> Bool {
        let path = "/sys/class/iscsi_session/\(session.name)"
        limit(&session.host, 255, "host", at: path)
        limit(&session.state, 64, "state", at: path)
        limit(&session.interface, 255, "interface", at: path)
        limit(&session.portals) { bounds, portal in
            bounds.limit(&portal.state, 64, "portals", at: path)
            return bounds.fits(portal.address, 255, "portals", at: path)
        }
        return fits(session.name, 255, "sessions", at: path)
    }

    mutating func limit(_ controller: inout Inventory.Controller) -> Bool {
        let path = "/sys/class/nvme/\(controller.name)"
        limit(&controller.subsystem, 255, "subsystem", at: path)
        limit(&controller.transport, 64, "transport", at: path)
        limit(&controller.address, 512, "address", at: path)
        limit(&controller.state, 64, "state", at: path)
        limit(&controller.hostID, 64, "hostID", at: path)
        limit(&controller.type, 64, "type", at: path)
        limit(&controller.model, 512, "model", at: path)
        limit(&controller.serial, 512, "serial", at: path)
        limit(&controller.firmware, 255, "firmware", at: path)
        limit(&controller.ioPolicy, 64, "ioPolicy", at: path)
        return fits(controller.name, 255, "controllers", at: path)
    }

    mutating func limit(_ interface: inout Inventory.ISCSIInterface) -> Bool {
        let path = "/etc/iscsi/ifaces/\(interface.name)"
        limit(&interface.transport, 64, "interfaces", at: path)
        limit(&interface.networkInterface, 255, "interfaces", at: path)
        limit(&interface.hardwareAddress, 64, "interfaces", at: path)
        limit(&interface.address, 255, "interfaces", at: path)
        return fits(interface.name, 255, "interfaces", at: path)
    }

    mutating func limit(_ groups: inout [Inventory.PathGroup], at path: String) {
        if groups.count > Inventory.PathGroup.maximumGroups { groups.removeLast(groups.count - Inventory.PathGroup.maximumGroups) }
        for index in groups.indices {
            limit(&groups[index].state, 64, "pathGroups", at: path)
            let excess = groups[index].paths.count - Inventory.PathGroup.maximumPaths
            if excess > 0 { groups[index].paths.removeLast(excess) }
            limit(&groups[index].paths) { bounds, member in
                bounds.limit(&member.state, 64, "pathGroups", at: path)
                bounds.limit(&member.accessState, 64, "accessState", at: path)
                bounds.limit(&member.controller, 255, "pathGroups", at: path)
                return bounds.fits(member.device, 255, "pathGroups", at: path)
            }
        }
    }

    mutating func limit(_ array: inout Inventory.RAIDArray?, at path: String) {
        guard var limited = array else { return }
        limit(&limited.syncAction, 64, "array", at: path)
        limit(&limited.members) { bounds, member in
            bounds.limit(&member.state, 255, "array", at: path)
            return bounds.fits(member.device, 255, "array", at: path)
        }
        array = limited
    }
}
