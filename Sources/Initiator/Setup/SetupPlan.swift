import Identifiers
import StrictJSON

/// What a set-up will do, and what it expects of it: a value, made before anything is changed.
package struct SetupPlan: Hashable, Sendable {
    package enum Operation: String, Hashable, Sendable { case connect, forget, record }

    package var operation: Operation
    package var target: ISCSIName
    /// Where the records are (`OpenISCSITree.recordsOnHost`).
    package var folder: String
    package var changes: [Change]
    package var logins: [RecordName]
    package var expectation = Expectation()
    /// What speaks against it without forbidding it.
    package var advice: [String] = []

    package init(
        operation: Operation, target: ISCSIName, folder: String = "/etc/iscsi", changes: [Change] = [], logins: [RecordName] = []
    ) {
        self.operation = operation
        self.target = target
        self.folder = folder
        self.changes = changes
        self.logins = logins
    }

    /// A file that will be other than it is.
    package struct Change: Hashable, Sendable {
        package var before: FileImage
        package var after: FileImage
        /// Keys that get another value, with it; a secret's value is not shown.
        package var settings: [Setting]

        package struct Setting: Hashable, Sendable {
            package var key: String
            package var value: String
        }

        package init(before: FileImage, after: FileImage, settings: [Setting]) {
            self.before = before
            self.after = after
            self.settings = settings
        }

        package var verb: String {
            switch (before.content, after.content) {
            case (.absent, .link): "link"
            case (.absent, _): "create"
            case (_, .absent): "remove"
            default: "change"
            }
        }
    }

    package struct Expectation: Hashable, Sendable {
        /// Logical units that must be there; where it is empty, any one.
        package var wwids: [WWID] = []
        /// For each login.
        package var sessions = 1
        /// A map over each unit that came by several paths.
        package var multipath = false
        package var deadline = Duration.seconds(60)
    }
}

extension SetupPlan.Change {
    /// What a new text of a record sets otherwise than the old one.
    static func settings(from before: RecordText?, to after: RecordText) -> [Setting] {
        var seen: Set<String> = []
        return after.settings.compactMap { key, value in
            guard seen.insert(key).inserted, before?.value(key) != after.value(key) else { return nil }
            let isSecret = key.hasSuffix(".password") || key.hasSuffix(".password_in")
            return Setting(key: key, value: isSecret ? "(not shown)" : String(decoding: value, as: UTF8.self))
        }
    }
}

extension SetupPlan {
    /// Lines for people. `folder` is where the files are.
    package func lines(folder: String) -> [String] {
        var lines: [String] = []
        for change in changes {
            lines.append("\(change.verb) \(folder)/\(change.after.path)")
            // A new record is told by what it has of its own.
            for setting in change.settings where change.verb == "change" || Self.isTold(setting.key) {
                lines.append("    \(setting.key) = \(setting.value)")
            }
        }
        for login in logins {
            lines.append("log in to \(login.spelling) at \(login.portal) through the interface \(login.interface)")
            lines.append("    iscsiadm \(Iscsiadm.loginArguments(login).joined(separator: " "))")
        }
        guard operation == .connect else { return lines }
        lines.append(
            "expect \(expectation.sessions * logins.count) session\(expectation.sessions * logins.count == 1 ? "" : "s") that \(expectation.sessions * logins.count == 1 ? "is" : "are") logged in"
        )
        if expectation.wwids.isEmpty {
            lines.append("expect a logical unit or more through each")
        } else {
            for wwid in expectation.wwids { lines.append("expect the logical unit \(wwid)") }
        }
        if expectation.multipath { lines.append("expect a multipath map over each unit that has several paths") }
        lines.append("else take all of it back")
        return lines
    }

    private static func isTold(_ key: String) -> Bool {
        [
            "node.startup", "node.session.nr_sessions", "node.conn[0].iscsi.HeaderDigest", "node.conn[0].iscsi.DataDigest",
            "iface.net_ifacename",
        ]
        .contains(key) || key.hasPrefix("node.session.auth.")
    }
}

extension SetupPlan: JSONWritable {
    /// The steps, in their order: `{"step":"create","path":…,"settings":{…}}`, `{"step":"log-in","portal":…}`, `{"step":"verify",…}`.
    package func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for change in changes {
                writer.object { writer in
                    writer.member("step", change.verb)
                    writer.member("path", "\(folder)/\(change.after.path)")
                    if case .link(let target) = change.after.content { writer.member("target", target) }
                    if !change.settings.isEmpty {
                        writer.member(
                            "settings",
                            object: { writer in
                                for setting in change.settings { writer.member(setting.key, setting.value) }
                            })
                    }
                }
            }
            for login in logins {
                writer.object { writer in
                    writer.member("step", "log-in")
                    writer.member("target", login.spelling)
                    writer.member("portal", login.portal)
                    writer.member("interface", login.interface)
                    writer.member("command", strings: ["iscsiadm"] + Iscsiadm.loginArguments(login))
                }
            }
            guard operation == .connect else { return }
            writer.object { writer in
                writer.member("step", "verify")
                writer.member("sessions", expectation.sessions * logins.count)
                writer.member("wwids", strings: expectation.wwids.map(\.description))
                writer.member("multipath", expectation.multipath)
            }
        }
    }
}
