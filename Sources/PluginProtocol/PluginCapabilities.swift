import StrictJSON

/// What a storage system can do: method names, other features, and limits as `name=value`.
///
/// Shape: `["volume.list", "volume.resize.online", "lun.max=255"]`. Names that this version does not know are kept and ignored.
package struct PluginCapabilities: Equatable, Sendable {
    package var methods: Set<PluginMethod>
    /// Words that are no method, e.g. `volume.resize.online`.
    package var features: Set<String>
    /// `lun.max=255` as `["lun.max": "255"]`.
    package var limits: [String: String]

    package init(methods: Set<PluginMethod> = [], features: Set<String> = [], limits: [String: String] = [:]) {
        self.methods = methods
        self.features = features
        self.limits = limits
    }

    package init(words: [String]) {
        self.init()
        for word in words {
            if let method = PluginMethod(rawValue: word) {
                methods.insert(method)
            } else if let equals = word.firstIndex(of: "=") {
                limits[String(word[..<equals])] = String(word[word.index(after: equals)...])
            } else {
                features.insert(word)
            }
        }
    }

    package func lists(_ method: PluginMethod) -> Bool { method.isAlwaysAnswered || methods.contains(method) }

    /// A limit that is a number; nil where it is not given or is none.
    package func limit(_ name: String) -> Int64? { limits[name].flatMap { Int64($0) } }

    /// As on the wire, sorted: methods, features, limits.
    package var words: [String] {
        methods.map(\.rawValue).sorted() + features.sorted() + limits.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// Limits that this project's programs read.
    package enum LimitName {
        /// The largest logical unit number.
        package static let maximumLUN = "lun.max"
        /// Bytes that a volume's size is a multiple of.
        package static let sizeMultiple = "volume.size.multiple"
        /// The largest volume, in bytes.
        package static let maximumSize = "volume.size.max"
        package static let maximumVolumes = "volume.max"
    }
}
