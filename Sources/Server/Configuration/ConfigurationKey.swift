import ControllerAPI
import Logging

/// One key of the configuration file: what it takes, and where that goes.
package struct ConfigurationKey: Sendable {
    package let name: String
    /// For the message about a value that is something else.
    package let allowed: String
    let kind: Kind

    enum Kind: Sendable {
        /// False where the text is not allowed.
        case text(@Sendable (inout ControllerConfiguration, String) -> Bool)
        case list(@Sendable (inout ControllerConfiguration, [String]) -> Bool)
    }

    package static let all: [ConfigurationKey] = [
        ConfigurationKey(name: "dataDirectory", allowed: "an absolute path", kind: .text { setPath(&$0.dataDirectory, $1) }),
        ConfigurationKey(
            name: "socket", allowed: "an absolute path of at most 107 bytes",
            kind: .text { $1.utf8.count <= 107 && setPath(&$0.socket, $1) }),
        ConfigurationKey(
            name: "providerGroup", allowed: "the name of a group, or nothing",
            kind: .text { configuration, text in
                configuration.providerGroup = text.isEmpty ? nil : text
                return text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: ":") }
            }),
        ConfigurationKey(
            name: "pluginPath", allowed: "a list of absolute paths",
            kind: .list { configuration, list in
                configuration.pluginPath = list
                return list.allSatisfy { $0.hasPrefix("/") }
            }),
        ConfigurationKey(
            name: "padInterval", allowed: "a time from 100ms to 1h: " + DurationText.meaning,
            kind: .text { setTime(&$0.padIntervalMilliseconds, $1, 100...3_600_000) }),
        ConfigurationKey(
            name: "discoveryInterval", allowed: "a time from 1s to 1d: " + DurationText.meaning,
            kind: .text { setTime(&$0.discoveryIntervalMilliseconds, $1, 1_000...86_400_000) }),
        ConfigurationKey(
            name: "metricsListen", allowed: LoopbackAddress.allowed,
            kind: .text { configuration, text in
                configuration.metricsListen = LoopbackAddress(text)
                return text.isEmpty || configuration.metricsListen != nil
            }),
        ConfigurationKey(
            name: "logLevel", allowed: Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
            kind: .text { configuration, text in
                guard let level = Logger.Level(rawValue: text) else { return false }
                configuration.logLevel = level
                return true
            }),
    ]

    private static func setPath(_ path: inout String, _ text: String) -> Bool {
        path = text
        return text.hasPrefix("/") && text.utf8.allSatisfy { $0 != 0 }
    }

    private static func setTime(_ milliseconds: inout Int64, _ text: String, _ range: ClosedRange<Int64>) -> Bool {
        guard let value = DurationText.milliseconds(text), range.contains(value) else { return false }
        milliseconds = value
        return true
    }
}
