/// apk's database, `lib/apk/db/installed` (apk-db(5)): paragraphs of `K:value` lines, `P` the package and `V` its version. It is read line by line.
package struct AlpinePackages {
    let reader: FactReader

    func each(_ take: (_ package: String, _ version: String?) -> Void) {
        var paragraph = Paragraph()
        let (file, limit) = ("lib/apk/db/installed", DebianPackages.longest)
        if reader.eachLine(file: file, "applications", limit: limit, { paragraph.add($0, take) }) { paragraph.finish(take) }
    }

    private struct Paragraph {
        private var (package, version): (String?, String?) = (nil, nil)

        mutating func add(_ line: UnsafeRawBufferPointer, _ take: (_ package: String, _ version: String?) -> Void) {
            if line.isEmpty {
                finish(take)
            } else if FactText.starts(line, with: "P:") {
                package = FactText.valid(UnsafeRawBufferPointer(rebasing: line[2...]))
            } else if FactText.starts(line, with: "V:") {
                version = FactText.valid(UnsafeRawBufferPointer(rebasing: line[2...]))
            }
        }

        mutating func finish(_ take: (_ package: String, _ version: String?) -> Void) {
            if let package { take(package, version) }
            (package, version) = (nil, nil)
        }
    }

    /// Of a whole database.
    package static func names(_ bytes: UnsafeRawBufferPointer) -> [(package: String, version: String?)] {
        var found: [(String, String?)] = []
        var paragraph = Paragraph()
        for line in Lines(bytes) { paragraph.add(line) { found.append(($0, $1)) } }
        paragraph.finish { found.append(($0, $1)) }
        return found
    }
}
