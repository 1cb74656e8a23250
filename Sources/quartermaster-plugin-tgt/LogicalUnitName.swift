/// The name by which initiators know a logical unit of tgt's.
enum LogicalUnitName {
    /// `naa.` and 32 digits: what Linux shows as `wwid`.
    ///
    /// tgt puts three designators into VPD page 0x83 (SPC-4, 7.8.6): T10 vendor identification with the SCSI ID's text, NAA 3 with target and
    /// unit number, and NAA 6 (IEEE Registered Extended), which Linux prefers. The last is made of the SCSI ID's characters from the end, a
    /// digit each: what is no hexadecimal digit counts as 0, and the first of the 32 digits is 6. So `naa.6001405…` with 32 digits is itself,
    /// and the default `IET     00010001` is `naa.60000000000000000e00000000010001`. Measured with tgt 1.0.85.
    static func wwid(scsiID: String) -> String {
        var digits = [UInt8](repeating: UInt8(ascii: "0"), count: 32)
        for (place, byte) in zip(digits.indices.reversed(), scsiID.utf8.reversed()) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): digits[place] = byte
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digits[place] = byte + 32
            default: break
            }
        }
        digits[0] = UInt8(ascii: "6")
        return "naa." + String(decoding: digits, as: UTF8.self)
    }
}
