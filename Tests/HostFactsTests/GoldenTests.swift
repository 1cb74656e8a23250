import Foundation
import HostFacts
import Inventory
import StrictJSON
import Testing

/// A made tree in, exact JSON out. `QUARTERMASTER_UPDATE_GOLDEN=1 swift test --filter GoldenTests` writes the files anew;
/// read the difference before it is committed.
@Suite struct GoldenTests {
    @Test(arguments: SampleHost.allCases)
    func aTreeGivesTheJSONOnRecord(sample: SampleHost) throws {
        let tree = try sample.build()
        let inventory = try HostReader(sysroot: tree.root).inventory()
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Golden/hosts/\(sample.rawValue).json")
        let text = Self.lines(inventory.jsonText)
        if ProcessInfo.processInfo.environment["QUARTERMASTER_UPDATE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self))
        #expect(try Inventory(json: JSONFields(JSONValue.parse(inventory.jsonBytes))) == inventory)
    }

    /// An entry a line, so that a difference can be read.
    private static func lines(_ text: String) -> String {
        text.replacingOccurrences(of: "},{", with: "},\n{").replacingOccurrences(of: ":[{", with: ":[\n{") + "\n"
    }
}
