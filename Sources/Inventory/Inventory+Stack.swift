import Identifiers

extension Inventory {
    /// What lies on what: the way from a device down to the disks below it, and to their WWIDs.
    package struct Stack {
        private let devices: [BlockDevice]
        private let positions: NameIndex
        /// In which walk each device was met last.
        private var marks: [Int]
        private var walks = 0
        private var known = KnownWWIDs()

        package init(_ devices: [BlockDevice]) {
            self.devices = devices
            marks = Array(repeating: 0, count: devices.count)
            positions = NameIndex(devices.map { $0.name })
        }

        /// Every device below `names` that lies on nothing else, each once, in the order in which they are met. Each path of a map is one.
        package mutating func disks(under names: [String]) -> [BlockDevice] {
            var found: [BlockDevice] = []
            walk(names) { device in if device.parents.isEmpty { found.append(device) } }
            return found
        }

        /// The logical units below `names`, sorted. A map of several paths to one is that one, and knows its WWID before its paths do.
        package mutating func wwids(under names: [String]) -> [WWID] {
            if let found = known[names] { return found }
            let found = findWWIDs(under: names)
            known[names] = found
            return found
        }

        private mutating func findWWIDs(under names: [String]) -> [WWID] {
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
        private mutating func walk(_ names: [String], _ visit: (BlockDevice) -> Void) {
            walks += 1
            var pending = Array(names.reversed())
            while let name = pending.popLast() {
                guard let position = positions[name], marks[position] != walks else { continue }
                marks[position] = walks
                visit(devices[position])
                pending += devices[position].parents.reversed()
            }
        }
    }

    /// What was found under devices before: thousands of file systems may lie on the same few, and each of those on thousands of paths.
    package struct KnownWWIDs {
        private var positions = NameIndex()
        private var lists: [[WWID]] = []

        package init() {}

        /// By the devices' names.
        package subscript(names: [String]) -> [WWID]? {
            get { positions[Self.key(names)].map { lists[$0] } }
            set {
                guard let newValue else { return }
                positions.insert(Self.key(names), at: lists.count)
                lists.append(newValue)
            }
        }

        /// No device's name has a slash in it.
        private static func key(_ names: [String]) -> String { names.count == 1 ? names[0] : names.joined(separator: "/") }
    }
}
