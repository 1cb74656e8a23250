import Logging

/// What the controller is told at its start: by its configuration file, and where options of the command say otherwise, by those.
/// The shipped controller.yaml describes each key; a test holds its values to these defaults.
package struct ControllerConfiguration: Equatable, Sendable {
    /// Database, keys, lock and archives.
    package var dataDirectory = "/var/lib/quartermaster"
    package var socket = "/run/quartermaster/controller.sock"
    /// A group of the operating system whose members are the provider's people, beside root and the controller's own user.
    package var providerGroup: String?
    /// Directories that are searched for plug-ins before the one of the executable.
    package var pluginPath: [String] = []
    /// For pads that are made without an interval of their own.
    package var padIntervalMilliseconds: Int64 = 1_000
    /// For storage systems that are added without one.
    package var discoveryIntervalMilliseconds: Int64 = 60_000
    /// Where `/metrics` is served besides the socket; nil: nowhere.
    package var metricsListen: LoopbackAddress?
    package var logLevel = Logger.Level.notice

    package init() {}
}

/// What is wrong at one place of a configuration file.
package struct ConfigurationFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1.
    package let line: Int
    /// Empty where the file as a whole is not what it should be.
    package let key: String
    package let problem: String
    package let allowed: String

    package var description: String {
        "\(file):\(line): \(key.isEmpty ? "" : "\(key): ")\(problem); allowed: \(allowed)"
    }
}

/// All that is wrong with a configuration, in the order of its lines.
package struct ConfigurationFaults: Error, Equatable, Sendable, CustomStringConvertible {
    package let faults: [ConfigurationFault]

    package var description: String { faults.map(\.description).joined(separator: "\n") }
}
