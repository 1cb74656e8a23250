import Files
import Glibc
import TestPrograms
import Testing

@testable import Initiator

/// `quartermaster-agent iscsi wizard` itself, driven by a script, a file and a terminal, with tgt as the storage system. Nothing is changed: what it
/// comes to is the plan.
@Suite(.serialized, .enabled(if: !TgtPeer.isMissing && !Peer.isMissing("/usr/sbin/iscsiadm"), "no tgtd or iscsiadm here, or not root"))
struct WizardProgramTests {
    private static let target = "iqn.2026-11.lab.example:wizard"

    /// A host of its own, a storage system, and something that answers as iscsid.
    private func with(secret: String? = nil, _ body: (WizardHost, TgtPeer) throws -> Void) throws {
        try TgtPeer.with { peer in
            try peer.makeTarget(1, Self.target)
            if let secret { try peer.wantCHAP(1, user: "inuser", secret: secret) }
            let root = try Peer.temporaryDirectory()
            defer { Peer.remove(root) }
            try body(WizardHost(root: root, address: peer.addresses[0]), peer)
        }
    }

    private func file(_ host: WizardHost, _ name: String, _ text: String) throws -> String {
        try replaceFile("\(host.root)/\(name)", with: Array(text.utf8))
        return "\(host.root)/\(name)"
    }

    @Test func aScriptComesToThePlanThatConnectHas() throws {
        try with { host, _ in
            let script = ["iscsi", "address", host.address, "1", "1", "", "manual", ""]
            let run = try host.run(["wizard", "--dry-run"], input: script)
            #expect(run.status == 0, "\(run.errors)")
            let plain = try host.run(["connect", Self.target, "--portal", host.address, "--startup", "manual", "--dry-run"])
            #expect(plain.status == 0 && plain.output.contains("log in to \(Self.target)"), "\(plain.errors)")
            #expect(run.output == plain.output)
            #expect(run.errors.contains("Which storage system? (target)"))
            #expect(run.errors.split(separator: "\n").allSatisfy { $0.count <= 79 })
            #expect(!run.errors.contains("(chap-user)") && !run.errors.contains("\u{1B}") && !run.errors.contains("\r"))
            let document = try host.run(["wizard", "--dry-run", "--format", "json"], input: script)
            #expect(document.status == 0 && document.output.contains(#""dryRun":true"#) && document.output.hasPrefix(#"{"outcome":"done""#))
        }
    }

