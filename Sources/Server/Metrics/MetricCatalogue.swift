/// What each metric means, and by which sizes it is counted. `docs/metrics.md` is this table; a test holds it there.
package enum MetricCatalogue {
    package struct Entry: Sendable {
        package let name: String
        package let kind: MetricFamily.Kind
        package let help: String
        package let labels: [String]

        init(_ name: String, _ kind: MetricFamily.Kind, _ help: String, labels: [String] = []) {
            self.name = name
            self.kind = kind
            self.help = help
            self.labels = labels
        }
    }

    package static let entries: [Entry] = [
        Entry(
            "quartermaster_daemon_passes_total", .counter, "Passes of a daemon that have ended, by how they ended.",
            labels: ["daemon", "outcome"]),
        Entry("quartermaster_daemon_pass_duration_seconds", .histogram, "How long a daemon's passes took.", labels: ["daemon"]),
        Entry(
            "quartermaster_daemon_queue_length", .gauge, "What waits in a daemon's queue, or is under way.", labels: ["daemon", "queue"]),
        Entry("quartermaster_intake_looks_total", .counter, "Looks at scratch pads."),
        Entry("quartermaster_intake_messages_total", .counter, "Messages from hosts, by what was decided.", labels: ["outcome"]),
        Entry("quartermaster_intake_quarantined_total", .counter, "Malformed files that were moved to a pad's quarantine."),
        Entry("quartermaster_intake_republished_total", .counter, "Answers that were published again, since no host had taken them."),
        Entry("quartermaster_intake_pad_faults_total", .counter, "Times that a pad began to fail."),
        Entry("quartermaster_intake_postponed_total", .counter, "Looks that waited, since too many messages were in memory."),
        Entry("quartermaster_intake_pad_hangs_total", .counter, "Times that a pad's file system hung."),
        Entry("quartermaster_intake_pads", .gauge, "Scratch pads that are looked at, by how the last look went.", labels: ["state"]),
        Entry(
            "quartermaster_storage_system_up", .gauge, "1 where a storage system answered at its last discovery, else 0.",
            labels: ["system"]),
        Entry(
            "quartermaster_storage_system_last_discovery_timestamp_seconds", .gauge, "When a storage system was last seen whole.",
            labels: ["system"]),
        Entry("quartermaster_http_requests_total", .counter, "Requests that were answered, by status.", labels: ["operation", "status"]),
        Entry("quartermaster_http_request_duration_seconds", .histogram, "How long requests took to answer.", labels: ["operation"]),
        Entry("quartermaster_build_info", .gauge, "1, with the controller's version.", labels: ["version"]),
        Entry("process_cpu_seconds_total", .counter, "Processor time of the controller."),
        Entry("process_resident_memory_bytes", .gauge, "Memory of the controller that is resident."),
        Entry("process_open_fds", .gauge, "File descriptors that the controller has open."),
        Entry("process_start_time_seconds", .gauge, "When the controller was started."),
    ]

    private static let byName = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }

    package static func help(_ name: String) -> String { byName[name]?.help ?? "No description." }

    /// Seconds, from what an idle pad takes to what a storage system may take.
    private static let seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300]

    package static func bounds(_ name: String) -> [Double] { seconds }
}
