/// Finds installed packages of the applications in a table, in the databases of dpkg, RPM, pacman and apk. None of those tools is run.
struct InstalledPackages {
    let reader: FactReader
    let table: ApplicationTable

    /// A package of an application, by the name of its row.
    struct Found: Equatable {
        let application: String
        let package: String
        var version: String?
    }

    func all() -> [Found] {
        var found: [Found] = []
        let take = { (package: String, version: String?) in
            guard let row = table.row(package: package) else { return }
            let entry = Found(application: row.name, package: package, version: version)
            // Two architectures of one package are one package.
            if !found.contains(where: { $0.package == package }) { found.append(entry) }
        }
        DebianPackages(reader: reader).each(take)
        RPMPackages(reader: reader).each {
            table.row(package: $0) != nil
        } take: {
            take($0, $1)
        }
        PacmanPackages(reader: reader).each(take)
        AlpinePackages(reader: reader).each(take)
        return found.sorted { $0.package < $1.package }
    }
}
