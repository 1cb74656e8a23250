/// pacman's database, `var/lib/pacman/local`: a directory for each package, named `NAME-VERSION-RELEASE`, of which neither of the last two
/// holds a hyphen (PKGBUILD(5)).
package struct PacmanPackages {
    let reader: FactReader

    func each(_ take: (_ package: String, _ version: String?) -> Void) {
        for name in reader.names("var/lib/pacman/local", "applications") {
            if let (package, version) = Self.split(name) { take(package, version) }
        }
    }

    package static func split(_ name: String) -> (package: String, version: String)? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (parts.dropLast(2).joined(separator: "-"), parts.suffix(2).joined(separator: "-"))
    }
}
