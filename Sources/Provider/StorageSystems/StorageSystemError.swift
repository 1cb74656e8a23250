import Identifiers

/// Why a request about a storage system is not done.
package enum StorageSystemError: Error, Equatable, Sendable {
    case unknown(SystemID)
    case unknownVolume(SystemID, VolumeID)
    /// A storage system with this vendor and serial number is known already.
    case exists(vendor: String, serialNumber: String, SystemID)
    case removed(SystemID)
    case badInterval(Duration)
}

extension StorageSystemError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknown(let id): "there is no storage system \(id); `quartermaster system list` shows those there are"
        case .unknownVolume(let system, let volume): "storage system \(system) never had a volume \(volume)"
        case .exists(let vendor, let serialNumber, let id):
            "the \(vendor) storage system with serial number \(serialNumber) is here already, as \(id); nothing was added"
        case .removed(let id): "storage system \(id) was removed; add it again with `quartermaster system add`"
        case .badInterval(let interval): "an interval of \(interval) is not within 1 second to 30 days"
        }
    }
}
