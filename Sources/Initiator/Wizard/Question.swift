import ISCSI
import Identifiers

extension Wizard {
    /// A question as data: what is asked, what there is to pick, what an answer may be.
    package struct Question: Equatable, Sendable {
        package enum Kind: Equatable, Sendable {
            /// One of the choices, or what the form takes where there is one.
            case one(or: Form?)
            /// Some of the choices, or what the form takes; separated by commas or spaces.
            case several(or: Form?)
            case text(Form)
        }

        package var field: Field
        package var text: String
        package var kind: Kind
        package var choices: [HostChoices.Item] = []
        /// What Enter takes; nil where something must be said.
        package var initial: String?
        package var help: String

        /// What is made of a line that somebody typed.
        package enum Reading: Equatable, Sendable {
            case answer(String)
            /// Several choices have this in them: their places in the list.
            case narrowed([Int])
            case wrong
        }

        /// `isExact`: of a file, where numbers and beginnings of words are none.
        package func read(_ line: String, isExact: Bool = false) -> Reading {
            if line.isEmpty, let initial, !isExact { return .answer(initial) }
            switch kind {
            case .text(let form): return form.canonical(line).map { .answer($0) } ?? .wrong
            case .several(let form): return several(line, form, isExact: isExact)
            case .one(let form):
                if let value = one(line, form, isExact: isExact) { return .answer(value) }
                return isExact || form != nil ? .wrong : search(line)
            }
        }

        private func one(_ word: String, _ form: Form?, isExact: Bool) -> String? {
            if !isExact, let number = Int(word), choices.indices.contains(number - 1) { return choices[number - 1].value }
            let lower = word.lowercased()
            if let choice = choices.first(where: { $0.value.lowercased() == lower }) { return choice.value }
            return form?.canonical(word)
        }

        private func several(_ line: String, _ form: Form?, isExact: Bool) -> Reading {
            var values: [String] = []
            for word in line.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }) {
                if word.lowercased() == "all", !choices.isEmpty { return .answer("all") }
                guard let value = one(String(word), form, isExact: isExact) else { return .wrong }
                if !values.contains(value) { values.append(value) }
            }
            return values.isEmpty ? .wrong : .answer(values.joined(separator: ", "))
        }

        /// By the beginning of a value, else by a part of what is shown.
        private func search(_ text: String) -> Reading {
            let lower = text.lowercased()
            guard !lower.isEmpty else { return .wrong }
            let beginning = choices.indices.filter { choices[$0].value.lowercased().hasPrefix(lower) }
            if beginning.count == 1 { return .answer(choices[beginning[0]].value) }
            let parts = choices.indices.filter { "\(choices[$0].value) \(choices[$0].text)".lowercased().containsText(lower) }
            return switch parts.count {
            case 0: .wrong
            case 1: .answer(choices[parts[0]].value)
            default: .narrowed(parts)
            }
        }

        /// The values of an answer to `several`.
        package func values(_ answer: String) -> [String] {
            answer == "all" ? choices.map(\.value) : answer.split(separator: ",").map { String($0.drop { $0 == " " }) }
        }

        /// What an answer may be, in words.
        package var expected: String {
            let values = choices.count <= 8 ? choices.map(\.value).joined(separator: ", ") : "one of the \(choices.count) that are listed"
            return switch kind {
            case .text(let form): form.expected
            case .one(let form): [values, form?.expected].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "; or ")
            case .several(let form):
                [choices.isEmpty ? "" : "all, or some of \(values)", form?.expected ?? ""].filter { !$0.isEmpty }.joined(separator: "; or ")
            }
        }
    }

    /// What is typed rather than picked.
    package enum Form: Equatable, Sendable {
        case network, portal, server, user, file
        /// A portal beside those that are listed: by its name only where a dot or a port tells that from a word that was meant otherwise.
        case otherPortal
        /// None, or some.
        case wwids

        /// As it is kept; nil where it is none.
        func canonical(_ text: String) -> String? {
            switch self {
            case .network: Self.network(text)
            case .portal: PortalAddress(text)?.description
            case .otherPortal:
                text.utf8.contains { [UInt8(ascii: "."), UInt8(ascii: ":")].contains($0) } ? PortalAddress(text)?.description : nil
            case .server: PortalAddress(text, defaultPort: ISCSIPort.isns)?.description
            case .user: (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? text : nil
            case .file: (1...4095).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? text : nil
            case .wwids: Self.wwids(text).map { $0.isEmpty ? "none" : $0.map(\.description).joined(separator: ", ") }
            }
        }

        private static func network(_ text: String) -> String? {
            // Why it is none, the question's own words say.
            do throws(AddressRange.Fault) { return try AddressRange(parsing: text).description } catch { return nil }
        }

        static func wwids(_ text: String) -> [WWID]? {
            if text.isEmpty || text == "none" { return [] }
            let words = text.split(whereSeparator: { $0 == "," || $0 == " " })
            let names = words.compactMap { WWID(String($0)) }
            return names.count == words.count ? names : nil
        }

        var expected: String {
            switch self {
            case .network: "a network such as 192.0.2.0/24, at most a /16"
            case .portal: "a name, an IPv4 or [IPv6] address, with :port or without (3260)"
            case .otherPortal: "an IPv4 or [IPv6] address, or a name with a dot or a port in it, with :port or without (3260)"
            case .server: "a name, an IPv4 or [IPv6] address, with :port or without (3205)"
            case .user: "a name of 1 to 255 bytes"
            case .file: "the name of a file of mode 0600, or - for a secret that is typed"
            case .wwids: "none, or WWIDs such as naa.600140512345678, separated by commas"
            }
        }
    }
}

extension String {
    /// By bytes: both are in lower case, and what is no text of ours is not folded further.
    fileprivate func containsText(_ part: String) -> Bool {
        let (text, part) = (Array(utf8), Array(part.utf8))
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
    }
}
