/// A name that people give: of an account, a domain, a user, a tier. 1 to 128 bytes of UTF-8 without control, formatting, private or unassigned
/// characters and without spaces at its ends, so that no two names look alike by what cannot be seen.
package struct Name: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(NameError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong(bytes: text.utf8.count) }
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                throw .forbiddenCharacter(offset: offset, scalar: scalar.value)
            default: continue
            }
        }
        guard text.first?.isWhitespace == false, text.last?.isWhitespace == false else { throw .spaceAtEnd }
        self.text = text
    }

    package static let maximumLength = 128

    package var description: String { text }
}

package enum NameError: Error, Equatable, Sendable {
    case empty
    case tooLong(bytes: Int)
    /// The scalar's place counts from 0.
    case forbiddenCharacter(offset: Int, scalar: UInt32)
    case spaceAtEnd
}

extension NameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "a name is empty; give 1 to \(Name.maximumLength) bytes"
        case .tooLong(let bytes): "a name has \(bytes) bytes; at most \(Name.maximumLength) are allowed"
        case .forbiddenCharacter(let offset, let scalar):
            "a name has the character U+\(String(scalar, radix: 16, uppercase: true)) at place \(offset); leave out what cannot be seen"
        case .spaceAtEnd: "a name begins or ends with a space; leave it out"
        }
    }
}
