/// The well-known TCP ports of the protocol.
package enum ISCSIPort {
    /// A target portal's (RFC 7143 section 4.2.7.2, IANA "iscsi-target").
    package static let target: UInt16 = 3260
    /// An iSNS server's (RFC 4171 section 2.1).
    package static let isns: UInt16 = 3205
}
