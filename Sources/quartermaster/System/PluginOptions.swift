import Files

/// What a plug-in is told: options from the command line, and secrets from files.
enum PluginOptions {
    static func read(_ options: [NamedValue], secretFiles: [NamedValue]) throws -> [String: String] {
        var result: [String: String] = [:]
        for option in options {
            guard result.updateValue(option.value, forKey: option.name) == nil else { throw twice(option.name) }
        }
        for secret in secretFiles {
            guard let value = String(validating: try readSecret(secret.value), as: UTF8.self) else {
                throw CommandFailure(.dataError, "the secret option \(secret.name) is not UTF-8")
            }
            guard result.updateValue(value, forKey: secret.name) == nil else { throw twice(secret.name) }
        }
        return result
    }

    private static func twice(_ name: String) -> CommandFailure { CommandFailure(.usage, "the option \(name) is given twice") }
}
