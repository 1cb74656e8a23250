/// Whose names begin how, and what the vendors put behind: conventions that they document, or that their systems show.
enum NamingAuthorities {
    struct Row: Sendable {
        /// `yyyy-mm.domain`
        let authority: String
        let vendor: String
        let conventions: [NamingConvention]

        init(_ authority: String, _ vendor: String, _ conventions: NamingConvention...) {
            self.authority = authority
            self.vendor = vendor
            self.conventions = conventions
        }
    }

    /// The row of a name without its `iqn.`, and what follows the naming authority, with the `:` or `.` that begins it.
    static func row(of name: Substring.UTF8View) -> (row: Row, rest: Substring)? {
        // Most names are of no month that is known, and are not compared.
        guard let month = month(name), places.indices.contains(month) else { return nil }
        for place in places[month] {
            let authority = rows[place].authority.utf8
            guard name.starts(with: authority) else { continue }
            let rest = name.dropFirst(authority.count)
            guard rest.isEmpty || rest.first == UInt8(ascii: ":") || rest.first == UInt8(ascii: ".") else { continue }
            return (rows[place], Substring(rest))
        }
        return nil
    }

    /// Rows by the month that they begin with.
    private static let places: [Range<Int>] = {
        var places = [Range<Int>](repeating: 0..<0, count: 50 * 12)
        for (place, row) in rows.enumerated() {
            guard let month = month(row.authority[...].utf8), places.indices.contains(month) else { continue }
            places[month] = (places[month].isEmpty ? place : places[month].lowerBound)..<place + 1
        }
        return places
    }()

    /// Months from 1980 on of `yyyy-mm.`; nil where that is none.
    private static func month(_ name: Substring.UTF8View) -> Int? {
        var (number, digits) = (0, 0)
        for byte in name.prefix(7) where byte.isDigit {
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
            digits += 1
        }
        return digits == 6 ? (number / 100 - 1980) * 12 + number % 100 - 1 : nil
    }

    /// By their names, so that those of one month stand together.
    static let rows: [Row] = [
        Row("1984-05.com.dell", "Dell", NamingConvention(":powervault.{serial}", product: "PowerVault")),
        Row("1986-03.com.hp", "HPE", NamingConvention(":storage.{product}.{serial}.*"), NamingConvention(":storage.{product}.{serial}")),
        Row(
            "1986-03.com.ibm", "IBM", NamingConvention(":2145.*", product: "SAN Volume Controller or Storwize"),
            NamingConvention(":2076.*", product: "Storwize")),
        Row("1986-03.com.sun", "Oracle or illumos", NamingConvention(":0*", product: "COMSTAR")),
        Row("1988-11.com.dell", "Dell", NamingConvention(":01.array.*", product: "PowerVault ME")),
        Row("1991-05.com.microsoft", "Microsoft", NamingConvention(":*", product: "iSCSI Software Target")),
        Row("1992-01.com.lsi", "NetApp (LSI)"),
        Row("1992-04.com.emc", "Dell EMC", NamingConvention(":cx.{serial}.*", product: "CLARiiON, VNX or Unity")),
        Row("1992-08.com.netapp", "NetApp", NamingConvention(":sn.{serial}:*"), NamingConvention(":sn.{serial}")),
        Row(
            "1994-04.jp.co.hitachi", "Hitachi", NamingConvention(":rsd.{product}.t.{serial}.*"),
            NamingConvention(":rsd.{product}.i.{serial}.*")),
        Row("1997-05.com.amazon", "Amazon", NamingConvention(":*", product: "Storage Gateway")),
        Row("2000-01.com.synology", "Synology"),
        Row("2000-05.com.3pardata", "HPE", NamingConvention(":*", product: "3PAR")),
        Row("2000-08.com.datacore", "DataCore"),
        Row("2000-09.com.fujitsu", "Fujitsu", NamingConvention(":storage-system.eternus*", product: "ETERNUS")),
        Row("2001-05.com.equallogic", "Dell", NamingConvention(":*", product: "EqualLogic")),
        Row("2002-03.com.compellent", "Dell", NamingConvention(":*", product: "Compellent")),
        Row("2002-10.com.infortrend", "Infortrend", NamingConvention(":raid.uid{serial}.*"), NamingConvention(":raid.sn{serial}.*")),
        Row("2003-01.com.redhat.iscsi-gw", "Red Hat", NamingConvention("*", product: "Ceph iSCSI gateway")),
        Row(
            "2003-01.org.linux-iscsi", "Linux", NamingConvention(".*:sn.{serial}", product: "LIO"), NamingConvention("*", product: "LIO")),
        Row("2003-10.com.lefthandnetworks", "HPE", NamingConvention(":*", product: "StoreVirtual")),
        Row("2004-04.com.qnap", "QNAP", NamingConvention(":{product}:iscsi.*")),
        Row("2004-08.jp.buffalo", "Buffalo"),
        Row("2005-10.com.xivstorage", "IBM", NamingConvention(":{serial}", product: "XIV")),
        Row("2005-10.org.freenas.ctl", "iXsystems", NamingConvention(":*", product: "TrueNAS or FreeNAS")),
        Row("2006-01.com.openfiler", "Openfiler", NamingConvention(":tsn.{serial}")),
        Row("2006-08.com.huawei", "Huawei", NamingConvention(":oceanstor:*", product: "OceanStor")),
        Row("2006-10.net.vlnb", "Linux", NamingConvention("*", product: "SCST")),
        Row("2007-11.com.nimblestorage", "HPE", NamingConvention(":*", product: "Nimble")),
        Row("2008-05.com.xtremio", "Dell EMC", NamingConvention(":{serial}-*", product: "XtremIO")),
        Row("2008-08.com.starwindsoftware", "StarWind"),
        Row("2009-01.com.kaminario", "Kaminario", NamingConvention(":storage.k2.{serial}", product: "K2")),
        Row("2009-11.com.infinidat", "Infinidat", NamingConvention(":storage:infinibox-sn-{serial}", product: "InfiniBox")),
        Row("2010-01.com.solidfire", "NetApp", NamingConvention(":*", product: "SolidFire")),
        Row("2010-06.com.nutanix", "Nutanix"),
        Row("2010-06.com.purestorage", "Pure Storage", NamingConvention(":flasharray.*", product: "FlashArray")),
        Row("2010-10.org.openstack", "OpenStack", NamingConvention(":*", product: "Cinder")),
        Row("2011-04.com.zadarastorage", "Zadara"),
        Row("2015-10.com.dell", "Dell", NamingConvention(":dellemc-powerstore-{serial}-*", product: "PowerStore")),
        Row("2015-11.com.hpe", "HPE", NamingConvention(":storage.{product}.{serial}.*"), NamingConvention(":storage.{product}.{serial}")),
    ]
}

