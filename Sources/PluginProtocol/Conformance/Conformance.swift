import Identifiers
import StrictJSON

/// Holds a plug-in to the protocol, by talking to it as the controller would; no controller is needed.
package enum Conformance {
    /// - Parameters:
    ///   - name: the plug-in's; found by `finder`.
    ///   - options: as for `system add`.
    ///   - allowWrites: also makes, grows, masks, copies and deletes volumes of its own, whose names begin with `quartermaster-check`.
    ///   - limits: deadlines and graces.
    ///   - log: gets the plug-in's standard error.
    package static func run(
        name: String, options: [String: String], allowWrites: Bool, finder: PluginFinder = PluginFinder(),
        limits: PluginLimits = PluginLimits(), log: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PluginFinder.Failure) -> ConformanceReport {
        let path = try finder.find(name)
        var run = ConformanceRun(name: name, path: path, options: options, limits: limits, log: log)
        await run.all(allowWrites: allowWrites)
        return run.report
    }
}

/// A check that did not hold.
struct ConformanceFailure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A check that could not be made.
struct ConformanceSkip: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// One run: the process under test, what it said so far, and the report.
struct ConformanceRun {
    let name: String
    let path: String
    let options: [String: String]
    let limits: PluginLimits
    let log: @Sendable (String) -> Void
    var report: ConformanceReport
    var process: PluginProcess
    /// What the reads gave, for the checks that compare.
    var seen = Seen()

    struct Seen {
        var identity: PluginIdentity?
        var system: PluginSystem?
        var pools: [PluginPool] = []
        var disks: [PluginDisk] = []
        var ports: [PluginPort] = []
        var volumes: [PluginVolume] = []
        var masking: [PluginMasking] = []
        var sessions: [PluginSession] = []
    }

    init(name: String, path: String, options: [String: String], limits: PluginLimits, log: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.path = path
        self.options = options
        self.limits = limits
        self.log = log
        report = ConformanceReport(plugin: name)
        process = PluginProcess(path: path, options: options, limits: limits, log: log)
    }

    var client: PluginClient { PluginClient(process) }

    mutating func all(allowWrites: Bool) async {
        await check("it answers initialize and declares its options") { run in try await run.introduction() }
        guard seen.identity != nil else { return await process.stop() }
        await check("system.get describes one system") { run in
            let system = try await run.client.system()
            run.seen.system = system
            guard try await run.client.system() == system else { throw ConformanceFailure("asked twice, it answers differently") }
        }
        if seen.system != nil {
            await reads()
            await manners()
            if allowWrites {
                await writes()
            } else {
                skip("writes do what they say, once for each requestID", "not asked for: --write allows it")
            }
            await check("it is the same system with the same IDs after a restart") { run in try await run.restart() }
        }
        await check("it ends when its standard input is closed") { run in try await run.end() }
    }

    /// Makes one check; whatever it throws is its outcome.
    mutating func check(_ name: String, _ body: (inout ConformanceRun) async throws -> Void) async {
        let outcome: (ConformanceReport.Outcome, String)
        do {
            try await body(&self)
            outcome = (.pass, "")
        } catch let skip as ConformanceSkip {
            outcome = (.skip, skip.reason)
        } catch let failure as ConformanceFailure {
            outcome = (.fail, failure.reason)
        } catch {
            outcome = (.fail, "\(error)")
        }
        report.checks.append(ConformanceReport.Check(name: name, outcome: outcome.0, reason: outcome.1))
    }

    mutating func skip(_ name: String, _ reason: String) {
        report.checks.append(ConformanceReport.Check(name: name, outcome: .skip, reason: reason))
    }

    func need(_ method: PluginMethod) throws {
        guard seen.system?.capabilities.lists(method) == true else {
            throw ConformanceSkip("\(method.rawValue) is not among its capabilities")
        }
    }

    func expect(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
        if !condition { throw ConformanceFailure(reason()) }
    }

    /// That a call fails with one of these kinds.
    func expectFault(
        _ kinds: Set<PluginFaultKind>, field: String? = nil, code: Int64? = nil, _ what: String, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch PluginCallError.fault(let fault) {
            try expect(kinds.contains(fault.kind), "\(what) is answered with kind \(fault.kind.rawValue), not \(words(kinds))")
            if let field { try expect(fault.field == field, "\(what) names the field \(fault.field ?? "(none)"), not \(field)") }
            if let code { try expect(fault.code == code, "\(what) is answered with the code \(fault.code), not \(code)") }
            return
        }
        throw ConformanceFailure("\(what) is not refused")
    }

    private func words(_ kinds: Set<PluginFaultKind>) -> String { kinds.map(\.rawValue).sorted().joined(separator: " or ") }

    // MARK: The process

    private mutating func introduction() async throws {
        let identity = try await process.initialize()
        try expect(!identity.name.isEmpty && !identity.version.isEmpty && !identity.vendor.isEmpty, "name, version or vendor is empty")
        if let refusal = identity.refusal(of: options) { throw ConformanceFailure(refusal.message) }
        seen.identity = identity
    }

    private mutating func restart() async throws {
        await process.stop()
        process = PluginProcess(path: path, options: options, limits: limits, log: log)
        let system = try await client.system()
        try expect(system.systemID == seen.system?.systemID, "its systemID is \(system.systemID) now")
        try expect(
            system.vendor == seen.system?.vendor && system.serialNumber == seen.system?.serialNumber,
            "its vendor or serial number is another now")
        if system.capabilities.lists(.volumeList) {
            let volumes = try await client.volumes().entries.map(\.volumeID).sorted()
            try expect(volumes == seen.volumes.map(\.volumeID).sorted(), "its volumes have other IDs now")
        }
    }

    private mutating func end() async throws {
        let begin = MonotonicTime.now
        await process.stop()
        try expect(MonotonicTime.now - begin < limits.grace, "it did not end within \(limits.grace), and was killed")
    }
}
