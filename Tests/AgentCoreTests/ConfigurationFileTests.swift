import Files
import Testing

@testable import AgentCore

@Suite struct ConfigurationFileTests {
    private func read(_ text: String) -> ConfigurationFile { ConfigurationFile(Array(text.utf8), file: "agent.conf") }

    @Test func `values of each section are taken over`() {
        let file = read("; comment\n[agent]\r\nlog-level=debug\n\n[reporting]\n interval =\t5m \nevents = no\nfree-space-threshold = 0%\n")
        var expected = AgentConfiguration()
        expected.logLevel = .debug
        expected.interval = .seconds(300)
        expected.events = false
        expected.freeSpaceThreshold = 0
        #expect(file.faults == [])
        #expect(file.configuration == expected)
    }

    @Test(arguments: [
        (
            "[agent]\nlog-level = loud\n",
            "agent.conf:2: agent.log-level: \"loud\" is not allowed; allowed: error, warning, notice, info or debug"
        ),
        ("[registration]\nlevel = 5\n", "agent.conf:2: registration.level: \"5\" is not allowed; allowed: 2, 3 or 4"),
        ("[registration]\nlevel =\n", "agent.conf:2: registration.level: has no value; allowed: 2, 3 or 4"),
        (
            "[agent]\nstate-directory = relative\n",
            "agent.conf:2: agent.state-directory: \"relative\" is not allowed; allowed: an absolute path"
        ),
        (
            "level = 3\n",
            "agent.conf:1: level: stands before any section; allowed: [agent], [registration], [reporting], [limits], [metrics]"
        ),
        (
            "[agents]\nlevel = 3\n",
            "agent.conf:1: [agents]: is no section of this file; allowed: [agent], [registration], [reporting], [limits], [metrics]"
        ),
        (
            "\u{FEFF}[reporting]\ninterval = 60s\n",
            "agent.conf:1: begins with a byte order mark; allowed: UTF-8 without one; save the file as such"
        ),
        ("[agent]\nhello\n", "agent.conf:2: is no setting; allowed: key = value, [section], or # and a comment"),
        (
            "[agent]\ninterval = 5s\n",
            "agent.conf:2: agent.interval: is not known; allowed: state-directory, log-level, helper-socket, helper-directory"
        ),
        (
            "[reporting]\ninterval = 0s\n",
            "agent.conf:2: reporting.interval: \"0s\" is not allowed; allowed: 1s to 1d (a number and ms, s, m, h or d)"
        ),
        (
            "[reporting]\nsettle = 1s\nsettle = 2s\n",
            "agent.conf:3: reporting.settle: is given twice, first in line 2; allowed: one line for each key"
        ),
        (
            "[registration]\ncontroller-key = SHA256:short\n",
            "agent.conf:2: registration.controller-key: \"SHA256:short\" is not allowed; allowed: SHA256: and 43 characters of base64"
        ),
        ("\0", "agent.conf: is not text; allowed: UTF-8 without NUL"),
    ])
    func `a fault is named with file, line, key and what is allowed`(text: String, message: String) {
        #expect(read(text).faults.map(\.description) == [message])
    }

