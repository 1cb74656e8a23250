import StrictJSON

extension Inventory {
    /// Paths that are used together: a priority group of a multipath map, or the paths of one ANA state of an NVMe namespace.
    package struct PathGroup: Hashable, Sendable {
        /// Of a map: `active`, `enabled`, `disabled`. None where device-mapper could not be asked, and for NVMe.
        package var state: String?
        package var paths: [Path]

        package struct Path: Hashable, Sendable {
            /// The kernel's: `sda`, `nvme0c1n1`; its number where there is no such device any more.
            package var device: String
            /// Of a map's path: `active` or `failed`. Of an NVMe path: its controller's state.
            package var state: String?
            /// What the storage system says of it, in the kernel's words: `active/optimized` (ALUA, SPC-5 section 5.17), `optimized` (ANA).
            package var accessState: String?
            /// The storage system would rather have it used.
            package var preferred: Bool?
            /// An NVMe path's: `nvme1`.
            package var controller: String?

            package init(
                device: String, state: String? = nil, accessState: String? = nil, preferred: Bool? = nil, controller: String? = nil
            ) {
                self.device = device
                self.state = state
                self.accessState = accessState
                self.preferred = preferred
                self.controller = controller
            }
        }

        package init(state: String? = nil, paths: [Path] = []) {
            self.state = state
            self.paths = paths
        }

        static let maximumGroups = 4096
        static let maximumPaths = 4096
    }
}

extension Inventory.PathGroup: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("state", state)
            writer.member("paths", array: paths)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        state = try fields.optionalString("state", maximumLength: 64)
        paths = try fields.objects("paths", maximumCount: Self.maximumPaths) { (path) throws(JSONError) in try Path(json: path) }
    }
}

extension Inventory.PathGroup.Path: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("device", device)
            writer.member("state", state)
            writer.member("accessState", accessState)
            writer.member("preferred", preferred)
            writer.member("controller", controller)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        device = try fields.string("device", maximumLength: 255)
        state = try fields.optionalString("state", maximumLength: 64)
        accessState = try fields.optionalString("accessState", maximumLength: 64)
        preferred = try fields.optionalBool("preferred")
        controller = try fields.optionalString("controller", maximumLength: 255)
    }
}
