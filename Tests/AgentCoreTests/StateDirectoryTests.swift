import Files
import Glibc
import Identifiers
import StrictJSON
import Testing

@testable import AgentCore

/// What stands under `registrations/` besides registrations in order: it is told, it hides nothing, and nobody loses a file by it.
@Suite struct StateDirectoryTests {
    private func registrations(_ host: TestHost) -> String { "\(host.stateDirectory.path)/registrations" }

    /// A directory with files, one of them like a key.
    private func victim(_ path: String) throws {
        try makeDirectories(path)
        for name in ["precious", "letters.pem"] { try replaceFile("\(path)/\(name)", with: Array("kept".utf8)) }
    }

    private func expectWhole(_ path: String) throws {
        #expect(try FileDescriptor(directory: path).names().sorted() == ["letters.pem", "precious"])
        #expect(try readFile("\(path)/letters.pem") == Array("kept".utf8))
    }

    @Test func `a link is not followed: what it leads to keeps its files`() throws {
        try TestHost.with { host in
            try host.register()
            try victim("\(host.directory)/victim")
            #expect(symlink("\(host.directory)/victim", "\(registrations(host))/bbbbbbbb") == 0)
            #expect(symlink("\(host.directory)/victim", "\(registrations(host))/.bbbbbbbb.gone") == 0)
            let left = try host.stateDirectory.removeLeftOvers()
            #expect(left.map(\.path) == ["\(registrations(host))/.bbbbbbbb.gone"])
            try expectWhole("\(host.directory)/victim")
            let contents = try host.stateDirectory.contents()
            #expect(contents.registrations.count == 1)
            #expect(contents.unusable.map(\.text) == ["\(registrations(host))/bbbbbbbb is a symbolic link, which is not followed"])
            #expect(contents.unusable.first?.remedy.contains("state-directory") == true)
            try Departure(context: host.context).remove(host.registration())
            try expectWhole("\(host.directory)/victim")
        }
    }

    @Test func `a directory whose state was taken away keeps its keys`() throws {
        try TestHost.with { host in
            try host.register()
            let directory = try host.registration().path
            #expect(rename("\(directory)/state.json", "\(host.directory)/state.json") == 0)
            let files = try FileDescriptor(directory: directory).names().sorted()
            try host.stateDirectory.removeLeftOvers()
            _ = try host.stateDirectory.create()
            #expect(try FileDescriptor(directory: directory).names().sorted() == files)
            #expect(try host.stateDirectory.contents().unusable.map(\.text) == ["\(directory) has no state.json"])
            #expect(rename("\(host.directory)/state.json", "\(directory)/state.json") == 0)
            try host.report()
        }
    }

    @Test func `names that are no registration hide no other, and are told once`() throws {
        try TestHost.with { host in
            try host.register()
            try replaceFile("\(registrations(host))/notes.txt", with: [])
            #expect(mkfifo("\(registrations(host))/pipe", 0o600) == 0)
            let name = (Array("\(registrations(host))/".utf8) + [0xFF, 0]).map { CChar(bitPattern: $0) }
            #expect(mkdir(name, 0o700) == 0)
            let contents = try host.stateDirectory.contents()
            #expect(contents.registrations.count == 1)
            let reasons = contents.unusable.map { String($0.reason.prefix(16)) }.sorted()
            #expect(reasons == ["cannot be opened", "is no directory", "is no directory"])
            var rounds = Rounds(stateDirectory: host.stateDirectory, configuration: AgentConfiguration(), context: host.context)
            try rounds.begin()
            try live(&rounds, host, .seconds(600))
            #expect(host.lines.value.withLock { $0.count { $0.contains("(and 2 more, which quartermaster-agent status lists)") } } == 1)
            #expect(!host.controller.messages(.freeSpace).isEmpty)
        }
    }

