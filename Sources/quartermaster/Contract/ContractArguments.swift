import ArgumentParser
import ControllerAPI
import Identifiers

/// `gold=5TiB`, or `gold` alone.
struct TierArgument: ExpressibleByArgument {
    let document: TierDocument

    init?(argument: String) {
        let halves = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard !halves[0].isEmpty else { return nil }
        if halves.count == 1 {
            document = TierDocument(name: halves[0], capacityBytes: nil)
        } else if let size = ByteCount(halves[1]) {
            document = TierDocument(name: halves[0], capacityBytes: size.bytes)
        } else {
            return nil
        }
    }
}

/// `storage/gold:GiB-month=0.05`
struct RateArgument: ExpressibleByArgument {
    let document: RateDocument

    init?(argument: String) {
        let halves = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2, AmountText.millionths(halves[1]) != nil, let colon = halves[0].lastIndex(of: ":") else { return nil }
        let item = String(halves[0][..<colon])
        let unit = String(halves[0][halves[0].index(after: colon)...])
        guard !item.isEmpty, !unit.isEmpty else { return nil }
        document = RateDocument(item: item, unit: unit, amount: halves[1])
    }
}
