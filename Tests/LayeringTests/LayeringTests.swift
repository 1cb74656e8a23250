import Foundation
import Testing

/// The layers of docs/architecture.md, held to the source text: a target imports what its row names and nothing else of ours.
@Suite struct LayeringTests {
    /// What each target of ours may import of ours. Nothing may import what is not in its row.
    static let rows: [String: Set<String>] = {
        var rows: [String: Set<String>] = [:]
        func row(_ target: String, _ direct: String...) {
            var all = Set(direct)
            for dependency in direct { all.formUnion(rows[dependency] ?? []) }
            rows[target] = all
        }
        row("CUdev")
        row("CSQLite")
        row("CLinux")
        row("CCrypto")
        row("StrictJSON")
        row("Files", "CLinux")
        row("Identifiers")
        row("Inventory", "Identifiers", "StrictJSON", "CCrypto")
        row("Messages", "Inventory")
        row("Sealing", "Identifiers", "Files", "CCrypto")
        row("ScratchPad", "Sealing", "Messages")
        row("HostFacts", "Inventory", "Files", "CSQLite")
        row("ISCSI", "Identifiers", "CCrypto")
        row("Initiator", "ISCSI", "HostFacts", "Identifiers", "Files", "StrictJSON")
        row("AgentCore", "Initiator", "ScratchPad", "HostFacts", "CUdev")
        row("quartermaster-agent", "AgentCore")
        row("PluginProtocol", "Identifiers", "StrictJSON", "Files")
        row("Provider", "Identifiers", "Inventory", "StrictJSON")
        row("Store", "Provider", "Sealing", "Files")
        row("Daemons", "Store", "ScratchPad", "PluginProtocol")
        row("ControllerAPI", "Identifiers", "Inventory", "StrictJSON")
        row("Server", "Daemons", "ControllerAPI")
        row("quartermaster", "Server")
        row("quartermaster-plugin-simulator", "PluginProtocol")
        row("quartermaster-plugin-tgt", "PluginProtocol")
        return rows
    }()

    /// Modules that are not ours, and the only targets that may import them, with the reason.
    static let fences: [(module: String, allowed: Set<String>, why: String)] = [
        ("GRDB", ["Store"], "Store holds the only SQL, and another engine must be able to take its place"),
        ("Hummingbird", ["Server"], "the HTTP server is one target's business"),
        ("AsyncHTTPClient", ["quartermaster"], "only the client commands speak HTTP to the controller"),
        ("Yams", ["Server"], "the controller's configuration is read in one place"),
        ("TestSupport", [], "test support is linked by tests alone"),
        ("TestPrograms", [], "programs of tests are started by tests alone"),
    ]

    /// Targets that the agent links: no Foundation (59 MB in place of 15, and twice the memory), no logging framework, no NIO.
    static let agentTargets: Set<String> = [
        "StrictJSON", "Files", "Identifiers", "Inventory", "Messages", "Sealing", "ScratchPad", "HostFacts", "ISCSI",
        "Initiator", "AgentCore", "quartermaster-agent",
    ]
    static let agentMayBorrow: Set<String> = ["Glibc", "Synchronization", "ArgumentParser", "FoundationEssentials"]

    @Test func everyTargetHasARow() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path).filter { !$0.hasPrefix(".") }
        #expect(Set(folders) == Set(Self.rows.keys))
    }

    @Test(arguments: rows.keys.sorted())
    func aTargetImportsWhatItsRowNames(target: String) throws {
        let allowed = try #require(Self.rows[target])
        for (file, modules) in try Self.imports(of: target) {
            for module in modules where Self.rows[module] != nil {
                #expect(allowed.contains(module), "\(file) imports \(module), which \(target) may not (docs/architecture.md)")
            }
            for fence in Self.fences where modules.contains(fence.module) {
                #expect(fence.allowed.contains(target), "\(file) imports \(fence.module): \(fence.why)")
            }
            if Self.agentTargets.contains(target) {
                let foreign = modules.filter { Self.rows[$0] == nil && !Self.agentMayBorrow.contains($0) }
                #expect(foreign.isEmpty, "\(file) imports \(foreign.sorted()), which the agent does not link")
            }
        }
    }

    @Test func theScanFindsImports() throws {
        let found = try Self.imports(of: "AgentCore").values.reduce(into: Set<String>()) { $0.formUnion($1) }
        #expect(found.contains("ScratchPad"))
    }

    private static var sources: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources")
    }

    private static func imports(of target: String) throws -> [String: Set<String>] {
        let folder = sources.appendingPathComponent(target)
        var result: [String: Set<String>] = [:]
        for case let file as URL in FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)! {
            guard file.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            var modules = Set<String>()
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                guard let index = words.firstIndex(of: "import"), words.count > index + 1,
                    words[..<index].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0) })
                else { continue }
                var name = words[index + 1]
                if ["struct", "class", "enum", "func", "protocol", "typealias", "var"].contains(name), words.count > index + 2 {
                    name = words[index + 2]
                }
                modules.insert(String(name.prefix { $0 != "." }))
            }
            result["Sources/\(target)/\(file.lastPathComponent)"] = modules
        }
        return result
    }
}
