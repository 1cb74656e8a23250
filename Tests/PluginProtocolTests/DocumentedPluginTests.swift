import Foundation
import PluginProtocol
import Testing

/// The example in docs/plugins.md, as it is printed there.
@Suite(
    .disabled(
        if: !FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") && ProcessInfo.processInfo.environment["CI"] != "true",
        "needs python3"))
struct DocumentedPluginTests {
    private func example() throws -> String {
        let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../docs/plugins.md")
            .standardized
        let text = try String(contentsOf: document, encoding: .utf8)
        let start = try #require(text.range(of: "```python\n"))
        let end = try #require(text.range(of: "```\n", range: start.upperBound..<text.endIndex))
        return String(text[start.upperBound..<end.lowerBound])
    }

    @Test func `the Python example passes the conformance suite`() async throws {
        let directory = NSTemporaryDirectory() + "quartermaster-example-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory + "/files", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Data(count: 4096).write(to: URL(fileURLWithPath: directory + "/files/one"))
        let program = directory + "/quartermaster-plugin-files"
        try example().write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        let report = try await Conformance.run(
            name: "files", options: ["directory": directory + "/files"], allowWrites: false, finder: PluginFinder(directories: [directory]))
        #expect(report.holds, "\(report.text)")
        #expect(report.count(.fail) == 0)
    }
}
