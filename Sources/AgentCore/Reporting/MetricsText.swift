import Identifiers

/// The daemon's state as node_exporter's textfile collector reads it: Prometheus' text format, version 0.0.4, names in `quartermaster_agent_`.
package struct MetricsText: Sendable {
    package private(set) var text = ""

    /// What a page is made of.
    package struct Sources: Sendable {
        package var now: Timestamp
        package var startedAt: Timestamp
        package var version: String
        package var registrations: [RegistrationStatus]
        package var helper: Observations.Helper
        package var facts: Observations.Facts?
        package var residentBytes: Int?
        package var rounds: Int64
        package var deviceEvents: Int64
        package var problemCount: Int
        /// What stands among the registrations and cannot be used.
        package var unusableCount: Int

        package init(now: Timestamp, startedAt: Timestamp, version: String, registrations: [RegistrationStatus], observations: Observations)
        {
            self.now = now
            self.startedAt = startedAt
            self.version = version
            self.registrations = registrations
            helper = observations.helper
            facts = observations.facts
            residentBytes = Memory.resident()
            (rounds, deviceEvents, problemCount, unusableCount) = (0, 0, 0, 0)
        }
    }

    package init(_ sources: Sources) {
        metric("info", "gauge", "The agent's version.", [([("version", sources.version)], 1)])
        metric("start_time_seconds", "gauge", "When the daemon started.", [([], seconds(sources.startedAt))])
        metric("written_time_seconds", "gauge", "When this file was written.", [([], seconds(sources.now))])
        metric("rounds_total", "counter", "How often the daemon looked whether something is to be told.", [([], Double(sources.rounds))])
        metric("device_events_total", "counter", "Device events that were heard.", [([], Double(sources.deviceEvents))])
        metric("problems", "gauge", "What quartermaster-agent status lists as to be done.", [([], Double(sources.problemCount))])
        metric(
            "unusable_registrations", "gauge", "Registrations that cannot be read, and what stands in their place.",
            [([], Double(sources.unusableCount))])
        switch sources.helper {
        case .unused: break
        case .available: metric("helper_available", "gauge", "Whether the root helper answers.", [([], 1)])
        case .missing: metric("helper_available", "gauge", "Whether the root helper answers.", [([], 0)])
        }
        if let bytes = sources.residentBytes { metric("resident_memory_bytes", "gauge", "The daemon's memory.", [([], Double(bytes))]) }
        if let facts = sources.facts {
            let took = Double(facts.took.components.seconds) + Double(facts.took.components.attoseconds) / 1e18
            metric("facts_read_seconds", "gauge", "How long it took to read this host's facts last.", [([], took)])
            metric("facts_unread", "gauge", "Values of this host that could not be read.", [([], Double(facts.problemCount))])
            metric("block_devices", "gauge", "Block devices of this host.", [([], Double(facts.blockDevices))])
            metric("file_systems", "gauge", "File systems of this host.", [([], Double(facts.fileSystems))])
        }
        registrations(sources)
    }

    private mutating func registrations(_ sources: Sources) {
        func each(_ value: (RegistrationStatus) -> Double?) -> [([(String, String)], Double)] {
            sources.registrations.compactMap { status in value(status).map { (Self.labels(status), $0) } }
        }
        metric(
            "registration_state", "gauge", "1 for the state that a registration is in.",
            sources.registrations.map { (Self.labels($0) + [("state", $0.word)], 1) })
        metric("pad_available", "gauge", "Whether the scratch pad can be used.", each { $0.state.padTrouble == nil ? 1 : 0 })
        metric("unanswered_messages", "gauge", "Messages without an answer yet.", each { Double($0.state.outbox.count) })
        metric("published_total", "counter", "Messages put onto the pad, repeated ones too.", each { Double($0.state.counters.published) })
        metric("answered_total", "counter", "Messages that the controller answered.", each { Double($0.state.counters.answered) })
        metric(
            "ignored_files_total", "counter", "Files on the pad that the controller did not sign for this host.",
            each { Double($0.state.counters.unverifiable) })
        metric("last_report_time_seconds", "gauge", "When something was reported last.", each { $0.state.told.lastReportAt.map(seconds) })
        metric("last_answer_time_seconds", "gauge", "When the controller answered last.", each { $0.state.told.lastAnswerAt.map(seconds) })
        metric(
            "certificate_end_time_seconds", "gauge", "When this host's certificate ends.",
            each { $0.state.membership.map { seconds($0.certificateExpires) } })
    }

    private static func labels(_ status: RegistrationStatus) -> [(String, String)] {
        [("pad", status.state.pad.directory), ("account", (status.state.membership?.accountID ?? status.state.customer.accountID).text)]
    }

    private func seconds(_ time: Timestamp) -> Double { Double(time.microseconds) / 1e6 }

    private mutating func metric(_ name: String, _ type: String, _ help: String, _ samples: [([(String, String)], Double)]) {
        guard !samples.isEmpty else { return }
        text += "# HELP quartermaster_agent_\(name) \(help)\n# TYPE quartermaster_agent_\(name) \(type)\n"
        for (labels, value) in samples {
            let shown = labels.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
            text += "quartermaster_agent_\(name)\(shown.isEmpty ? "" : "{\(shown)}") \(value)\n"
        }
    }

    /// Backslash, quote and newline, as the format has it; other control characters are no text.
    private static func escape(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += "?"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
