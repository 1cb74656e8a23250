/// What the extensions of a certificate say. Extensions of other kinds are passed over, unless they are critical.
///
///     Extensions ::= SEQUENCE OF SEQUENCE { OBJECT IDENTIFIER, BOOLEAN DEFAULT FALSE, OCTET STRING }
struct CertificateExtensions {
    private(set) var subjectKey: [UInt8] = []
    private(set) var authorityKey: [UInt8]?
    private(set) var isAuthority = false
    private(set) var role: CertificateRole?

    init(_ wrapper: inout DERReader) throws(SealingError) {
        var list = try wrapper.enter(DERTag.sequence, "extensions")
        try wrapper.finish("extensions")
        var seen: [[UInt8]] = []
        while !list.isAtEnd {
            let start = list.position
            var entry = try list.enter(DERTag.sequence, "an extension")
            let identifier = Array(entry.bytes[try entry.read(DERTag.objectIdentifier, "an extension's name")])
            guard seen.count < 16, !seen.contains(identifier) else {
                throw .shape(offset: start, expected: "at most 16 extensions, each once")
            }
            seen.append(identifier)
            var isCritical = false
            if entry.next == DERTag.boolean {
                try entry.expect([DERTag.boolean, 1, 0xFF], "the word critical")
                isCritical = true
            }
            var value = try entry.enter(DERTag.octetString, "an extension's value")
            try entry.finish("an extension")
            try read(identifier, &value, isCritical: isCritical, at: start)
        }
    }

    private mutating func read(_ identifier: [UInt8], _ value: inout DERReader, isCritical: Bool, at start: Int) throws(SealingError) {
        switch identifier {
        case OID.subjectKeyIdentifier:
            subjectKey = Array(value.bytes[try value.read(DERTag.octetString, "a subject key identifier")])
        case OID.authorityKeyIdentifier:
            var fields = try value.enter(DERTag.sequence, "an authority key identifier")
            authorityKey = Array(value.bytes[try fields.read(DERTag.context(0), "an authority's key identifier")])
            try fields.finish("an authority key identifier")
        case OID.basicConstraints:
            var fields = try value.enter(DERTag.sequence, "basic constraints")
            if fields.next == DERTag.boolean {
                try fields.expect([DERTag.boolean, 1, 0xFF], "the word that it is an authority")
                isAuthority = true
                if fields.next == DERTag.integer { try fields.expect([DERTag.integer, 1, 0], "a path length of 0") }
            }
            try fields.finish("basic constraints")
        case OID.extendedKeyUsage:
            var purposes = try value.enter(DERTag.sequence, "an extended key usage")
            let purpose = try purposes.read(DERTag.objectIdentifier, "a role")
            guard let role = CertificateRole(encoded: value.bytes[purpose]) else {
                throw .shape(offset: purpose.lowerBound, expected: "one of the roles \(CertificateRole.allCases)")
            }
            self.role = role
            try purposes.finish("an extended key usage of one role")
        case OID.keyUsage:
            _ = try value.read(DERTag.bitString, "a key usage")
        default:
            guard !isCritical else { throw .shape(offset: start, expected: "no critical extension of another kind") }
            return
        }
        try value.finish("an extension's value")
    }
}
