import Files
import Glibc

/// What this process uses, under the names that Prometheus' own libraries have for it. What the kernel does not tell is left out.
enum ProcessUsage {
    static func read() -> [MetricFamily] {
        var families: [MetricFamily] = []
        func add(_ name: String, _ value: Double?, kind: MetricFamily.Kind = .gauge) {
            guard let value else { return }
            families.append(MetricsAnswer.family(name, [MetricSeries(labels: [], value: .number(value))], kind: kind))
        }
        add("process_cpu_seconds_total", processorSeconds(), kind: .counter)
        add("process_resident_memory_bytes", residentBytes())
        add("process_open_fds", openDescriptors())
        add("process_start_time_seconds", startTime)
        return families
    }

    private static func processorSeconds() -> Double? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// The second field of /proc/self/statm, in pages (proc_pid_statm(5)).
    private static func residentBytes() -> Double? {
        fields("/proc/self/statm").flatMap { $0.count > 1 ? Double($0[1]) : nil }.map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
    }

    private static func openDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) { if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 } }
        // The one that this took.
        return Double(count - 1)
    }

    /// Of the whole machine since its start, in ticks: field 22 of /proc/self/stat, the twentieth after the program's name, which may hold
    /// anything (proc_pid_stat(5)); and when the machine was started.
    private static let startTime: Double? = {
        guard let stat = text("/proc/self/stat"), let end = stat.lastIndex(of: ")"),
            let booted = text("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })?.dropFirst(6),
            let seconds = Double(booted)
        else { return nil }
        let rest = stat[stat.index(after: end)...].split(separator: " ")
        guard rest.count > 19, let ticks = Double(rest[19]) else { return nil }
        return seconds + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }()

    private static func fields(_ path: String) -> [Substring]? { text(path)?.split(separator: " ") }

    /// A file of the kernel's: there, or this is a system without it.
    private static func text(_ path: String) -> String? {
        guard let bytes = try? readFile(path, limit: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
