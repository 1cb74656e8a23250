/// Who this host says it is, and how it proves it; for mutual CHAP also whom the target must prove to be. Discovery and sessions have their own.
package struct CHAPCredentials: Sendable, CustomDebugStringConvertible, CustomReflectable {
    /// CHAP_N, 1 to 255 bytes of UTF-8.
    package let user: String
    package let secret: CHAPSecret
    package let mutual: Mutual?

    /// What the target must prove.
    package struct Mutual: Sendable, CustomDebugStringConvertible, CustomReflectable {
        /// The name that the target must give; nil takes any.
        package let user: String?
        package let secret: CHAPSecret

        package init(user: String?, secret: CHAPSecret) {
            self.user = user
            self.secret = secret
        }

        package var debugDescription: String { "(mutual credentials)" }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    package init(user: String, secret: CHAPSecret, mutual: Mutual? = nil) {
        self.user = user
        self.secret = secret
        self.mutual = mutual
    }

    package var debugDescription: String { "(credentials)" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// What speaks against these, refusals first. Nothing is sent with credentials that a refusal names.
    package var findings: [CHAPRule] {
        var rules = CHAPRule.findings(user: user, secret: secret, isMutual: false)
        if let mutual {
            rules += CHAPRule.findings(user: mutual.user, secret: mutual.secret, isMutual: true)
            if secret.isEqual(to: mutual.secret) { rules.append(.sameSecretInBothDirections) }
        }
        return rules.filter(\.isRefusal) + rules.filter { !$0.isRefusal }
    }
}
