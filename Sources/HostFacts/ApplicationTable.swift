/// The applications that are told, by how their packages and processes are named.
enum ApplicationTable {
    struct Row {
        let name: String
        /// Names of packages; `#` at the end stands for a digit and whatever follows, `*` for any rest but none.
        let packages: [String]
        /// The name of a process as `comm` has it: at most 15 bytes.
        let processes: [String]
    }

    static let rows: [Row] = [
        Row(name: "postgresql", packages: ["postgresql-#"], processes: ["postgres", "postmaster"]),
        Row(name: "mariadb", packages: ["mariadb-server", "mariadb-server-#"], processes: ["mariadbd"]),
        Row(name: "mysql", packages: ["mysql-server", "mysql-server-#", "mysql-community-server"], processes: ["mysqld"]),
        Row(name: "oracle", packages: ["oracle-database-*"], processes: ["ora_pmon_*", "tnslsnr"]),
        Row(name: "db2", packages: [], processes: ["db2sysc"]),
        Row(name: "mssql", packages: ["mssql-server"], processes: ["sqlservr"]),
        Row(name: "mongodb", packages: ["mongodb-server", "mongodb-org-server"], processes: ["mongod"]),
        Row(name: "redis", packages: ["redis-server"], processes: ["redis-server"]),
        Row(name: "cassandra", packages: ["cassandra"], processes: []),
        Row(name: "elasticsearch", packages: ["elasticsearch", "opensearch"], processes: []),
        Row(name: "kafka", packages: ["kafka", "confluent-kafka"], processes: []),
        Row(name: "samba", packages: ["samba"], processes: ["smbd"]),
        Row(name: "nfs-server", packages: ["nfs-kernel-server"], processes: ["nfsd"]),
        Row(name: "apache", packages: ["apache2"], processes: ["apache2", "httpd"]),
        Row(name: "nginx", packages: ["nginx", "nginx-core", "nginx-full", "nginx-light"], processes: ["nginx"]),
        Row(name: "postfix", packages: ["postfix"], processes: []),
        Row(name: "dovecot", packages: ["dovecot-core"], processes: ["dovecot"]),
        Row(name: "libvirt", packages: ["libvirt-daemon-system"], processes: ["libvirtd", "virtqemud"]),
        Row(name: "docker", packages: ["docker.io", "docker-ce"], processes: ["dockerd"]),
        Row(name: "kubelet", packages: ["kubelet"], processes: ["kubelet"]),
        Row(name: "ceph", packages: ["ceph-osd", "ceph-mon"], processes: ["ceph-osd", "ceph-mon"]),
        Row(name: "pacemaker", packages: ["pacemaker"], processes: ["pacemakerd"]),
        Row(name: "corosync", packages: ["corosync"], processes: ["corosync"]),
        Row(name: "bacula", packages: ["bacula-sd"], processes: ["bacula-sd"]),
    ]

    static func application(package: String) -> String? {
        byPackage[package] ?? packagePatterns.first { matches(package, $0.pattern) }?.name
    }

    static func application(process: String) -> String? {
        byProcess[process] ?? processPatterns.first { matches(process, $0.pattern) }?.name
    }

    private static let byPackage = exact(\.packages)
    private static let byProcess = exact(\.processes)
    private static let packagePatterns = patterns(\.packages)
    private static let processPatterns = patterns(\.processes)

    private static func exact(_ names: (Row) -> [String]) -> [String: String] {
        var result: [String: String] = [:]
        for row in rows { for name in names(row) where !isPattern(name) { result[name] = row.name } }
        return result
    }

    private static func patterns(_ names: (Row) -> [String]) -> [(pattern: String, name: String)] {
        rows.flatMap { row in names(row).filter(isPattern).map { ($0, row.name) } }
    }

    private static func isPattern(_ name: String) -> Bool { name.hasSuffix("#") || name.hasSuffix("*") }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard text.utf8.count >= pattern.utf8.count, text.hasPrefix(pattern.dropLast()) else { return false }
        let next = text.utf8[text.utf8.index(text.utf8.startIndex, offsetBy: pattern.utf8.count - 1)]
        return pattern.hasSuffix("*") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next)
    }
}
