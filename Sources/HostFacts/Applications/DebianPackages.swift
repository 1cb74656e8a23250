/// dpkg's database, `var/lib/dpkg/status` (deb-control(5)): paragraphs of `Key: value` lines, with `Package`, `Status` and `Version`. It is read line by
/// line.
package struct DebianPackages {
    let reader: FactReader

    /// In bytes. What stands beyond is not told.
    static let longest = 64 << 20

    func each(_ take: (_ package: String, _ version: String?) -> Void) {
        var paragraph = Paragraph()
        let file = "var/lib/dpkg/status"
        if reader.eachLine(file: file, "applications", limit: Self.longest, { paragraph.add($0, take) }) { paragraph.finish(take) }
    }

    /// Of dpkg's three words (what is wanted, a flag, the state; dpkg(1)), the third: while packages are upgraded, and after an upgrade that failed,
    /// they are unpacked, half-configured or wait for triggers. Their programs run all the same.
    private static func isThere(_ words: UnsafeRawBufferPointer) -> Bool {
        var fields = Fields(words)
        guard fields.next() != nil, fields.next() != nil, let state = fields.next() else { return false }
        return !FactText.equal(state, "not-installed") && !FactText.equal(state, "config-files")
    }

    private struct Paragraph {
        private var (package, version, isInstalled): (String?, String?, Bool) = (nil, nil, false)

        mutating func add(_ line: UnsafeRawBufferPointer, _ take: (_ package: String, _ version: String?) -> Void) {
            if line.isEmpty {
                finish(take)
            } else if FactText.starts(line, with: "Package: ") {
                package = FactText.valid(UnsafeRawBufferPointer(rebasing: line[9...]))
            } else if FactText.starts(line, with: "Version: ") {
                version = FactText.valid(UnsafeRawBufferPointer(rebasing: line[9...]))
            } else if FactText.starts(line, with: "Status: ") {
                isInstalled = isThere(UnsafeRawBufferPointer(rebasing: line[8...]))
            }
        }

        mutating func finish(_ take: (_ package: String, _ version: String?) -> Void) {
            if isInstalled, let package { take(package, version) }
            (package, version, isInstalled) = (nil, nil, false)
        }
    }

    /// Of a whole database, what is installed, with its version.
    package static func names(_ bytes: UnsafeRawBufferPointer) -> [(package: String, version: String?)] {
        var found: [(String, String?)] = []
        var paragraph = Paragraph()
        for line in Lines(bytes) { paragraph.add(line) { found.append(($0, $1)) } }
        paragraph.finish { found.append(($0, $1)) }
        return found
    }
}
