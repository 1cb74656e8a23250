import Inventory

/// The status of a multipath target (drivers/md/dm-mpath.c, `multipath_status`, STATUSTYPE_INFO):
///
///     2 0 0   0   2   1   A 0 2 2 8:16 A 0 0 1 8:32 F 3 0 1   E 0 1 2 8:48 A 0 0 1
///     features, handler arguments, groups, next group; for each group: state, selector's arguments, paths, arguments of each path;
///     for each path: device, state, failures, arguments
///
/// Counts stand before the arguments that they count.
package struct MultipathStatus: Equatable, Sendable {
    package struct Path: Equatable, Sendable {
        package let deviceNumber: DeviceNumber
        /// The kernel sends I/O by it.
        package let isActive: Bool
        /// How often it was taken out of use since the table was loaded.
        package let failures: Int64
    }

    package enum GroupState: Equatable, Sendable {
        /// In use.
        case active
        /// Ready.
        case enabled
        /// Passed over while there is another.
        case disabled
    }

    package struct Group: Equatable, Sendable {
        package let state: GroupState
        package let paths: [Path]
    }

    package let groups: [Group]

    private static let maximumGroups: Int64 = 1024
    private static let maximumPaths: Int64 = 4096
    private static let maximumArguments: Int64 = 64

    /// Nil where the text breaks the grammar.
    package init?(_ status: String) {
        var status = status
        guard let groups = status.withUTF8({ Self.parse(UnsafeRawBufferPointer($0)) }) else { return nil }
        self.groups = groups
    }

    private static func parse(_ text: UnsafeRawBufferPointer) -> [Group]? {
        var fields = Fields(text)
        guard skip(&fields), skip(&fields), let count = fields.number(upTo: maximumGroups), fields.number(upTo: maximumGroups) != nil else {
            return nil
        }
        var groups: [Group] = []
        for _ in 0..<count {
            guard let group = group(&fields) else { return nil }
            groups.append(group)
        }
        return fields.next() == nil ? groups : nil
    }

    private static func group(_ fields: inout Fields) -> Group? {
        guard let state = fields.next().flatMap(state), skip(&fields), let count = fields.number(upTo: maximumPaths),
            let arguments = fields.number(upTo: maximumArguments)
        else { return nil }
        var paths: [Path] = []
        for _ in 0..<count {
            guard let device = fields.next(), let number = MountTable.deviceNumber(device), let mark = fields.next(),
                FactText.equal(mark, "A") || FactText.equal(mark, "F"), let failures = fields.number(upTo: Int64.max)
            else { return nil }
            for _ in 0..<arguments where fields.next() == nil { return nil }
            paths.append(Path(deviceNumber: number, isActive: FactText.equal(mark, "A"), failures: failures))
        }
        return Group(state: state, paths: paths)
    }

    private static func state(_ field: UnsafeRawBufferPointer) -> GroupState? {
        if FactText.equal(field, "A") { return .active }
        if FactText.equal(field, "E") { return .enabled }
        return FactText.equal(field, "D") ? .disabled : nil
    }

    /// A count and as many fields; false where there are fewer.
    private static func skip(_ fields: inout Fields) -> Bool {
        guard let count = fields.number(upTo: maximumArguments) else { return false }
        for _ in 0..<count where fields.next() == nil { return false }
        return true
    }
}

extension Fields {
    /// The next field as a number; nil where it is none, or a larger one.
    mutating func number(upTo limit: Int64) -> Int64? { next().flatMap(FactText.decimal).flatMap { $0 <= limit ? $0 : nil } }
}
