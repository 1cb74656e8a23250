import StrictJSON

/// A registered host asks for its next certificate. `kind` renewal. The request may be for a new key; the message is signed by the
/// present one, so that the old key vouches for the new.
package struct Renewal: Equatable, Sendable {
    /// PKCS #10, DER.
    package var certificateRequest: [UInt8]

    package init(certificateRequest: [UInt8]) { self.certificateRequest = certificateRequest }
}

extension Renewal: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        certificateRequest = try json.bytes("certificateRequest", maximumBytes: 4096)
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { $0.member("certificateRequest", Base64.encode(certificateRequest)) }
    }
}
