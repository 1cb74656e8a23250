import CLinux
import Files
import Glibc
import TestPrograms
import Testing

@testable import Initiator

/// `quartermaster-agent iscsi discover` itself: what it prints, how it ends, and what ends it.
@Suite(.serialized) struct DiscoverProgramTests {
    /// Where the program finds a host of its own, which has a name and a record of one target.
    private func withHost(_ body: (String) throws -> Void) throws {
        let root = try Peer.temporaryDirectory()
        defer { Peer.remove(root) }
        for directory in ["etc/iscsi/nodes/iqn.2026-11.lab.example:recorded", "proc", "sys"] {
            try makeDirectories("\(root)/\(directory)")
        }
        try replaceFile("\(root)/etc/iscsi/initiatorname.iscsi", with: Array("InitiatorName=iqn.2026-11.lab.example:host\n".utf8))
        try body(root)
    }

    @Test(.enabled(if: !TgtPeer.isMissing, "no tgtd here, or not root"))
    func whatItFindsIsPrintedAsJSON() throws {
        try TgtPeer.with { peer in
            try peer.makeTarget(1, "iqn.2026-11.lab.example:recorded")
            try peer.makeTarget(2, "iqn.2026-11.lab.example:other")
            try peer.wantCHAP(2, user: "inuser", secret: "insecret12345")
            try withHost { root in
                let run = try Discover(root, ["--portal", peer.addresses[0], "--format", "json"]).wait()
                let portal =
                    #""portals":[{"address":"\#(peer.addresses[0])","port":3260,"portalGroupTag":1,"interface":"lo"}],"sources":["portal"]"#
                #expect(run.status == 0, "\(run.errors)")
                #expect(
                    run.output == """
                        {"targets":[\
                        {"name":"iqn.2026-11.lab.example:other",\(portal),"authentication":"chap","connected":false,"recorded":false},\
                        {"name":"iqn.2026-11.lab.example:recorded",\(portal),"authentication":"none","connected":false,"recorded":true}\
                        ],"problems":[],"complete":true}

                        """)
                #expect(run.errors.isEmpty)
            }
        }
    }

    @Test func aPortalThatRefusesIsAProblemWithItsOwnExitCode() throws {
        try withHost { root in
            // Bound and not listening: nobody else's, and refused.
            let listener = try TestListener(.silence)
            listener.end()
            let portal = "\(listener.address.address):\(listener.address.port)"
            let run = try Discover(root, ["--portal", portal, "--format", "json"]).wait()
            #expect(
                run.output.hasPrefix(#"{"targets":[],"problems":[{"address":"\#(portal)","outcome":"refused","detail":""#), "\(run.output)")
            #expect(run.status == 69, "\(run.errors)")
            #expect(run.errors.contains("\(portal): refused: "), "\(run.errors)")
        }
    }

    /// Plain options are understood without the parser, others by it.
    @Test func bothWaysToReadItsOptionsEndAlike() throws {
        try withHost { root in
            try TestListener.with(.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))) { listener in
                let portal = "\(listener.address.address):\(listener.address.port)"
                let network = "\(listener.address.address)/32"
                let plain = try Discover(root, ["--portal", portal, "--authentication", "none", "--format", "json"]).wait()
                let parsed = try Discover(root, ["--portal=\(portal)", "--authentication=none", "--format=json"]).wait()
                #expect(plain == parsed)
                #expect(plain.status == 69 && plain.output.contains(#""outcome":"not-an-iscsi-portal""#), "\(plain)")
                for wrong in [["--portal", "-"], ["--portal"], ["--format", "xml"], ["--subnet", network, "--authentication", "some"]] {
                    let run = try Discover(root, wrong).wait()
                    #expect(run.status == 64 && run.output.isEmpty, "\(wrong): \(run)")
                }
            }
        }
    }

    @Test func aSignalEndsItAndWhatWasFoundIsPrinted() throws {
        try withHost { root in
            for signal in [SIGINT, SIGTERM] {
                try TestListener.with(.silence) { listener in
                    let portal = "\(listener.address.address):\(listener.address.port)"
                    let running = try Discover(root, ["--portal", portal, "--format", "json", "--answer-timeout", "600s"])
                    // It is at work: its signals are its own by then.
                    try Peer.wait("the connection") { listener.connections > 0 }
                    running.process.send(signal)
                    let run = try running.wait()
                    #expect(run.status == 1 && !run.wasKilled, "\(run.errors)")
                    #expect(run.output == "{\"targets\":[],\"problems\":[],\"complete\":false}\n")
                    #expect(run.errors.contains("interrupted: 0 of 0 addresses were tried"), "\(run.errors)")
                }
            }
        }
    }

    /// Whoever reads its output may have stopped: a signal ends it then as it ends any program.
    @Test func aSignalEndsItWhileItPrints() throws {
        try withHost { root in
            try TestListener.with(.close) { listener in
                // Nobody reads; a pipe holds 64 KiB.
                var ends: [Int32] = [0, 0]
                try #require(quartermaster_pipe(&ends) == 0)
                defer { close(ends[0]) }
                let output = FileDescriptor(owning: ends[1], path: "a pipe")
                let portals = (0..<800).flatMap { ["--portal", "127.0.\(1 + $0 / 250).\(2 + $0 % 250):\(listener.address.port)"] }
                let running = try Discover(root, portals + ["--format", "json"], output: output)
                try Peer.wait("its output") {
                    var reading = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
                    return poll(&reading, 1, 0) == 1
                }
                running.process.send(SIGTERM)
                let run = try running.wait()
                #expect(run.wasKilled && run.status == SIGTERM, "\(run)")
            }
        }
    }

    @Test func refusedArgumentsAreSaid() throws {
        try withHost { root in
            for (arguments, words) in [
                (["--subnet", "127.0.0.9", "--scan-port", "0"], "--scan-port is 1 to 65535"),
                (["--portal", "::1:3260"], "[::1]:3260"), (["--portal", "2001:db8::3260"], "[2001:db8::]:3260"),
                (["--portal", "fe80::1%nope"], "nope"), (["--portal", "127.0.0.1:3260,70000"], "127.0.0.1:3260,70000"),
            ] {
                let run = try Discover(root, arguments).wait()
                #expect(run.status == 64 && run.errors.contains(words), "\(arguments): \(run)")
            }
        }
    }

    /// As iscsiadm writes a portal.
    @Test func aPortalMayHaveItsGroup() throws {
        try withHost { root in
            try TestListener.with(.close) { listener in
                let portal = "\(listener.address.address):\(listener.address.port)"
                let run = try Discover(root, ["--portal", "\(portal),1", "--format", "json"]).wait()
                #expect(run.status == 69 && run.output.contains(#""address":"\#(portal)""#), "\(run)")
            }
        }
    }

    @Test func afterItsTimeItEndsWithWhatWasFound() throws {
        try withHost { root in
            try TestListener.with(.silence) { listener in
                let portal = "\(listener.address.address):\(listener.address.port)"
                let run = try Discover(root, ["--portal", portal, "--format", "json", "--timeout", "1s", "--answer-timeout", "600s"]).wait()
                #expect(run.status == 75 && !run.wasKilled, "\(run.errors)")
                #expect(run.output == "{\"targets\":[],\"problems\":[],\"complete\":false}\n")
                #expect(run.errors.contains("the time that --timeout gives was over"), "\(run.errors)")
            }
        }
    }
}

/// The built program, discovering under a root.
private struct Discover {
    let process: ChildProcess
    private let root: String

    /// `output` in place of a file that is read at its end.
    init(_ root: String, _ arguments: [String], output given: FileDescriptor? = nil) throws {
        self.root = root
        let path = try #require(ChildProcess.built("quartermaster-agent"), "quartermaster-agent was not built beside the tests")
        let output = try FileDescriptor(opening: "\(root)/output", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let errors = try FileDescriptor(opening: "\(root)/errors", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        process = try ChildProcess(
            path, ["iscsi", "discover", "--sysroot", root] + arguments, environment: ["PATH": "/usr/bin:/bin"], output: given ?? output,
            errors: errors)
    }

    /// Within minutes; then it is killed, and the test fails.
    func wait() throws -> (status: Int32, wasKilled: Bool, output: String, errors: String) {
        defer { process.send(SIGKILL) }
        try Peer.wait("the end of iscsi discover") { !process.isRunning }
        return (
            process.terminationStatus, process.wasKilled, String(decoding: try readFile("\(root)/output"), as: UTF8.self),
            String(decoding: try readFile("\(root)/errors"), as: UTF8.self)
        )
    }
}
