import ControllerAPI
import Daemons
import Identifiers
import Provider
import Store

/// Puts an exposition together: what was counted, and how things stand now.
struct MetricsAnswer: Sendable {
    let registry: MetricRegistry
    let parts: ControllerParts

    func text() async throws -> String {
        let load = parts.intake.load
        let queues = await load.queues + parts.discovery.queues + parts.authentication.queues
        let systems = try await parts.store.read { try $0.discoveredSystems() }
        return PrometheusText.text(
            registry.snapshot() + [Self.queues(queues), Self.pads(load), Self.build] + Self.systems(systems) + ProcessUsage.read())
    }

    private static func queues(_ queues: [QueueLength]) -> MetricFamily {
        family(
            "quartermaster_daemon_queue_length",
            queues.map {
                MetricSeries(labels: [MetricLabel("daemon", $0.daemon), MetricLabel("queue", $0.queue)], value: .number(Double($0.length)))
            })
    }

    private static func pads(_ load: IntakeLoad) -> MetricFamily {
        let states = [("faulty", load.faultyPads), ("pending", load.pendingPads), ("good", load.pads - load.faultyPads - load.pendingPads)]
        return family(
            "quartermaster_intake_pads",
            states.map { MetricSeries(labels: [MetricLabel("state", $0.0)], value: .number(Double($0.1))) })
    }

    private static let build = family(
        "quartermaster_build_info", [MetricSeries(labels: [MetricLabel("version", ControllerVersion.text)], value: .number(1))])

    /// The first of so many, in the order of their IDs.
    private static func systems(_ systems: [StorageSystem]) -> [MetricFamily] {
        let systems = systems.prefix(MetricRegistry.seriesLimit)
        func label(_ system: StorageSystem) -> [MetricLabel] { [MetricLabel("system", system.systemID.text)] }
        return [
            family(
                "quartermaster_storage_system_up",
                systems.map { MetricSeries(labels: label($0), value: .number($0.state == .active ? 1 : 0)) }),
            family(
                "quartermaster_storage_system_last_discovery_timestamp_seconds",
                systems.compactMap { system in
                    system.lastDiscoveryAt.map {
                        MetricSeries(labels: label(system), value: .number(Double($0.microseconds) / 1e6))
                    }
                }),
        ]
    }

    static func family(_ name: String, _ series: [MetricSeries], kind: MetricFamily.Kind = .gauge) -> MetricFamily {
        MetricFamily(name, kind, help: MetricCatalogue.help(name), series: series)
    }
}
