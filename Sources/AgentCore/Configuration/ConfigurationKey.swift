import Identifiers

/// One key of the configuration: its place, what is allowed, and how its text becomes a value.
package struct ConfigurationKey: Sendable {
    package let section: String
    package let name: String
    package let allowed: String
    /// Sets the value; false where the text is not allowed.
    package let apply: @Sendable (inout AgentConfiguration, String) -> Bool

    package var path: String { "\(section).\(name)" }

    /// Whether a registration by itself tells it, or is found by it: what else is in the section is for `register`.
    var isOfRegistration: Bool { section == "registration" && !["timeout", "password-file", "token-file"].contains(name) }

    /// All of them, in the order of the shipped file.
    package static let all: [ConfigurationKey] = [
        key("agent", "state-directory", "an absolute path", absolutePath) { $0.stateDirectory = $1 },
        key("agent", "log-level", Log.Level.allowed, Log.Level.init(name:)) { $0.logLevel = $1 },
        key("agent", "helper-socket", "an absolute path of at most 107 bytes", socketPath) { $0.helperSocket = $1 },
        key("agent", "helper-directory", "an absolute path", absolutePath) { $0.helperDirectory = $1 },
        key("registration", "level", "2, 3 or 4", level) { $0.level = $1 },
        key("registration", "cluster", "a name of 1 to 128 bytes", name) { $0.cluster = $1 },
        key("registration", "timeout", "1s to 1d (a number and ms, s, m, h or d)", duration(1...86_400)) { $0.timeout = $1 },
        key("registration", "pad", "an absolute path", absolutePath) { $0.pad = $1 },
        key("registration", "account", "an account's ID", AccountID.init) { $0.account = $1 },
        key("registration", "domain", "a name of 1 to 128 bytes", name) { $0.domain = $1 },
        key("registration", "user", "a name of 1 to 128 bytes", name) { $0.user = $1 },
        key("registration", "password-file", "an absolute path", absolutePath) { $0.passwordFile = $1 },
        key("registration", "token-file", "an absolute path", absolutePath) { $0.tokenFile = $1 },
        key("registration", "controller-key", "SHA256: and 43 characters of base64", Fingerprint.init) { $0.controllerKey = $1 },
        key("reporting", "interval", "1s to 1d (a number and ms, s, m, h or d)", duration(1...86_400)) { $0.interval = $1 },
        key("reporting", "free-space-interval", "1s to 7d (a number and ms, s, m, h or d)", duration(1...604_800)) {
            $0.freeSpaceInterval = $1
        },
        key("reporting", "free-space-threshold", "0% to 100%", percentage) { $0.freeSpaceThreshold = $1 },
        key("reporting", "events", "yes or no", yesOrNo) { $0.events = $1 },
        key("reporting", "settle", "0s to 60s (a number and ms, s, m, h or d)", duration(0...60)) { $0.settle = $1 },
        key("reporting", "settle-limit", "0s to 10m (a number and ms, s, m, h or d)", duration(0...600)) { $0.settleLimit = $1 },
        key("limits", "memory", "64MiB to 64GiB (a number and MiB or GiB)", memory) { $0.limits.memoryBytes = $1 },
        key("limits", "nice", "0 to 19", nice) { $0.limits.nice = $1 },
        key("limits", "io-priority", "idle, low or normal", ResourceLimits.InputOutput.init(rawValue:)) { $0.limits.inputOutput = $1 },
        key("metrics", "textfile", "an absolute path that ends with .prom", metricsPath) { $0.metricsFile = $1 },
    ]

    private static func key<Value>(
        _ section: String, _ name: String, _ allowed: String, _ parse: @escaping @Sendable (String) -> Value?,
        _ set: @escaping @Sendable (inout AgentConfiguration, Value) -> Void
    ) -> ConfigurationKey {
        ConfigurationKey(section: section, name: name, allowed: allowed) { configuration, text in
            guard let value = parse(text) else { return false }
            set(&configuration, value)
            return true
        }
    }

    private static let level: @Sendable (String) -> Int? = { text in Int(text).flatMap { (2...4).contains($0) ? $0 : nil } }
    private static let name: @Sendable (String) -> String? = { (1...128).contains($0.utf8.count) ? $0 : nil }
    private static let absolutePath: @Sendable (String) -> String? = { $0.hasPrefix("/") && $0.utf8.count < 4096 ? $0 : nil }
    private static let socketPath: @Sendable (String) -> String? = { $0.hasPrefix("/") && $0.utf8.count <= 107 ? $0 : nil }
    private static let metricsPath: @Sendable (String) -> String? = { $0.hasSuffix(".prom") ? absolutePath($0) : nil }
    private static let nice: @Sendable (String) -> Int? = { text in Int(text).flatMap { (0...19).contains($0) ? $0 : nil } }
    private static let memory: @Sendable (String) -> Int? = { text in
        for (unit, size) in [("MiB", 1 << 20), ("GiB", 1 << 30)] where text.hasSuffix(unit) {
            guard let count = Int(text.dropLast(3)), (1...65_536).contains(count) else { return nil }
            return (64 << 20...64 << 30).contains(count * size) ? count * size : nil
        }
        return nil
    }
    private static let yesOrNo: @Sendable (String) -> Bool? = { $0 == "yes" ? true : $0 == "no" ? false : nil }
    private static let percentage: @Sendable (String) -> Int? = { text in
        guard text.hasSuffix("%"), let value = Int(text.dropLast()) else { return nil }
        return (0...100).contains(value) ? value : nil
    }
    private static func duration(_ seconds: ClosedRange<Int>) -> @Sendable (String) -> Duration? {
        { text in
            guard let value = Duration(option: text), value >= .seconds(seconds.lowerBound), value <= .seconds(seconds.upperBound) else {
                return nil
            }
            return value
        }
    }
}
