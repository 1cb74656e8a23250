import Files
import HostFacts
import Identifiers
import Inventory

/// Where the host's facts come from: the machine, another root, or a test.
package struct FactsSource: Sendable {
    package let read: @Sendable (Inventory.Level) throws -> Inventory

    package init(read: @escaping @Sendable (Inventory.Level) throws -> Inventory) { self.read = read }

    /// The kernel's interfaces under `sysroot`, or the machine's own; what only root can read through the helper, where there is to be one, or as it
    /// was `known` when this process was root.
    package static func host(
        sysroot: String?, privileged: PrivilegedFactsCache? = nil, known: PrivilegedFacts? = nil
    ) -> FactsSource {
        FactsSource { level in try HostReader(sysroot: sysroot, privileged: privileged?.facts() ?? known).inventory(level: level) }
    }

    /// What only root can read, read as root.
    package static func readAsRoot(sysroot: String?) throws(AgentError) -> PrivilegedFacts {
        do throws(FileError) { return PrivilegedFacts.read(try Tree(sysroot: sysroot)) } catch { throw .file(error) }
    }

    /// The same, with what was met noted.
    package func observed(by observations: Observations, clock: HostClock = .system) -> FactsSource {
        FactsSource { level in
            let begin = clock.uptime()
            let inventory = try read(level)
            observations.note(inventory, took: clock.uptime() - begin)
            return inventory
        }
    }

    /// The facts of a level. The kernel's boot time wanders with the clock: within two minutes of `bootTime` it is that.
    package func facts(level: Int, bootTime: Timestamp?) throws(AgentError) -> Inventory {
        do {
            var inventory = try read(Inventory.Level(rawValue: level) ?? .storage)
            if let bootTime, let found = inventory.host.bootTime, abs(found.microseconds - bootTime.microseconds) < 120_000_000 {
                inventory.host.bootTime = bootTime
            }
            return inventory
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .facts(reason: "\(error)")
        }
    }
}
