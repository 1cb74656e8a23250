/// dpkg's database, `var/lib/dpkg/status` (deb-control(5)): paragraphs of `Key: value` lines, with `Package`, `Status` and `Version`.
package struct DebianPackages {
    let reader: FactReader

    func each(_ take: (_ package: String, _ version: String?) -> Void) {
        let packages = reader.whole(file: "var/lib/dpkg/status", "applications", limit: 64 << 20) { .value(Self.names($0)) }
        for (package, version) in packages ?? [] { take(package, version) }
    }

    /// Of dpkg's three words (what is wanted, a flag, the state; dpkg(1)), the third: while packages are upgraded, and after an upgrade that failed,
    /// they are unpacked, half-configured or wait for triggers. Their programs run all the same.
    private static func isThere(_ words: UnsafeRawBufferPointer) -> Bool {
        var fields = Fields(words)
        guard fields.next() != nil, fields.next() != nil, let state = fields.next() else { return false }
        return !FactText.equal(state, "not-installed") && !FactText.equal(state, "config-files")
    }

    /// What is installed, with its version.
    package static func names(_ bytes: UnsafeRawBufferPointer) -> [(package: String, version: String?)] {
        var found: [(String, String?)] = []
        var (package, version, isInstalled): (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?, Bool) = (nil, nil, false)
        func finish() {
            defer { (package, version, isInstalled) = (nil, nil, false) }
            guard isInstalled, let name = package.flatMap(FactText.valid) else { return }
            found.append((name, version.flatMap(FactText.valid)))
        }
        for line in Lines(bytes) {
            if line.isEmpty {
                finish()
            } else if FactText.starts(line, with: "Package: ") {
                package = UnsafeRawBufferPointer(rebasing: line[9...])
            } else if FactText.starts(line, with: "Version: ") {
                version = UnsafeRawBufferPointer(rebasing: line[9...])
            } else if FactText.starts(line, with: "Status: ") {
                isInstalled = isThere(UnsafeRawBufferPointer(rebasing: line[8...]))
            }
        }
        finish()
        return found
    }
}
