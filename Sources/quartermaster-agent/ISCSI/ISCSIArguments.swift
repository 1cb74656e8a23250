import AgentCore
import ArgumentParser
import ISCSI
import Identifiers
import Initiator

extension ISCSIName: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension PortalAddress {
    /// A portal (or an iSNS server) as it was written for `option`; also in iscsiadm's form, `192.0.2.1:3260,1`, whose group is the target's to say.
    init(written text: String, for option: String, defaultPort: UInt16 = ISCSIPort.target) throws(AgentError) {
        let isTarget = defaultPort == ISCSIPort.target
        guard let address = isTarget ? SendTargetsText.address(text)?.address : PortalAddress(text, defaultPort: defaultPort) else {
            throw .invalid(option: option, value: text.printable, allowed: "a name, IPv4 or [IPv6] address, with :port or without")
        }
        if case .ipv6 = address.host, !text.hasPrefix("["), let last = text.split(separator: ":").last,
            ["\(ISCSIPort.target)", "\(ISCSIPort.isns)"].contains(last)
        {
            let host = text.dropLast(last.count + 1)
            throw .invalid(
                option: option, value: text.printable,
                allowed:
                    "[\(host)\(host.hasSuffix(":") ? ":" : "")]:\(last) where \(last) is the port, [\(text)] where it is of the address")
        }
        self = address
    }
}

extension WWID {
    /// Of a logical unit, as it was written for `option`: a slip is found before anything is connected.
    init(written text: String, for option: String) throws(AgentError) {
        let kinds = ["naa.", "eui.", "uuid.", "t10.", "nvme."]
        guard let wwid = WWID(text), wwid.isDesignator, kinds.contains(where: wwid.description.hasPrefix) else {
            throw .invalid(
                option: option, value: text.printable,
                allowed: "naa. and 16 or 32 hexadecimal digits, eui. and 16, 24 or 32, or uuid., t10. or nvme. as the kernel's wwid has it")
        }
        self = wwid
    }
}
