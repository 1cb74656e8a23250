import Glibc
import Identifiers
import Inventory

/// Reads what the machine and its operating system are called, and since when they run.
struct HostFactsReader {
    let reader: FactReader

    func read() -> Inventory.Host {
        var host = Inventory.Host()
        var name = utsname()
        if reader.tree.isLive, uname(&name) == 0 {
            host.hostName = Self.text(of: name.nodename)
            host.kernel = Self.text(of: name.release)
            host.architecture = Self.text(of: name.machine)
            reader.trace?.add("hostName", call: "uname(2)", host.hostName ?? "empty")
            reader.trace?.add("kernel", call: "uname(2)", host.kernel ?? "empty")
            reader.trace?.add("architecture", call: "uname(2)", host.architecture ?? "empty")
            host.bootTime = BootTime.now()
            if let time = host.bootTime { reader.trace?.add("bootTime", call: "clock_gettime(2)", time.description) }
            host.bootTime = host.bootTime ?? bootTime()
        } else {
            host.hostName = reader.text(file: "proc/sys/kernel/hostname", "hostName") ?? reader.text(file: "etc/hostname", "hostName")
            host.kernel = reader.text(file: "proc/sys/kernel/osrelease", "kernel") ?? kernelVersion()
            host.architecture = reader.text(file: "proc/sys/kernel/arch", "architecture")
            host.bootTime = bootTime()
        }
        host.machineID =
            reader.whole(file: "etc/machine-id", "machineID", Self.machineID)
            ?? reader.whole(
                file: "var/lib/dbus/machine-id", "machineID", Self.machineID)
        host.operatingSystem =
            reader.whole(file: "etc/os-release", "operatingSystem", OSRelease.parse)
            ?? reader.whole(
                file: "usr/lib/os-release", "operatingSystem", OSRelease.parse)
        return host
    }

    /// machine-id(5): 32 hexadecimal digits and a newline; `uninitialized` on the first boot.
    static func machineID(_ bytes: UnsafeRawBufferPointer) -> FactText.Parsed<String> {
        let text = FactText.trimmed(bytes)
        if text.isEmpty || FactText.equal(text, "uninitialized") { return .nothing }
        guard text.count == 32, text.allSatisfy(\.isHexadecimalDigit) else {
            return .malformed("not 32 hexadecimal digits: \(FactText.excerpt(text))")
        }
        return .value(String(decoding: text, as: UTF8.self).lowercased())
    }

    /// `Linux version 6.1.0-28-amd64 (…) …`
    private func kernelVersion() -> String? {
        reader.whole(file: "proc/version", "kernel") { bytes in
            var fields = Fields(FactText.trimmed(bytes))
            guard let system = fields.next(), FactText.equal(system, "Linux"), fields.next() != nil, let release = fields.next() else {
                return .malformed("not \"Linux version RELEASE\": \(FactText.excerpt(bytes))")
            }
            return FactText.string(release)
        }
    }

    /// The line `btime SECONDS` of `/proc/stat`.
    private func bootTime() -> Timestamp? {
        reader.whole(file: "proc/stat", "bootTime", limit: 16 << 20) { bytes in
            for line in Lines(bytes) where FactText.starts(line, with: "btime ") {
                guard let seconds = FactText.decimal(FactText.trimmed(UnsafeRawBufferPointer(rebasing: line[6...]))),
                    seconds < 253_402_300_800
                else { return .malformed("btime is no number of seconds: \(FactText.excerpt(line))") }
                return .value(Timestamp(seconds: seconds))
            }
            return .nothing
        }
    }

    /// A field of `utsname`: a fixed array of characters that ends in a zero byte.
    private static func text<Field>(of field: Field) -> String? {
        withUnsafeBytes(of: field) { bytes in FactText.valid(UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 })) }
    }
}

/// The kernel's `btime` (/proc/stat), without reading that file: it lists every interrupt of every processor.
enum BootTime {
    /// The real-time clock minus the time since boot, in whole seconds. Nil where both clocks were not read within one of them: the
    /// caller then
    /// reads the file, so that one boot always has one time.
    static func now() -> Timestamp? {
        var (before, real, after) = (timespec(), timespec(), timespec())
        guard clock_gettime(CLOCK_BOOTTIME, &before) == 0, clock_gettime(CLOCK_REALTIME, &real) == 0,
            clock_gettime(CLOCK_BOOTTIME, &after) == 0
        else { return nil }
        let earliest = nanoseconds(real) - nanoseconds(after)
        let latest = nanoseconds(real) - nanoseconds(before)
        guard earliest >= 0, earliest / 1_000_000_000 == latest / 1_000_000_000 else { return nil }
        return Timestamp(seconds: earliest / 1_000_000_000)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }
}
