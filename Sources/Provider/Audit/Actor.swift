import Identifiers

/// Who or what caused a change: `provider:root`, `user:user-…`, `host:host-…`, `pad:pad-…`, `daemon:intake`. Always a kind, a colon and a name of
/// printable characters, 256 bytes at most in all.
package struct Actor: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    private init(_ text: String) { self.text = text }

    /// Somebody on the controller's machine, by the name that its user has there.
    package static func provider(_ login: String) -> Actor { Actor("provider:" + visible(login)) }
    /// Somebody on the controller's machine who is not the provider, by the name that its user has there.
    package static func localUser(_ login: String) -> Actor { Actor("local:" + visible(login)) }
    package static func user(_ id: UserID) -> Actor { Actor("user:\(id)") }
    package static func host(_ id: HostID) -> Actor { Actor("host:\(id)") }
    /// Somebody unknown who wrote on a pad.
    package static func pad(_ id: PadID) -> Actor { Actor("pad:\(id)") }
    package static func system(_ id: SystemID) -> Actor { Actor("system:\(id)") }
    /// A part of the controller that acts by itself.
    package static func daemon(_ name: StaticString) -> Actor { Actor("daemon:\(name)") }

    package var description: String { text }

    private static func visible(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(60)
        return kept.isEmpty ? "unknown" : String(String.UnicodeScalarView(kept))
    }
}
