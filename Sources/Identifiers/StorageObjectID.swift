/// A storage system's own ID of one of its objects: opaque, stable over restarts, unique within its system and kind.
///
/// 1 to 256 bytes of UTF-8 without control characters. Not to be confused with `SystemID`, which the controller gives.
package struct StorageObjectID<Kind: Sendable>: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let text: String

    /// Nil where the text could not be an ID.
    package init?(_ text: String) {
        guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        self.text = text
    }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

package enum ReportedSystemKind: Sendable {}
package enum StoragePoolKind: Sendable {}
package enum DiskKind: Sendable {}
package enum PortKind: Sendable {}
package enum VolumeKind: Sendable {}
package enum StorageTaskKind: Sendable {}
package enum StorageRequestKind: Sendable {}

/// The ID that a storage system gives itself, as its plug-in reports it.
package typealias ReportedSystemID = StorageObjectID<ReportedSystemKind>
package typealias StoragePoolID = StorageObjectID<StoragePoolKind>
package typealias DiskID = StorageObjectID<DiskKind>
package typealias PortID = StorageObjectID<PortKind>
package typealias VolumeID = StorageObjectID<VolumeKind>
package typealias StorageTaskID = StorageObjectID<StorageTaskKind>
/// The caller's ID of a write, which makes it safe to send again.
package typealias StorageRequestID = StorageObjectID<StorageRequestKind>
