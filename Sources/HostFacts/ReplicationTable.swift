/// `/proc/drbd` of DRBD 8.4: ` 0: cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----`, by the device's minor number.
enum ReplicationTable {
    /// Connection, roles and disk states of a device: `Connected Primary/Secondary UpToDate/UpToDate`. Nil where the table does not have it.
    static func state(ofMinor minor: UInt32, in bytes: UnsafeRawBufferPointer) -> String? {
        for line in Lines(bytes) {
            var fields = Fields(line)
            guard let number = fields.next(), number.last == UInt8(ascii: ":"),
                FactText.decimal(UnsafeRawBufferPointer(rebasing: number.dropLast())) == Int64(minor)
            else { continue }
            var words: [String] = []
            while let field = fields.next(), words.count < 3 {
                for prefix: StaticString in ["cs:", "ro:", "ds:"] where FactText.starts(field, with: prefix) {
                    if let word = FactText.valid(UnsafeRawBufferPointer(rebasing: field[3...])) { words.append(word) }
                }
            }
            return words.isEmpty ? nil : words.joined(separator: " ")
        }
        return nil
    }
}
