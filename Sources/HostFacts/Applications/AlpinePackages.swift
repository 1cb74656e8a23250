/// apk's database, `lib/apk/db/installed` (apk-db(5)): paragraphs of `K:value` lines, `P` the package and `V` its version.
package struct AlpinePackages {
    let reader: FactReader

    func each(_ take: (_ package: String, _ version: String?) -> Void) {
        let packages = reader.whole(file: "lib/apk/db/installed", "applications", limit: 64 << 20) { .value(Self.names($0)) }
        for (package, version) in packages ?? [] { take(package, version) }
    }

    package static func names(_ bytes: UnsafeRawBufferPointer) -> [(package: String, version: String?)] {
        var found: [(String, String?)] = []
        var (package, version): (String?, String?) = (nil, nil)
        func finish() {
            if let package { found.append((package, version)) }
            (package, version) = (nil, nil)
        }
        for line in Lines(bytes) {
            if line.isEmpty {
                finish()
            } else if FactText.starts(line, with: "P:") {
                package = FactText.valid(UnsafeRawBufferPointer(rebasing: line[2...]))
            } else if FactText.starts(line, with: "V:") {
                version = FactText.valid(UnsafeRawBufferPointer(rebasing: line[2...]))
            }
        }
        finish()
        return found
    }
}
