/// IEEE organizationally unique identifiers of those who make iSCSI storage.
enum OrganizationIdentifiers {
    static func vendor(of identifier: UInt32) -> String? { vendors[identifier] }

    private static let vendors: [UInt32: String] = [
        0x00000E: "Fujitsu", 0x000097: "Dell EMC", 0x0002AC: "HPE (3PAR)", 0x0003FF: "Microsoft", 0x000B08: "Oracle (Pillar)",
        0x000C29: "VMware", 0x000D31: "Dell (Compellent)", 0x001132: "Synology", 0x001378: "QSAN", 0x001405: "Linux (LIO)", 0x001438: "HPE",
        0x00155D: "Microsoft", 0x001738: "IBM (XIV)", 0x0022A1: "Huawei", 0x005056: "VMware", 0x005076: "IBM", 0x006016: "Dell EMC",
        0x0060E8: "Hitachi", 0x0080E5: "NetApp (LSI)", 0x00A098: "NetApp", 0x00A0B8: "NetApp (LSI)", 0x00C0FF: "Seagate (Dot Hill)",
        0x24A937: "Pure Storage", 0x589CFC: "FreeBSD (CTL)", 0x742B0F: "Infinidat",
    ]
}
