import Identifiers

/// Who logs in.
package struct InitiatorIdentity: Hashable, Sendable {
    package let name: ISCSIName
    /// As the host's file spells it: targets' access lists may compare bytes.
    package let spelling: String
    /// InitiatorAlias, at most 255 bytes; sent where it is known.
    package let alias: String?

    package init(name: ISCSIName, spelling: String? = nil, alias: String? = nil) {
        self.name = name
        self.spelling = spelling ?? name.description
        self.alias = alias
    }
}
