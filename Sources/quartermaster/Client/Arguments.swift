import ArgumentParser
import ControllerAPI
import Identifiers

// What the command line reads as values of the field. An ID that no controller made is passed on: the controller refuses it.

extension Identifier: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension InitiatorName: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension ByteCount: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension Timestamp: ExpressibleByArgument {
    /// `2026-11-21T07:30:00Z`, or a day: `2026-11-21`, its first moment in UTC.
    public init?(argument: String) {
        if let time = Timestamp(argument) {
            self = time
        } else if let day = Timestamp(argument + "T00:00:00Z") {
            self = day
        } else {
            return nil
        }
    }
}

extension RoleName: ExpressibleByArgument {
    /// Roles of customers' users, who are the ones that have logins: the provider's people are known by the socket.
    public static var allValueStrings: [String] { allCases.filter { $0 != .providerAdmin }.map(\.rawValue) }

    public init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        self.init(rawValue: argument)
    }
}

/// `500ms`, `1s`, `10m`, `12h`, `7d`.
struct TimeSpan: ExpressibleByArgument, Equatable {
    let milliseconds: Int64

    init(milliseconds: Int64) { self.milliseconds = milliseconds }

    init?(argument: String) {
        guard let milliseconds = DurationText.milliseconds(argument) else { return nil }
        self.init(milliseconds: milliseconds)
    }

    var defaultValueDescription: String { DurationText.text(milliseconds: milliseconds) }

    /// Throws where it is not what an option takes.
    func require(_ range: ClosedRange<Duration>, of option: String) throws {
        guard range.contains(.milliseconds(milliseconds)) else {
            let bounds = [range.lowerBound, range.upperBound].map { DurationText.text(milliseconds: Int64($0 / .milliseconds(1))) }
            throw ValidationError("\(option) is \(defaultValueDescription); give \(bounds[0]) to \(bounds[1])")
        }
    }
}

/// `name=value`: everything behind the first `=` is the value.
struct NamedValue: ExpressibleByArgument, Equatable {
    let name: String
    let value: String

    init?(argument: String) {
        let halves = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty else { return nil }
        name = String(halves[0])
        value = String(halves[1])
    }
}
