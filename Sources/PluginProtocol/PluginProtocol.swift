import StrictJSON

/// The protocol between controller and storage-system plug-ins (docs/plugins.md): its version and its bounds.
package enum PluginProtocol {
    /// The one version there is; `initialize` carries it both ways.
    package static let version: Int64 = 1
    /// Bytes of one line, its newline not counted.
    package static let maximumLineBytes = 16 << 20
    /// Entries of one list.
    package static let maximumListCount = 100_000
    /// Bytes of a name, a health, a vendor: of any string without a bound of its own.
    package static let maximumStringBytes = 1024
    /// Arrays and objects inside one another.
    package static let maximumDepth = 32

    package static let jsonLimits = JSONLimits(maximumBytes: maximumLineBytes, maximumDepth: maximumDepth)
    /// What the executable of the plug-in `simulator` is called before its name.
    package static let executablePrefix = "quartermaster-plugin-"
}