    @Test func `what a crash left of making or removing one is removed, and a key that is not the agent's alone is not overwritten`() throws
    {
        try TestHost.with { host in
            try host.register()
            try victim("\(host.directory)/victim")
            for name in [".11111111.new", ".22222222.gone"] {
                try makeDirectories("\(registrations(host))/\(name)")
                try replaceFile("\(registrations(host))/\(name)/key-1.pem", with: [1, 2, 3])
                #expect(symlink("\(host.directory)/victim/precious", "\(registrations(host))/\(name)/key-2.pem") == 0)
                #expect(link("\(host.directory)/victim/letters.pem", "\(registrations(host))/\(name)/key-3.pem") == 0)
            }
            #expect(try host.stateDirectory.removeLeftOvers() == [])
            try expectWhole("\(host.directory)/victim")
            #expect(try FileDescriptor(directory: registrations(host)).names().count == 1)
        }
    }

    // MARK: Damaged

    @Test func `a damaged registration hides no other from status, the rounds and commands`() throws {
        try TestHost.with { host in
            try host.register()
            let damaged = "\(registrations(host))/aaaaaaaa"
            try makeDirectories(damaged)
            try replaceFile("\(damaged)/state.json", with: Array("{".utf8))
            let survey = Rounds(stateDirectory: host.stateDirectory, configuration: AgentConfiguration(), context: host.context).survey()
            #expect(survey.registrations.map(\.word) == ["registered"])
            #expect(survey.unusable.map(\.path) == [damaged])
            let status = HostStatus(survey, daemon: nil, isRunning: true)
            #expect(status.word == "attention")
            #expect(status.problems.map(\.text).first?.hasPrefix("\(damaged) is a damaged registration: \(damaged)/state.json: ") == true)
            let metrics = MetricsText.Sources(
                now: host.clock.now, startedAt: host.clock.now, version: "1", registrations: survey.registrations,
                observations: Observations())
            #expect(MetricsText(metrics).text.contains("quartermaster_agent_registration_state{"))
            #expect(try host.registration().path != damaged)
            let other = try #require(AccountID("account-2"))
            #expect(try host.stateDirectory.registration(pad: host.padDirectory, account: other) == nil)
        }
    }

    @Test func `where nothing can be looked into, the survey says so`() throws {
        try TestHost.with { host in
            try makeDirectories(host.stateDirectory.path)
            try replaceFile(registrations(host), with: [])
            let survey = Rounds(stateDirectory: host.stateDirectory, configuration: AgentConfiguration(), context: host.context).survey()
            #expect(survey.unusable.first?.reason.contains("Not a directory") == true)
        }
    }
}

