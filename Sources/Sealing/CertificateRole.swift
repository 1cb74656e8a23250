/// What the holder of a leaf certificate may do: exactly one of these stands in its extended key usage.
///
/// The private arc is that of a UUID (ITU-T X.667): 2.25.207522363965355711934219844745279616804.
package enum CertificateRole: Int, Equatable, Sendable, CaseIterable {
    case controllerSigning = 1
    case controllerDecryption = 2
    case host = 3

    /// In dots.
    package var objectIdentifier: String { "2.25.207522363965355711934219844745279616804.\(rawValue)" }

    /// The contents of the OBJECT IDENTIFIER.
    var encoded: [UInt8] { Self.arc + [UInt8(rawValue)] }

    init?(encoded: some Collection<UInt8>) {
        guard encoded.count == Self.arc.count + 1, encoded.starts(with: Self.arc), let last = encoded.dropFirst(Self.arc.count).first
        else { return nil }
        self.init(rawValue: Int(last))
    }

    private static let arc: [UInt8] = [
        0x69, 0x82, 0xB8, 0x9F, 0xAD, 0x9F, 0xC8, 0xAD, 0x9A, 0xAE, 0x8D, 0xA0, 0xFC, 0xDB, 0xC7, 0xD1, 0xE2, 0xE2, 0xEE, 0x24,
    ]
}

extension CertificateRole: CustomStringConvertible {
    package var description: String {
        switch self {
        case .controllerSigning: "controller signing"
        case .controllerDecryption: "controller decryption"
        case .host: "host"
        }
    }
}
