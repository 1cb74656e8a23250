import Foundation
import Testing

@testable import Server

@Suite struct ConfigurationTests {
    private static var shipped: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("controller-config/controller.yaml").path
    }

    @Test func theShippedFileSaysTheDefaults() throws {
        #expect(try ConfigurationReader.read(Self.shipped) == ControllerConfiguration())
    }

    @Test func theShippedFileHasEveryKeyAndNoOther() throws {
        let text = try String(contentsOfFile: Self.shipped, encoding: .utf8)
        let keys = text.split(separator: "\n").filter { !$0.hasPrefix("#") && $0.contains(":") }.map { String($0.prefix { $0 != ":" }) }
        #expect(Set(keys) == Set(ConfigurationKey.all.map(\.name)))
        #expect(keys.count == ConfigurationKey.all.count)
    }

    @Test func aFileMaySayLittleOrNothing() throws {
        #expect(try ConfigurationReader.parse("", file: "f") == ControllerConfiguration())
        #expect(try ConfigurationReader.parse("# nothing\n", file: "f") == ControllerConfiguration())
        #expect(try ConfigurationReader.parse("socket:\n", file: "f") == ControllerConfiguration())
        let one = try ConfigurationReader.parse("padInterval: 250ms\npluginPath: [/opt/a, /opt/b]\nproviderGroup: staff\n", file: "f")
        #expect(one.padIntervalMilliseconds == 250)
        #expect(one.pluginPath == ["/opt/a", "/opt/b"])
        #expect(one.providerGroup == "staff")
    }

    @Test(arguments: [
        ("scoket: /run/x\n", 1, "scoket", "is no key of this file"),
        ("\nsocket: relative\n", 2, "socket", "is \"relative\""),
        ("socket: [a]\n", 1, "socket", "is not a single value"),
        ("# one\n# two\npadInterval: fast\n", 3, "padInterval", "is \"fast\""),
        ("padInterval: 1ms\n", 1, "padInterval", "is \"1ms\""),
        ("discoveryInterval: 2d\n", 1, "discoveryInterval", "is \"2d\""),
        ("metricsListen: 0.0.0.0:9180\n", 1, "metricsListen", "is \"0.0.0.0:9180\""),
        ("metricsListen: 127.0.0.1\n", 1, "metricsListen", "is \"127.0.0.1\""),
        ("metricsListen: 127.0.0.1:70000\n", 1, "metricsListen", "is \"127.0.0.1:70000\""),
        ("logLevel: loud\n", 1, "logLevel", "is \"loud\""),
        ("pluginPath: /opt\n", 1, "pluginPath", "is not a list"),
        ("pluginPath: [opt]\n", 1, "pluginPath", "holds something else"),
        ("providerGroup: 'a:b'\n", 1, "providerGroup", "is \"a:b\""),
        ("[1, 2]\n", 1, "", "is not a mapping"),
        ("just a text\n", 1, "", "is not a mapping"),
    ])
    func aFaultIsNamedByFileLineKeyAndWhatIsAllowed(text: String, line: Int, key: String, problem: String) throws {
        let error = try #require(throws: ConfigurationFaults.self) { try ConfigurationReader.parse(text, file: "c.yaml") }
        let fault = try #require(error.faults.first)
        #expect(error.faults.count == 1)
        #expect((fault.file, fault.line, fault.key, fault.problem) == ("c.yaml", line, key, problem))
        #expect(!fault.allowed.isEmpty)
        #expect(fault.description.hasPrefix("c.yaml:\(line): "))
    }

    @Test func everyFaultIsFound() throws {
        let text = "dataDirectory: here\nnope: 1\nlogLevel: loud\n"
        let error = try #require(throws: ConfigurationFaults.self) { try ConfigurationReader.parse(text, file: "c.yaml") }
        #expect(error.faults.map(\.line) == [1, 2, 3])
        #expect(error.description.split(separator: "\n").count == 3)
    }

    @Test(arguments: ["a: b: c\n", "socket: \"open\n", "a:\n\t- b\n", "socket: /a\nsocket: /b\n", "%TAG ! !\n"])
    func whatIsNoYAMLIsRefusedWithItsLine(text: String) throws {
        let error = try #require(throws: ConfigurationFaults.self) { try ConfigurationReader.parse(text, file: "c.yaml") }
        #expect(error.faults.count == 1)
        #expect(error.faults[0].line >= 1)
    }

    @Test func aFileThatIsNotThereIsSaidSo() {
        #expect { try ConfigurationReader.read("/nowhere/controller.yaml") } throws: { "\($0)".contains("/nowhere/controller.yaml") }
    }
}
