import Foundation
import HostFacts
import Inventory
import StrictJSON
import Testing

/// A made tree in, exact JSON out. `QUARTERMASTER_UPDATE_GOLDEN=1 swift test --filter HostFactsTests` writes the files anew;
/// read the difference before it is committed.
@Suite struct GoldenTests {
    @Test(arguments: SampleHost.allCases)
    func aTreeGivesTheJSONOnRecord(sample: SampleHost) throws {
        let tree = try sample.build()
        let inventory = try HostReader(sysroot: tree.root).inventory()
        try Self.expect(inventory, onRecord: "hosts/\(sample.rawValue).json")
    }

    /// Compares with a file below Tests/Golden, or writes it.
    static func expect(_ inventory: Inventory, onRecord path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = Self.file(path)
        let text = Self.lines(inventory.jsonText)
        if ProcessInfo.processInfo.environment["QUARTERMASTER_UPDATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let record = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let (found, expected) = (text.split(separator: "\n"), record.split(separator: "\n"))
        let other = zip(found, expected).first { $0 != $1 }
        #expect(text == record, "\(other?.0 ?? "the end") in place of \(other?.1 ?? "the end")", sourceLocation: sourceLocation)
        #expect(try Inventory(json: JSONFields(JSONValue.parse(inventory.jsonBytes))) == inventory, sourceLocation: sourceLocation)
    }

    /// A file below Tests/Golden.
    static func file(_ path: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden/\(path)")
    }

    /// An entry a line, so that a difference can be read.
    private static func lines(_ text: String) -> String {
        text.replacingOccurrences(of: "},{", with: "},\n{").replacingOccurrences(of: ":[{", with: ":[\n{") + "\n"
    }
}
