/// Finds installed packages of the applications in a table, in the databases of dpkg, RPM, pacman and apk. None of those tools is run.
struct InstalledPackages {
    let reader: FactReader
    let table: ApplicationTable

    /// A package of an application, by the name of its row.
    struct Found: Equatable {
        let application: String
        let package: String
        var version: String?
        /// Where it is written.
        let database: String
    }

    /// Of one application; more are passed over, which is noted. A pattern fits any number of names.
    private static let maximumOfOne = 64

    func all() -> [Found] {
        var found: [Found] = []
        var packages: Set<String> = []
        var counts: [String: Int] = [:]
        var database = "var/lib/dpkg/status"
        let take = { (package: String, version: String?) in
            // Two architectures of one package are one package.
            guard let row = table.row(package: package), !packages.contains(package) else { return }
            counts[row.name, default: 0] += 1
            if counts[row.name] == Self.maximumOfOne + 1 {
                reader.note(database, "applications", "more than \(Self.maximumOfOne) packages of \(row.name): only the first are told")
            }
            guard counts[row.name, default: 0] <= Self.maximumOfOne else { return }
            packages.insert(package)
            found.append(Found(application: row.name, package: package, version: version, database: database))
        }
        DebianPackages(reader: reader).each(take)
        database = rpmDatabase
        RPMPackages(reader: reader).each {
            table.row(package: $0) != nil
        } take: {
            take($0, $1)
        }
        database = "var/lib/pacman/local"
        PacmanPackages(reader: reader).each(take)
        database = "lib/apk/db/installed"
        AlpinePackages(reader: reader).each(take)
        return found.sorted { $0.package < $1.package }
    }

    /// RPM's, in the order in which they are looked for.
    private var rpmDatabase: String {
        let files = ["usr/lib/sysimage/rpm", "var/lib/rpm"].flatMap { ["\($0)/rpmdb.sqlite", "\($0)/Packages.db"] }
        return files.first { reader.tree.isRegular($0) } ?? "var/lib/rpm"
    }
}