/// The same, with the program.
@Suite(.serialized) struct StateDirectoryProgramTests {
    @Test func `status tells the damaged and the others, with code 0, and the daemon runs beside what is no registration`() throws {
        try ProgramFixture.with { fixture in
            let registrations = "\(fixture.host.stateDirectory.path)/registrations"
            #expect(try fixture.run(fixture.registerArguments).status == 0)
            try makeDirectories("\(registrations)/aaaa")
            try replaceFile("\(registrations)/aaaa/state.json", with: Array("{".utf8))
            try replaceFile("\(registrations)/notes.txt", with: [])
            let metrics = "\(fixture.host.directory)/metrics.prom"
            try fixture.configure("[reporting]\ninterval = 1s\n[metrics]\ntextfile = \(metrics)\n")
            let daemon = try fixture.start()
            defer { daemon.kill() }
            // What status shows is left after the metrics.
            let isWritten = try daemon.wait(controller: fixture.host.controller) {
                try access(metrics, F_OK) == 0 && fixture.host.stateDirectory.daemonReport() != nil
            }
            #expect(isWritten, "\(daemon.messages)")
            let page = String(decoding: try readFile(metrics), as: UTF8.self)
            #expect(page.contains("quartermaster_agent_unusable_registrations 2.0"), "\(page)")
            #expect(page.contains("state=\"registered\"} 1.0"), "\(page)")
            let text = try fixture.run(["status"])
            let lines = String(decoding: text.output, as: UTF8.self)
            #expect(text.status == 0 && lines.hasPrefix("attention: 2 problems; 1 registration, "), "\(lines)\(text.errors)")
            #expect(lines.contains("problem: \(registrations)/aaaa is a damaged registration: "), "\(lines)")
            #expect(lines.contains("problem: \(registrations)/notes.txt is no directory"), "\(lines)")
            #expect(lines.contains("daemon: runs since "), "\(lines)")
            let document = try JSONFields(JSONValue.parse(try fixture.run(["status", "--format", "json"]).output))
            #expect(try document.string("state") == "attention")
            let paths = try document.objects("unusable") { (fields) throws(JSONError) in try fields.string("path") }
            #expect(paths.sorted() == ["\(registrations)/aaaa", "\(registrations)/notes.txt"])
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: fixture.host.controller).status == 0)
        }
    }

    @Test func `what a crash left and cannot be removed is told by status too, as long as it is there`() throws {
        try ProgramFixture.with { fixture in
            let registrations = "\(fixture.host.stateDirectory.path)/registrations"
            let left = [".bbbbbbbb.gone", ".dddddddd.gone", ".eeeeeeee.new"].map { "\(registrations)/\($0)" }
            try makeDirectories("\(left[1])/below")
            try makeDirectories("\(fixture.host.directory)/victim")
            #expect(symlink("\(fixture.host.directory)/victim", left[0]) == 0)
            try replaceFile(left[2], with: [])
            let daemon = try fixture.start()
            defer { daemon.kill() }
            let state = fixture.host.stateDirectory
            #expect(try daemon.wait(controller: fixture.host.controller) { try state.daemonReport()?.leftOvers.count == 3 })
            #expect(daemon.messages.contains("(and 2 more, which quartermaster-agent status lists)"), "\(daemon.messages)")
            func expect(_ count: Int) throws {
                let text = String(decoding: try fixture.run(["status"]).output, as: UTF8.self)
                for (index, path) in left.enumerated() {
                    let isTold = text.contains("problem: \(path) is left from a crash, and cannot be removed: ")
                    #expect(isTold == (index >= left.count - count), "\(text)")
                }
                let document = try JSONFields(JSONValue.parse(try fixture.run(["status", "--format", "json"]).output))
                #expect(try document.objects("unusable") { (fields) throws(JSONError) in try fields.string("path") }.count == count)
            }
            try expect(3)
            #expect(unlink(left[0]) == 0)
            try expect(2)
            daemon.send(SIGTERM)
            #expect(try daemon.wait(controller: fixture.host.controller).status == 0)
            try expect(2)
            for path in ["\(left[1])/below", left[1]] { #expect(rmdir(path) == 0) }
            #expect(unlink(left[2]) == 0)
            try expect(0)
        }
    }

    @Test func `a damaged registration is given up by its directory's name, and the others stay`() throws {
        try ProgramFixture.with { fixture in
            let registrations = "\(fixture.host.stateDirectory.path)/registrations"
            try makeDirectories("\(registrations)/aaaa")
            try replaceFile("\(registrations)/aaaa/state.json", with: Array("{".utf8))
            // It keeps nobody from registering.
            #expect(try fixture.run(fixture.registerArguments).status == 0)
            let status = String(decoding: try fixture.run(["status"]).output, as: UTF8.self)
            #expect(status.contains("quartermaster-agent unregister --force --registration aaaa, and register again"), "\(status)")
            let ended = try fixture.run(["unregister", "--force", "--registration", "aaaa"])
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(access("\(registrations)/aaaa", F_OK) != 0)
            #expect(try fixture.host.state().phase == .registered)
            try makeDirectories("\(registrations)/bbbb")
            try replaceFile("\(registrations)/bbbb/state.json", with: Array("{".utf8))
            #expect(try fixture.run(["unregister", "--pad", fixture.host.padDirectory]).status == 0)
            #expect(access("\(registrations)/bbbb/state.json", F_OK) == 0)
        }
    }
}
