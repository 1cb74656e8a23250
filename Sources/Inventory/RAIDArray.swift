import StrictJSON

extension Inventory {
    /// What an md array says of itself (Documentation/admin-guide/md.rst, sysfs `md/`).
    package struct RAIDArray: Hashable, Sendable {
        /// How many members the array is made for.
        package var raidDisks: Int64?
        /// How many of them are missing or failed.
        package var degraded: Int64?
        /// `resync`, `recover`, `check`, `reshape`; none while nothing is done.
        package var syncAction: String?
        /// Sorted by device.
        package var members: [Member]

        package struct Member: Hashable, Sendable {
            package var device: String
            /// In the kernel's words: `in_sync`, `faulty`, `spare`, `in_sync,write_mostly`.
            package var state: String?
            /// Its place in the array; none of a spare.
            package var slot: Int64?

            package init(device: String, state: String? = nil, slot: Int64? = nil) {
                self.device = device
                self.state = state
                self.slot = slot
            }
        }

        package init(raidDisks: Int64? = nil, degraded: Int64? = nil, syncAction: String? = nil, members: [Member] = []) {
            self.raidDisks = raidDisks
            self.degraded = degraded
            self.syncAction = syncAction
            self.members = members
        }
    }
}

extension Inventory.RAIDArray: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("raidDisks", raidDisks)
            writer.member("degraded", degraded)
            writer.member("syncAction", syncAction)
            writer.member("members", array: members)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        raidDisks = try fields.optionalInteger("raidDisks")
        degraded = try fields.optionalInteger("degraded")
        syncAction = try fields.optionalString("syncAction", maximumLength: 64)
        members = try fields.objects("members", maximumCount: 4096) { (member) throws(JSONError) in try Member(json: member) }
    }
}

extension Inventory.RAIDArray.Member: JSONWritable, JSONReadable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("device", device)
            writer.member("state", state)
            writer.member("slot", slot)
        }
    }

    package init(json fields: JSONFields) throws(JSONError) {
        device = try fields.string("device", maximumLength: 255)
        state = try fields.optionalString("state", maximumLength: 255)
        slot = try fields.optionalInteger("slot")
    }
}
