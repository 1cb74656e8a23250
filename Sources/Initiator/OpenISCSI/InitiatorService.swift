import CLinux
import Files
import Glibc

/// Whether open-iscsi is installed and its daemon can be reached, and, where that is asked for, installs and starts it.
package struct InitiatorService: Sendable {
    /// iscsid's socket, in the abstract namespace (usr/mgmt_ipc.h). systemd holds it where `iscsid.socket` is started, and starts iscsid with the
    /// first connection.
    static let socket = "\0ISCSIADM_ABSTRACT_NAMESPACE"

    package let programs: [String]

    package init(programs: [String] = ExternalProgram.folders) { self.programs = programs }

    package enum State: String, Hashable, Sendable {
        case running
        case notRunning = "not-running"
        case notInstalled = "not-installed"
    }

    package var iscsiadm: ExternalProgram? { ExternalProgram(named: "iscsiadm", in: programs) }

    /// Connects and hangs up: iscsid answers nothing to that, and forgets it.
    package func state() -> State {
        guard iscsiadm != nil else { return .notInstalled }
        let descriptor = Self.socket.withCString(encodedAs: UTF8.self) { name in
            name.withMemoryRebound(to: CChar.self, capacity: Self.socket.utf8.count) {
                quartermaster_connect_local($0, Self.socket.utf8.count, Int32(SOCK_STREAM.rawValue))
            }
        }
        guard descriptor >= 0 else { return .notRunning }
        close(descriptor)
        return .running
    }

    /// What `install` does on this host, in order; empty where it can do nothing.
    package func installation() -> [[String]] {
        var steps: [[String]] = []
        if iscsiadm == nil {
            if let apt = path("apt-get") {
                steps.append([apt, "install", "--yes", "--no-install-recommends", "open-iscsi"])
            } else if let dnf = path("dnf") ?? path("yum") {
                steps.append([dnf, "install", "--assumeyes", "iscsi-initiator-utils"])
            } else if let zypper = path("zypper") {
                steps.append([zypper, "--non-interactive", "install", "--no-recommends", "open-iscsi"])
            } else {
                return []
            }
        }
        if let systemctl = path("systemctl"), access("/run/systemd/system", F_OK) == 0 {
            steps.append([systemctl, "enable", "--now", "iscsid.socket"])
        }
        return steps
    }

    /// Carries `installation` out; a signal ends it between two steps. Throws `.installation` with what the package manager said last.
    package func install(interruption: Interruption, _ told: (String) -> Void) throws(SetupError) {
        let steps = installation()
        guard !steps.isEmpty else {
            throw .installation(
                step: "install open-iscsi",
                detail: "no package manager and no systemd that are known; install and start the service by hand")
        }
        for step in steps {
            do throws(SetupError) { try interruption.check() } catch {
                throw .outcome(.interrupted, detail: "\(error): open-iscsi may be installed by now; nothing else was changed")
            }
            told(step.joined(separator: " "))
            let result = try ExternalProgram(path: step[0]).run(Array(step.dropFirst()), deadline: .seconds(900))
            guard result.status == 0 else { throw .installation(step: step.joined(separator: " "), detail: result.detail) }
        }
    }

    /// Starts iscsid anew, so that it reads its files again; sessions go on meanwhile. False where it could not be done: there is no systemd, or it
    /// has not done it.
    package func restart() throws(SetupError) -> Bool {
        guard let systemctl = path("systemctl"), access("/run/systemd/system", F_OK) == 0 else { return false }
        return try ExternalProgram(path: systemctl).run(["try-restart", "iscsid.service"], deadline: .seconds(120)).status == 0
    }

    /// Whether sessions of records with automatic start are made when the machine starts, as far as systemd's links say; nil without systemd.
    package func startsAtBoot(root: String = "") -> Bool? {
        let wants = "\(root)/etc/systemd/system"
        guard access("\(root)/run/systemd/system", F_OK) == 0 else { return nil }
        return ["sysinit.target.wants", "multi-user.target.wants", "remote-fs.target.wants", "remote-fs-pre.target.wants"].contains {
            folder in
            ["open-iscsi.service", "iscsi.service", "iscsi-onboot.service"].contains { unit in
                var status = stat()
                return lstat("\(wants)/\(folder)/\(unit)", &status) == 0
            }
        }
    }

    private func path(_ name: String) -> String? { ExternalProgram(named: name, in: programs)?.path }
}
