import Files
import Glibc
import Testing

@testable import AgentCore

/// A test host whose facts stand in a root of their own, on the machine's clock, for the program itself.
struct ProgramFixture {
    let host: TestHost
    let program: Program
    var configuration: String { "\(host.directory)/etc/agent.conf" }
    var password: String { "\(host.directory)/etc/password" }
    var root: String { "\(host.directory)/root" }

    static func with(_ body: (ProgramFixture) throws -> Void) throws {
        try TestHost.with(now: HostClock.system.now()) { host in
            for directory in ["root/etc", "root/proc", "root/sys", "etc"] {
                try makeDirectories("\(host.directory)/\(directory)", mode: 0o755)
            }
            try replaceFile("\(host.directory)/root/etc/machine-id", with: Array("0123456789abcdef0123456789abcdef\n".utf8), mode: 0o644)
            try replaceFile("\(host.directory)/empty.conf", with: [], mode: 0o644)
            let fixture = ProgramFixture(host: host, program: try Program(host))
            try fixture.configure("")
            try replaceFile(fixture.password, with: Array("correct\n".utf8))
            try body(fixture)
        }
    }

    var inventory: [String] { ["inventory", "--level", "4", "--format", "json"] }

    func configure(_ text: String) throws { try replaceFile(configuration, with: Array(text.utf8), mode: 0o644) }

    /// A file of the facts' root, with the directories above it.
    func write(_ path: String, _ text: String, mode: UInt32 = 0o644) throws {
        let slash = try #require(path.lastIndex(of: "/"))
        try makeDirectories("\(root)/\(path[..<slash])", mode: 0o755)
        try replaceFile("\(root)/\(path)", with: Array(text.utf8), mode: mode)
    }

    var registerArguments: [String] {
        [
            "register", "--pad", host.padDirectory, "--account", "account-1", "--domain", "production", "--user", "alice",
            "--password-file", password, "--controller-key", "\(host.controller.fingerprint)",
        ]
    }

    /// `register.conf`, as a configuration-management run drops it.
    func dropRegistration(pad: String? = nil, controllerKey: String? = nil, passwordFile: String? = nil, more: String = "") throws {
        let text = """
            [registration]
            pad = \(pad ?? host.padDirectory)
            account = account-1
            domain = production
            user = alice
            password-file = \(passwordFile ?? password)
            controller-key = \(controllerKey ?? "\(host.controller.fingerprint)")
            \(more)
            """
        try replaceFile("\(host.directory)/etc/register.conf", with: Array(text.utf8), mode: 0o644)
    }

    func run(_ arguments: [String], environment: [String] = [], patience: Duration = .seconds(60)) throws -> Program.Result {
        let process = try program.start(arguments, environment: environment, configuration: configuration)
        defer { process.kill() }
        return try process.wait(controller: host.controller, patience: patience)
    }

    func start(_ arguments: [String] = ["run"], environment: [String] = []) throws -> RunningProgram {
        try program.start(arguments, environment: environment, configuration: configuration)
    }

    /// The root helper, on a socket of its own; the configuration is to name it.
    func helper(root: String? = nil, user: String = "nobody") throws -> HelperListener {
        try HelperListener(
            at: "\(host.directory)/helper.socket", program: program.path,
            arguments: ["--config", configuration, "--sysroot", root ?? self.root, "--user", user], log: "\(host.directory)/helper.log")
    }

    /// What the helper said so far.
    var helperLog: String { String(decoding: (try? readFile("\(host.directory)/helper.log")) ?? [], as: UTF8.self) }

    var helperSettings: String {
        "[agent]\nhelper-socket = \(host.directory)/helper.socket\nhelper-directory = \(host.directory)/trust\n"
    }

    /// Makes everything of the test host another user's, where this is root: the daemon's. The keys and the configuration stay root's.
    func giveState(to user: UInt32) throws {
        for path in ["state", "pad"] {
            try makeDirectories("\(host.directory)/\(path)", mode: 0o700)
            try give("\(host.directory)/\(path)", to: user)
        }
        chmod(host.directory, 0o755)
        chmod("\(host.directory)/etc", 0o755)
        chmod(root, 0o755)
    }

    private func give(_ path: String, to user: UInt32) throws {
        guard chown(path, user, user) == 0 else { throw FileError.system(operation: "chown", path: path, errno: errno) }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
        for name in try FileDescriptor(directory: path).names() { try give("\(path)/\(name)", to: user) }
    }
}