    @Test(arguments: ["\u{2028}", "\u{85}", "\u{B}", "\u{C}", "\r", "\u{2029}"])
    func `nothing but a line feed ends a line: what an editor shows in a comment is one`(text: String) {
        let file = read("[agent]\n# a comment\(text)log-level = debug\n")
        #expect(file.configuration.logLevel == .info)
        #expect(
            file.faults.map(\.description) == [
                "agent.conf:2: has a control character in it, or one that ends lines; allowed: text and tabs; lines end with a line feed"
            ])
    }

    @Test func `what is not UTF-8 is a fault of its line, and none in a comment`() {
        let bytes =
            Array("[agent]\n# M".utf8) + [0xFC] + Array("ller\nlog-level = debug\nhelper-socket = /M".utf8) + [0xFC] + Array("ller\n".utf8)
        let file = ConfigurationFile(bytes, file: "agent.conf")
        #expect(file.configuration.logLevel == .debug)
        #expect(file.faults.map(\.description) == ["agent.conf:4: is not text; allowed: UTF-8; comments may hold anything"])
    }

    private static let state = "[agent]\nstate-directory = /srv/state\n"

    /// What a fault of the file leaves unsure: nothing that counts, what a registration tells, or where the state is.
    @Test(arguments: [
        (state + "[registration]\ntimeout = 2d\n", false, true), (state + "[newer]\nstate-directory = /other\n", false, true),
        (state + "[registration]\nlevel = 2\n[newer]\nlevel = 9\n", false, true), (state + "[newer]\ncluster = x\n", true, true),
        (state + "[registration]\nlevel = two\n", true, true), ("[registraton]\nlevel = 2\n", true, true),
        ("[registration]\nlevel 2\n", true, true), ("[registration]\nlevel = 2\nlevel = 3\n", true, true),
        (state + "state-directory = /other\n", false, false), ("state-directory = /other\n", false, false),
        ("[agent]\nstate-directory /other\n", false, false), ("[agent]\nstate_directory = /other\n", false, false),
        ("[agent]\nStat-Directory = /other\n", false, false), (state + "state_directory = /other\n", false, true),
        ("[agent]\ncolour = x\n", false, true), (state + "[registration]\nlevl = 2\n", true, true),
    ])
    func `only what may hide where the state is keeps a daemon from starting, and what a registration tells keeps that back`(
        text: String, holdsRegistration: Bool, starts: Bool
    ) throws {
        try TestHost.with { host in
            let path = "\(host.directory)/agent.conf"
            try replaceFile(path, with: Array(text.utf8))
            guard starts else {
                #expect(throws: AgentError.self) { try ConfigurationFile.usable(path) }
                return
            }
            let (configuration, faults) = try ConfigurationFile.usable(path)
            #expect(!faults.isEmpty && configuration.registrationFaults == (holdsRegistration ? faults : []))
        }
    }

    @Test func `of very many faults the first are told, and how many there are`() {
        let faults = read("[agent]\n" + String(repeating: "x\n", count: 30_000)).faults
        #expect(faults.count == 30_000)
        let lines = AgentError.configuration(faults).description.split(separator: "\n")
        #expect(lines.count == 21 && lines.last == "and 29980 more faults, all of which quartermaster-agent check-config lists")
        let line = AgentError.configuration(faults).firstLine
        #expect(line.hasSuffix("(and 29999 more: quartermaster-agent check-config lists all)") && !line.contains("\n"))
    }

    /// That command reads agent.conf, not answers.
    @Test func `of very many faults of a file of answers nobody is sent to check-config`() {
        let error = #expect(throws: AgentError.self) {
            try AnswersFile(Array(String(repeating: "x\n", count: 30_000).utf8), path: "answers", keys: ["find"])
        }
        let lines = error?.description.split(separator: "\n") ?? []
        #expect(lines.count == 20 && lines.last?.contains("29981 more faults") == true && !lines.joined().contains("check-config"))
    }

    @Test func `every fault is named at once, and faulty keys keep their defaults`() {
        let file = read("[agent]\nlog-level = loud\n[reporting]\ninterval = never\nsettle = 1s\n")
        #expect(file.faults.count == 2)
        #expect(file.configuration.interval == .seconds(60))
        #expect(file.configuration.settle == .seconds(1))
    }

    @Test func `a file that was asked for must be there, the default one need not`() throws {
        #expect(throws: AgentError.file(.system(operation: "open", path: "/nonexistent/agent.conf", errno: 2))) {
            try ConfigurationFile.load("/nonexistent/agent.conf")
        }
        #expect(AgentError.file(.system(operation: "open", path: "/nonexistent/agent.conf", errno: 2)).exitStatus == .noInput)
    }

    @Test func `limits that rise hold from the next start on, and are said to`() {
        var (began, now) = (AgentConfiguration(), AgentConfiguration())
        (now.limits.nice, now.limits.memoryBytes, now.limits.inputOutput) = (15, 512 << 20, .normal)
        #expect(now.keysForNextStart(since: began) == ["memory", "io-priority"])
        // Lowered meanwhile: what the daemon began with is not what it has.
        began.limits = began.limits.narrowed(by: now.limits)
        #expect((began.limits.nice, began.limits.memoryBytes, began.limits.inputOutput) == (15, 256 << 20, .idle))
        #expect(AgentConfiguration().keysForNextStart(since: began) == ["nice"])
    }

    // MARK: The shipped file is the manual

    private static let shipped = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")

    @Test func `the shipped file holds nothing but the defaults, and names every key`() throws {
        let bytes = try readFile("/\(Self.shipped)/agent-packaging/agent.conf")
        let file = ConfigurationFile(bytes, file: "agent.conf")
        #expect(file.faults == [])
        #expect(file.configuration == AgentConfiguration())

        // With the comment signs taken from the settings it is a valid file, in which all defaults are as compiled in.
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let uncommented = lines.map { line in
            ConfigurationKey.all.contains { line.hasPrefix("# \($0.name) = ") } ? line.dropFirst(2) : line
        }
        let settings = ConfigurationFile(Array(uncommented.joined(separator: "\n").utf8), file: "agent.conf")
        #expect(settings.faults == [])
        var configuration = settings.configuration
        for key in ConfigurationKey.all {
            #expect(lines.contains { $0.hasPrefix("# \(key.name) = ") }, "\(key.path) is not in the shipped file")
        }
        // Examples, which have no default.
        #expect(configuration.cluster != nil && configuration.pad != nil && configuration.account != nil && configuration.domain != nil)
        #expect(
            configuration.user != nil && configuration.tokenFile != nil && configuration.passwordFile != nil
                && configuration.metricsFile != nil && configuration.controllerKey != nil)
        configuration.cluster = nil
        configuration.pad = nil
        configuration.account = nil
        configuration.domain = nil
        configuration.user = nil
        configuration.tokenFile = nil
        configuration.passwordFile = nil
        configuration.metricsFile = nil
        configuration.controllerKey = nil
        #expect(configuration == AgentConfiguration())
    }

    @Test(arguments: ["500ms", "60s", "15m", "2h", "7d"])
    func `a duration's shortest spelling reads back as itself`(text: String) throws {
        let duration = try #require(Duration(option: text))
        #expect(Duration(option: duration.optionText) == duration)
    }

    @Test(arguments: ["", "5", "s", "-5s", "1.5s", "5 s", "99999999999s", "5w"])
    func `what is no duration is refused`(text: String) {
        #expect(Duration(option: text) == nil)
    }
}
