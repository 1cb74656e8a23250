import AgentCore
import ArgumentParser
import Files
import Glibc
import HostFacts
import Inventory
import StrictJSON

/// `quartermaster-agent inventory`: the host's facts, as a registration would send them.
struct InventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory", abstract: "Prints the host's facts, as a registration would send them.",
        discussion: """
            Reads the kernel's own interfaces and udev's database: no network, no root, no external command, no I/O on a device. \
            With --sysroot, sizes of mounted file systems are left out: asking for them would ask the wrong machine.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "2: host and initiators; 3: and block devices and file systems; 4: and applications.")
    var level: Int = Inventory.Level.storage.rawValue

    @Option(help: "How to print it.")
    var format: OutputFormat = .text

    @Option(
        help: "Say where each value of this device, map, WWID, port, session, mount point, field or \"host\" came from.")
    var explain: String?

    func validate() throws {
        if Inventory.Level(rawValue: level) == nil { throw ValidationError("--level is 2, 3 or 4, not \(level).") }
    }

    func run() throws {
        try Self.run(level: level, sysroot: common.sysroot, format: format, explain: explain)
    }

    static func run(level: Int, sysroot: String?, format: OutputFormat, explain: String?) throws(AgentError) {
        guard let level = Inventory.Level(rawValue: level) else { return }
        let reader: HostReader
        do throws(FileError) { reader = try HostReader(sysroot: sysroot) } catch { throw .file(error) }
        var bytes: [UInt8]
        if let explain {
            let trace = Trace()
            let inventory = reader.inventory(level: level, trace: trace)
            let found = trace.steps(about: explain, in: inventory)
            if found.isEmpty { throw .nothingNamed(explain.printable) }
            bytes = format == .json ? json(explain, found) : Array(InventoryText.explanation(explain, found).utf8)
        } else {
            let inventory = reader.inventory(level: level)
            bytes = format == .json ? inventory.jsonBytes : Array(InventoryText.table(inventory).utf8)
        }
        if format == .json { bytes.append(UInt8(ascii: "\n")) }
        try printBytes(bytes)
    }

    private static func json(_ name: String, _ found: [Trace.Found]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("name", name)
            writer.key("steps")
            writer.array(found) { writer, found in
                writer.object { writer in
                    writer.member("subject", found.subject)
                    writer.member("field", found.step.field)
                    writer.member("path", found.step.path)
                    writer.member("outcome", found.step.outcome)
                }
            }
        }
        return writer.bytes
    }
}
