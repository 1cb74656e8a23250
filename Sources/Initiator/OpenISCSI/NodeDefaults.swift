import Files
import ISCSI

/// What a node record says before anybody has said anything: open-iscsi's own defaults, then the host's `iscsid.conf`.
///
/// Keys and their order are those of open-iscsi 2.1.8's records; older and newer versions read them, and pass over what they do not know.
package struct NodeDefaults: Sendable {
    package static let version = "2.1.8"

    /// In the record's order. Nil: the key stands in the record only where it has a value.
    static let keys: [(key: String, value: String?)] = [
        ("node.name", nil), ("node.tpgt", nil), ("node.startup", "manual"), ("node.leading_login", "No"),
        ("iface.hwaddress", nil), ("iface.ipaddress", nil), ("iface.iscsi_ifacename", "default"), ("iface.net_ifacename", nil),
        ("iface.gateway", nil), ("iface.subnet_mask", nil), ("iface.prefix_len", "0"), ("iface.transport_name", "tcp"),
        ("iface.initiatorname", nil), ("iface.state", nil), ("iface.vlan_id", "0"), ("iface.vlan_priority", "0"),
        ("iface.iface_num", "0"), ("iface.mtu", "0"), ("iface.port", "0"), ("iface.bootproto", nil), ("iface.tos", "0"),
        ("iface.ttl", "0"), ("iface.tcp_wsf", "0"), ("iface.tcp_timer_scale", "0"), ("iface.def_task_mgmt_timeout", "0"),
        ("iface.erl", "0"), ("iface.max_receive_data_len", "0"), ("iface.first_burst_len", "0"), ("iface.max_outstanding_r2t", "0"),
        ("iface.max_burst_len", "0"),
        ("node.discovery_address", nil), ("node.discovery_port", "0"), ("node.discovery_type", "static"),
        ("node.session.initial_cmdsn", "0"), ("node.session.initial_login_retry_max", "4"),
        ("node.session.xmit_thread_priority", "-20"), ("node.session.cmds_max", "128"), ("node.session.queue_depth", "32"),
        ("node.session.nr_sessions", "1"),
        ("node.session.auth.authmethod", "None"), ("node.session.auth.username", nil), ("node.session.auth.password", nil),
        ("node.session.auth.username_in", nil), ("node.session.auth.password_in", nil), ("node.session.auth.chap_algs", "MD5"),
        ("node.session.timeo.replacement_timeout", "120"), ("node.session.err_timeo.abort_timeout", "15"),
        ("node.session.err_timeo.lu_reset_timeout", "30"), ("node.session.err_timeo.tgt_reset_timeout", "30"),
        ("node.session.err_timeo.host_reset_timeout", "60"), ("node.session.iscsi.FastAbort", "Yes"),
        ("node.session.iscsi.InitialR2T", "No"), ("node.session.iscsi.ImmediateData", "Yes"),
        ("node.session.iscsi.FirstBurstLength", "262144"), ("node.session.iscsi.MaxBurstLength", "16776192"),
        ("node.session.iscsi.DefaultTime2Retain", "0"), ("node.session.iscsi.DefaultTime2Wait", "2"),
        ("node.session.iscsi.MaxConnections", "1"), ("node.session.iscsi.MaxOutstandingR2T", "1"), ("node.session.iscsi.ERL", "0"),
        ("node.session.scan", "auto"), ("node.session.reopen_max", "0"),
        ("node.conn[0].address", nil), ("node.conn[0].port", "3260"), ("node.conn[0].startup", "manual"),
        ("node.conn[0].tcp.window_size", "524288"), ("node.conn[0].tcp.type_of_service", "0"),
        ("node.conn[0].timeo.logout_timeout", "15"), ("node.conn[0].timeo.login_timeout", "30"),
        ("node.conn[0].timeo.auth_timeout", "45"), ("node.conn[0].timeo.noop_out_interval", "5"),
        ("node.conn[0].timeo.noop_out_timeout", "5"), ("node.conn[0].iscsi.MaxXmitDataSegmentLength", "0"),
        ("node.conn[0].iscsi.MaxRecvDataSegmentLength", "262144"), ("node.conn[0].iscsi.HeaderDigest", "None"),
        ("node.conn[0].iscsi.DataDigest", "None"), ("node.conn[0].iscsi.IFMarker", "No"), ("node.conn[0].iscsi.OFMarker", "No"),
    ]

    private var values: [String: SecretBytes] = [:]

    /// open-iscsi's own.
    package init() {
        for (key, value) in Self.keys { values[key] = value.map { SecretBytes($0.utf8) } }
    }

    /// And what `iscsid.conf` says of nodes. Keys that 2.1.8 does not know are passed over, as it passes over them.
    package init(daemonSettings: RecordText) {
        self.init()
        let known = Set(Self.keys.map(\.key))
        for (key, value) in daemonSettings.settings where key.hasPrefix("node.") && known.contains(key) {
            if value.count <= RecordText.maximumValue, Self.isAllowed(value, for: key) { values[key] = value }
        }
    }

    /// A value of which open-iscsi knows all there are is passed over where it is none of them.
    private static func isAllowed(_ value: SecretBytes, for key: String) -> Bool {
        let words = String(decoding: value, as: UTF8.self)
        switch key {
        case "node.startup", "node.conn[0].startup": return ["manual", "automatic", "onboot"].contains(words)
        case "node.session.auth.authmethod": return ["None", "CHAP"].contains(words)
        case "node.session.scan": return ["manual", "auto"].contains(words)
        case "node.conn[0].iscsi.HeaderDigest", "node.conn[0].iscsi.DataDigest":
            return ["None", "CRC32C", "CRC32C,None", "None,CRC32C"].contains(words)
        case "node.leading_login", "node.session.iscsi.FastAbort", "node.session.iscsi.InitialR2T", "node.session.iscsi.ImmediateData",
            "node.conn[0].iscsi.IFMarker", "node.conn[0].iscsi.OFMarker":
            return ["Yes", "No"].contains(words)
        default: return true
        }
    }

    /// A new record for that name, with the interface's own settings.
    package func record(_ name: RecordName, interface: InterfaceRecord) -> RecordText {
        var values = values
        values["node.name"] = SecretBytes(name.spelling.utf8)
        values["node.tpgt"] = SecretBytes((name.portalGroupTag.map { "\($0)" } ?? "-1").utf8)
        values["node.conn[0].address"] = SecretBytes(name.address.utf8)
        values["node.conn[0].port"] = SecretBytes("\(name.port)".utf8)
        values["iface.iscsi_ifacename"] = SecretBytes(interface.name.utf8)
        for setting in interface.settings { values[setting.key] = setting.value }
        let unknown = interface.settings.filter { setting in !Self.keys.contains { $0.key == setting.key } }
        var settings: [(key: String, value: SecretBytes)] = []
        for (key, _) in Self.keys {
            if key == "node.discovery_address" { settings += unknown.map { (key: $0.key, value: $0.value) } }
            if let value = values[key] { settings.append((key: key, value: value)) }
        }
        return RecordText(settings: settings, version: Self.version)
    }

    /// The keys before that one, in the record's order.
    package static func predecessors(of key: String) -> [String] { keys.map(\.key).prefix { $0 != key }.map { $0 } }
}

/// iscsid's settings may hold secrets, too.
extension NodeDefaults: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(values.count) settings of new records" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