    @Test func aWrongSecretLeadsBackToUserAndSecret() throws {
        try with(secret: "planted-secret-1") { host, _ in
            let (wrong, right) = (try file(host, "wrong", "wrong-secret-000\n"), try file(host, "right", "planted-secret-1\n"))
            let script = ["i", "a", host.address, "", "", "", "inuser", wrong, "no", "", ""]
            let failed = try host.run(["wizard", "--dry-run"], input: script)
            #expect(failed.status == 77, "\(failed.errors)")
            #expect(failed.errors.contains("Stopped at \"The CHAP user?\""), "\(failed.errors)")
            // Typed, as a line of the script: it is not shown, and nothing else is asked again.
            for secret in [[right], ["-", "planted-secret-1"]] {
                let answers = "\(host.root)/answers"
                let run = try host.run(["wizard", "--dry-run", "--write-answers", answers], input: script + [""] + secret)
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.errors.contains("wrong-user-or-secret: ") && run.output.contains("node.session.auth.username = inuser"))
                let written = String(decoding: try readFile(answers), as: UTF8.self)
                #expect(written.contains("\nchap-secret-file = \(secret[0])\n"))
                #expect(!(run.errors + run.output + written).contains("planted-secret"))
            }
        }
    }

    @Test func aFileOfAnswersLeadsToTheSamePlan() throws {
        try with(secret: "planted-secret-1") { host, _ in
            let right = try file(host, "right", "planted-secret-1\n")
            let answers = "\(host.root)/answers"
            let script = ["iscsi", "address", host.address, "1", "all", "default", "inuser", right, "no", "automatic", "none"]
            let first = try host.run(["wizard", "--dry-run", "--write-answers", answers], input: script)
            #expect(first.status == 0, "\(first.errors)")
            var status = stat()
            #expect(stat(answers, &status) == 0 && status.st_mode & 0o777 == 0o600)
            let again = "\(host.root)/again"
            let second = try host.run(["wizard", "--dry-run", "--answers", answers, "--write-answers", again])
            #expect(second.status == 0 && second.output == first.output, "\(second.errors)")
            #expect(try readFile(again) == readFile(answers))

            // It is confirmed by nobody.
            let whole = try host.run(["wizard", "--answers", answers])
            #expect(whole.status == 78 && whole.errors.contains("confirm: has no answer"), "\(whole.errors)")
            let text = String(decoding: try readFile(answers), as: UTF8.self)
            for (old, new, said) in [
                (
                    "target = \(Self.target)", "target = iqn.2026-11.lab.example:none",
                    "target: \"iqn.2026-11.lab.example:none\" is no answer here"
                ),
                ("target = \(Self.target)", "tarket = x", "tarket: is not known"),
                ("target = \(Self.target)", "", "target: has no answer"),
                ("startup = automatic", "startup = a", "allowed: automatic, manual"),
                ("find = address", "find = address\nfind = scan", "find: is given twice"),
            ] {
                #expect(text.contains("\n\(old)\n"))
                let changed = try file(host, "changed", text.replacing(old, with: new))
                let run = try host.run(["wizard", "--dry-run", "--answers", changed])
                // Folded at blanks.
                let errors = run.errors.split(whereSeparator: { $0 == " " || $0 == "\n" }).joined(separator: " ")
                #expect(run.status == 78 && errors.contains(said) && errors.contains("\(changed):"), "\(new): \(run.errors)")
            }
            let wrong = try file(host, "changed", text.replacing(right, with: try file(host, "wrong", "wrong-secret-000\n")))
            #expect(try host.run(["wizard", "--dry-run", "--answers", wrong]).status == 77)
        }
    }

    /// A run from a file asks nobody, and ends as `connect` does.
    @Test(.enabled(if: !Peer.isMissing("/usr/bin/unshare"), "no unshare here"))
    func aFailureOfTheConnectionEndsARunFromAFileWithItsOutcome() throws {
        try with { host, _ in
            let text = """
                transport = iscsi
                find = address
                portal = \(host.address)
                target = \(Self.target)
                portals = all
                interface = default
                startup = manual
                expect-wwid = none
                confirm = yes

                """
            // It takes the login for one with a wrong secret, though the target wants none.
            try replaceFile("\(host.root)/iscsiadm", with: Array("#!/bin/sh\nexit 24\n".utf8), mode: 0o700)
            let process = try host.start(
                ["wizard", "--format", "json", "--answers", try file(host, "answers", text)],
                input: FileDescriptor(opening: "/dev/null", flags: O_RDONLY), iscsiadm: "\(host.root)/iscsiadm")
            defer { process.send(SIGKILL) }
            try Peer.wait("the end") { !process.isRunning }
            let output = String(decoding: try readFile("\(host.root)/output"), as: UTF8.self)
            let errors = String(decoding: try readFile("\(host.root)/errors"), as: UTF8.self)
            #expect(process.terminationStatus == 77 && output.hasPrefix(#"{"outcome":"wrong-user-or-secret""#), "\(output)\(errors)")
            let large = text.replacing(
                "find = address\nportal = \(host.address)", with: "find = scan\nsubnet = 127.90.0.0/16\nlarge-scan = no")
            let refused = try host.run(["wizard", "--answers", try file(host, "large", large)])
            #expect(refused.status == 78 && refused.errors.contains("large-scan: \"no\" is no answer here"), "\(refused.errors)")
        }
    }

    // MARK: Secrets and files

    @Test func aSecretThatIsGivenForTheNameOfAFileIsNotRepeated() throws {
        try with(secret: "planted-secret-1") { host, _ in
            let script = ["iscsi", "address", host.address, "", "", "", "inuser"]
            for wrong in ["planted-secret-1", "b planted-secret-1", "planted/secret-1", String(repeating: "planted-secret-1", count: 200)] {
                let run = try host.run(["wizard", "--dry-run"], input: script + [wrong, "", "planted-secret-1", "no", "", ""])
                #expect(run.status == 0 && !(run.errors + run.output).contains("planted"), "\(run.errors)")
                let ended = try host.run(["wizard", "--dry-run", "--format", "json"], input: script + [wrong])
                #expect(ended.status == 64 && !(ended.errors + ended.output).contains("planted"), "\(ended.errors)")
            }
            let answers = try file(
                host, "answers",
                """
                transport = iscsi
                find = address
                portal = \(host.address)
                target = \(Self.target)
                portals = all
                interface = default
                chap-user = inuser
                chap-secret-file = planted-secret-1

                """)
            let run = try host.run(["wizard", "--dry-run", "--answers", answers])
            #expect(run.status == 78 && !(run.errors + run.output).contains("planted"), "\(run.errors)")
            #expect(run.errors.contains("\(answers):8: chap-secret-file: "), "\(run.errors)")
        }
    }

    @Test func theSameSecretInBothDirectionsIsAskedForAgain() throws {
        try with(secret: "planted-secret-1") { host, _ in
            let (own, other) = (try file(host, "own", "planted-secret-1\n"), try file(host, "other", "planted-secret-2\n"))
            let script = ["iscsi", "address", host.address, "", "", "", "inuser", own, "yes", "array", other]
            let run = try host.run(["wizard", "--dry-run"], input: script + ["b chap-secret-file", other, "", ""])
            #expect(run.status == 64, "\(run.errors)")
            #expect(run.errors.contains("the secret and the mutual secret are the same"), "\(run.errors)")
            #expect(run.errors.contains("Stopped at \"The storage system's secret?\""), "\(run.errors)")
        }
    }

    @Test func aLineThatIsTooLongIsNoAnswerAndItsEndIsNone() throws {
        try with { host, _ in
            let script = ["iscsi", "address", host.address, "1", "1", "", "manual", ""]
            let run = try host.run(["wizard"], input: script + [String(repeating: "x", count: 4096) + "yes"])
            #expect(run.status == 64 && !run.errors.contains("The records are written."), "\(run.errors)")
            #expect(run.errors.contains("longer than 4096 bytes"), "\(run.errors)")
        }
    }

    @Test func answersAreWrittenToAFileOrStandardOutputAndNowhereElse() throws {
        // Should it be replaced after all.
        defer {
            var status = stat()
            if lstat("/dev/stdout", &status) == 0, status.st_mode & S_IFMT == S_IFREG, unlink("/dev/stdout") == 0 {
                symlink("/proc/self/fd/1", "/dev/stdout")
            }
        }
        try with { host, _ in
            let script = ["iscsi", "address", host.address, "1", "1", "", "manual", ""]
            let (pipe, link, kept) = ("\(host.root)/pipe", "\(host.root)/link", try file(host, "kept", "kept\n"))
            #expect(mkfifo(pipe, 0o600) == 0 && symlink(kept, link) == 0)
            for path in [pipe, link, "/dev/null", "\(host.root)/proc", "\(host.root)/none/answers"] {
                // Before anything is asked.
                let run = try host.run(["wizard", "--write-answers", path], input: script)
                #expect(run.status != 0 && run.status != 64 && !run.errors.contains("(transport)"), "\(path): \(run.errors)")
                #expect(run.errors.contains(path), "\(run.errors)")
            }
            var status = stat()
            #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
            #expect(lstat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
            #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
            #expect(try readFile(kept) == Array("kept\n".utf8))
            let run = try host.run(["wizard", "--dry-run", "--write-answers", "/dev/stdout"], input: script)
            #expect(run.status == 0 && run.output.contains("\nstartup = manual\n"), "\(run.errors)")
            #expect(lstat("/dev/stdout", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        }
    }

    /// The folder of the file of answers goes meanwhile.
    @Test func whatItCameToIsToldWhereTheAnswersCannotBeWrittenAfterwards() throws {
        try with { host, _ in
            try makeDirectories("\(host.root)/folder")
            _ = try file(
                host, "answers", (["iscsi", "address", host.address, "1", "1", "", "manual", "", "no"]).map { $0 + "\n" }.joined())
            let gate = "\(host.root)/gate"
            try #require(mkfifo(gate, 0o600) == 0)
            let input = try FileDescriptor(opening: gate, flags: O_RDWR)
            let process = try host.start(
                ["wizard", "--format", "json", "--dry-run", "--write-answers", "\(host.root)/folder/answers"], input: input)
            defer { process.send(SIGKILL) }
            try Peer.wait("the first question") {
                try String(decoding: readFile("\(host.root)/errors"), as: UTF8.self).contains("(transport)") || !process.isRunning
            }
            #expect(rmdir("\(host.root)/folder") == 0)
            try input.writeAll(try readFile("\(host.root)/answers"))
            try Peer.wait("the end") { !process.isRunning }
            let output = String(decoding: try readFile("\(host.root)/output"), as: UTF8.self)
            let errors = String(decoding: try readFile("\(host.root)/errors"), as: UTF8.self)
            #expect(process.terminationStatus == 66 && output.hasPrefix(#"{"outcome":"done""#), "\(output)\(errors)")
            #expect(errors.contains("folder"), "\(errors)")
        }
    }

    @Test func thePlanNamesTheFolderThatRecordsAreWrittenTo() throws {
        try with { host, _ in
            try makeDirectories("\(host.root)/var/lib/iscsi/nodes")
            let run = try host.run(["wizard", "--dry-run"], input: ["iscsi", "address", host.address, "1", "1", "", "manual", ""])
            let words = run.errors.filter { !$0.isWhitespace }
            #expect(run.status == 0 && words.contains("create\(host.root)/var/lib/iscsi/nodes/"), "\(run.errors)")
            #expect(!words.contains("create\(host.root)/etc/"))
        }
    }

    /// iscsiadm knows no record of a host in a folder: the login fails, and all is as before.
    @Test func aFailureOfTheConnectionIsTakenBackAndLeadsBack() throws {
        try with { host, _ in
            let script = ["iscsi", "address", host.address, "1", "1", "", "manual", ""]
            let run = try host.run(["wizard"], input: script + ["yes"])
            #expect(run.status != 0 && run.status != 64, "\(run.errors)")
            #expect(run.errors.contains("The records are written.") && run.errors.contains("Stopped at "), "\(run.errors)")
            #expect(try FileDescriptor(directory: "\(host.root)/etc/iscsi/nodes").names().isEmpty)
            for last in ["no", "q"] {
                let declined = try host.run(["wizard"], input: script + [last])
                #expect(declined.status == 1 && declined.errors.contains("Nothing was changed."), "\(declined.errors)")
            }
        }
    }

    @Test func answersThatEndTooEarlyChangeNothing() throws {
        try with { host, _ in
            let run = try host.run(["wizard"], input: ["iscsi", "?", "nonsense", "b", "iscsi"])
            #expect(run.status == 64, "\(run.errors)")
            #expect(run.errors.contains("Stopped at \"How is the storage system to be found?\" (find)"), "\(run.errors)")
            #expect(run.errors.contains("That is no answer here."))
            let refused = try host.run(["wizard"], input: ["iscsi", "address", "\(host.address):9"])
            #expect(refused.status == 69 && refused.errors.contains("Stopped at \"The storage system's address?\""), "\(refused.errors)")
        }
    }

    // MARK: On a terminal

    /// Until the secret is to be typed.
    private func answerUpToTheSecret(_ terminal: Terminal, _ host: WizardHost) throws {
        for (question, answer) in [
            ("(transport)", "iscsi"), ("(find)", "a"), ("(portal)", host.address), ("(target)", ""), ("(portals)", ""),
            ("(interface)", ""), ("(chap-user)", "inuser"),
        ] { try terminal.answerNext(question, with: answer) }
        // The secret where the name of its file is asked for is not shown either.
        for name in ["planted-secret-1", ""] {
            try terminal.wait(for: "(chap-secret-file)")
            try Peer.wait("the terminal to be silent") { !terminal.echoes }
            try terminal.answerNext("Neither is shown.", with: name)
        }
        try terminal.wait(for: "(not shown)")
        try Peer.wait("the terminal to be silent") { !terminal.echoes }
    }

    @Test func onATerminalASecretIsNotShownAndEveryLineFits() throws {
        try with(secret: "planted-secret-1") { host, _ in
            let terminal = try Terminal()
            let process = try host.start(["wizard", "--dry-run"], terminal: terminal)
            defer { process.send(SIGKILL) }
            try answerUpToTheSecret(terminal, host)
            try terminal.answerNext("not shown", with: "planted-secret-1")
            for question in ["(mutual)", "(startup)", "(expect-wwid)"] { try terminal.answerNext(question, with: "") }
            try terminal.wait(for: "Nothing was changed (--dry-run).")
            try Peer.wait("the end") {
                terminal.readWhatIsThere()
                return !process.isRunning
            }
            #expect(process.terminationStatus == 0 && !process.wasKilled)
            #expect(terminal.echoes && !terminal.all.contains("planted-secret") && !terminal.all.contains("\u{1B}"))
            #expect(terminal.all.contains("node.session.auth.password = (not shown)"))
            let lines = terminal.all.split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.count > 40 && lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
        }
    }

    @Test func aSignalWhileASecretIsTypedLeavesTheTerminalAsItWas() throws {
        try with(secret: "planted-secret-1") { host, _ in
            let terminal = try Terminal()
            let process = try host.start(["wizard"], terminal: terminal)
            defer { process.send(SIGKILL) }
            try answerUpToTheSecret(terminal, host)
            process.send(SIGINT)
            try Peer.wait("the end") { !process.isRunning }
            #expect(process.wasKilled && process.terminationStatus == SIGINT)
            #expect(terminal.echoes)
        }
    }
}
