import Identifiers
import Inventory

/// Finds the logical units at the bottom of a stack of block devices: down the parents, to the first that has a WWID.
struct LogicalUnits {
    private let devices: [Inventory.BlockDevice]
    private let byName: NameIndex

    init(_ devices: [Inventory.BlockDevice]) {
        self.devices = devices
        byName = NameIndex(devices.map { $0.name })
    }

    /// Each once, sorted.
    func below(_ names: [String]) -> [WWID] {
        var pending = names
        var seen = Set(names)
        var found: Set<WWID> = []
        while let name = pending.popLast() {
            guard let index = byName[name] else { continue }
            if let wwid = devices[index].wwid {
                found.insert(wwid)
            } else {
                for parent in devices[index].parents where seen.insert(parent).inserted { pending.append(parent) }
            }
        }
        return found.sorted()
    }
}
