import Identifiers

extension Inventory {
    /// What lies on what: the way from a device down to the disks below it, and to their WWIDs.
    package struct Stack {
        private let devices: [BlockDevice]
        private var positions: [String: Int] = [:]

        package init(_ devices: [BlockDevice]) {
            self.devices = devices
            positions.reserveCapacity(devices.count)
            for (index, device) in devices.enumerated() where positions[device.name] == nil { positions[device.name] = index }
        }

        /// Every device below `names` that lies on nothing else, each once, in the order in which they are met. Each path of a map is one.
        package func disks(under names: [String]) -> [BlockDevice] {
            var found: [BlockDevice] = []
            walk(names) { device in if device.parents.isEmpty { found.append(device) } }
            return found
        }

        /// The logical units below `names`, sorted. A map of several paths to one is that one, and knows its WWID before its paths do.
        package func wwids(under names: [String]) -> [WWID] {
            var found: [WWID] = []
            walk(names) { device in
                if device.kind != "partition", device.parents.isEmpty || device.kind == "multipath", let wwid = device.wwid {
                    found.append(wwid)
                }
            }
            if found.count < 2 { return found }
            found.sort()
            var unique: [WWID] = []
            for wwid in found where unique.last != wwid { unique.append(wwid) }
            return unique
        }

        /// Each device once, however the lists of parents lead around.
        private func walk(_ names: [String], _ visit: (BlockDevice) -> Void) {
            var pending = Array(names.reversed())
            var seen = Set(names)
            while let name = pending.popLast() {
                guard let position = positions[name] else { continue }
                visit(devices[position])
                for parent in devices[position].parents.reversed() where seen.insert(parent).inserted { pending.append(parent) }
            }
        }
    }
}
