import Glibc

/// An address of this machine that no other reaches, with a TCP port: `127.0.0.1:9180`, `[::1]:9180`.
package struct LoopbackAddress: Equatable, Sendable, CustomStringConvertible {
    package static let allowed =
        "127.0.0.1:PORT or [::1]:PORT with a port from 1 to 65535, or nothing; other machines are served by a proxy"

    package let host: String
    package let port: Int

    /// Nil where it is written otherwise, or is another machine's to reach.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits), (1...65_535).contains(port)
        else { return nil }
        self.port = port
        switch text[..<colon] {
        case "[::1]": host = "::1"
        case let name:
            var address = in_addr()
            guard name.hasPrefix("127."), inet_pton(AF_INET, String(name), &address) == 1 else { return nil }
            host = String(name)
        }
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
