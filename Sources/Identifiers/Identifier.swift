/// An opaque ID that the controller gives to one kind of thing. A program that gets one it cannot know passes it on.
///
/// Made by the controller: a lower-case prefix, a hyphen and 26 characters of lower-case base 32 (`host-…`), 130 random bits.
/// Accepted from outside: 1 to 128 printable ASCII characters without spaces or slashes.
package struct Identifier<Kind: IdentifierKind>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    /// Nil where the text could not be an ID at all.
    package init?(_ text: String) {
        guard (1...128).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") })
        else { return nil }
        self.text = text
    }

    /// A new one.
    package static func random(using generator: inout some RandomNumberGenerator) -> Self {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        let characters = (0..<26).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] }
        return Self(unchecked: Kind.prefix + "-" + String(decoding: characters, as: UTF8.self))
    }

    package static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    private init(unchecked text: String) { self.text = text }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// What an `Identifier` identifies.
package protocol IdentifierKind: Sendable {
    static var prefix: String { get }
}

package enum ControllerKind: IdentifierKind { package static let prefix = "controller" }
package enum AccountKind: IdentifierKind { package static let prefix = "account" }
package enum DomainKind: IdentifierKind { package static let prefix = "domain" }
package enum UserKind: IdentifierKind { package static let prefix = "user" }
package enum TokenKind: IdentifierKind { package static let prefix = "token" }
package enum PadKind: IdentifierKind { package static let prefix = "pad" }
package enum HostKind: IdentifierKind { package static let prefix = "host" }
package enum MessageKindTag: IdentifierKind { package static let prefix = "message" }
package enum SystemKind: IdentifierKind { package static let prefix = "system" }

package typealias ControllerID = Identifier<ControllerKind>
package typealias AccountID = Identifier<AccountKind>
package typealias DomainID = Identifier<DomainKind>
package typealias UserID = Identifier<UserKind>
package typealias TokenID = Identifier<TokenKind>
package typealias PadID = Identifier<PadKind>
package typealias HostID = Identifier<HostKind>
package typealias MessageID = Identifier<MessageKindTag>
/// The controller's ID of a storage system, not the one that the system or its plug-in claims.
package typealias SystemID = Identifier<SystemKind>
