/// Tells a condition that persists once, and once more when it is over, whatever the number of times it is met.
package struct Conditions: Sendable {
    private var raised: [String: String] = [:]

    package init() {}

    /// What to say now about `subject`: nothing where it was said before in the same words.
    package mutating func raise(_ subject: String, _ text: String) -> String? {
        if raised[subject] == text { return nil }
        raised[subject] = text
        return text
    }

    /// True where `subject` was raised before; it is no more.
    package mutating func clear(_ subject: String) -> Bool { raised.removeValue(forKey: subject) != nil }

    package var subjects: [String] { raised.keys.sorted() }

    package func isRaised(_ subject: String) -> Bool { raised[subject] != nil }
}