/// How the part behind the naming authority is made, as a pattern: `{serial}` and `{product}` are letters and digits, `*` is anything, the rest is itself.
struct NamingConvention: Sendable {
    let pattern: String
    /// What the pattern alone tells; nil where the name says it, or nothing does.
    let product: String?

    init(_ pattern: String, product: String? = nil) {
        self.pattern = pattern
        self.product = product
    }

    struct Parts: Sendable, Equatable {
        var product: String?
        var serial: String?
    }

    /// Nil where the pattern does not fit.
    func parts(of text: Substring) -> Parts? { Self.match(pattern[...].utf8, text.utf8, Parts()) }

    private static func match(_ pattern: Substring.UTF8View, _ text: Substring.UTF8View, _ parts: Parts) -> Parts? {
        guard let first = pattern.first else { return text.isEmpty ? parts : nil }
        switch first {
        case UInt8(ascii: "*"):
            let rest = pattern.dropFirst()
            if rest.isEmpty { return parts }
            var text = text
            while true {
                if let found = match(rest, text, parts) { return found }
                if text.isEmpty { return nil }
                text = text.dropFirst()
            }
        case UInt8(ascii: "{"):
            guard let end = pattern.firstIndex(of: UInt8(ascii: "}")) else { return nil }
            // `-` ends a serial number only where the pattern goes on with one: a model's name may hold it.
            let rest = pattern[pattern.index(after: end)...]
            let takesHyphens = rest.first != UInt8(ascii: "-")
            let value = text.prefix { $0.isDigit || $0.isLowercase || takesHyphens && $0 == UInt8(ascii: "-") }
            guard !value.isEmpty else { return nil }
            var parts = parts
            if pattern.starts(with: "{serial}".utf8) {
                parts.serial = String(Substring(value))
            } else {
                parts.product = String(Substring(value))
            }
            return match(rest, text[value.endIndex...], parts)
        default:
            guard text.first == first else { return nil }
            return match(pattern.dropFirst(), text.dropFirst(), parts)
        }
    }
}
