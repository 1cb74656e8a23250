import Files
import Glibc
import Identifiers
import PadSimulation
import Testing

@testable import ScratchPad

@Suite struct LifecycleTests {
    @Test(arguments: MediumKind.allCases)
    func `a new pad passes its check`(kind: MediumKind) throws {
        let pad = try TestPad(kind)
        #expect(pad.controller.check(keys: pad.test.keys, expected: nil, now: pad.now).isEmpty)
        #expect(try pad.medium.names(in: .incoming, limit: 10).isEmpty)
    }

    @Test(arguments: MediumKind.allCases)
    func `a pad is not made where there is one`(kind: MediumKind) throws {
        let pad = try TestPad(kind)
        #expect(throws: PadError.exists(path: "pad.p7s")) {
            try ControllerPad.create(on: pad.medium, header: pad.header, keys: pad.test.keys)
        }
    }

    @Test(arguments: MediumKind.allCases)
    func `check says what is missing and what to do, and repair does it`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        for part in ["in", "bad", "pad.p7s"] { #expect(try pad.medium.remove(name(part), in: .root)) }
        let problems = pad.controller.check(keys: pad.test.keys, expected: nil, now: pad.now)
        #expect(problems.map(\.part) == ["header", "in", "bad"])
        #expect(problems.allSatisfy { $0.remedy == "run quartermaster pad repair" })
        var next = pad.header
        next.generation = 2
        #expect(
            try pad.controller.repair(next, keys: pad.test.keys) == ["made in", "made bad", "wrote pad.p7s, generation 2, epoch 1"])
        #expect(pad.controller.check(keys: pad.test.keys, expected: nil, now: pad.now).isEmpty)
    }

    @Test func `check finds a pad that cannot be written`() throws {
        let pad = try TestPad(.simulated)
        var faults = SimulatedStorage.Faults()
        faults.space = 1000
        pad.storage?.setFaults(faults, for: 0)
        let problems = pad.controller.check(keys: pad.test.keys, expected: nil, now: pad.now)
        #expect(problems.map(\.part) == ["in", "out", "bad"])
        #expect(problems.first?.reason.contains("No space left on device") == true)
        #expect(problems.first?.reason.contains("cannot write and force out a file") == true)
    }

    @Test(arguments: MediumKind.allCases)
    func `purge empties the quarantine and sweeps, and keeps messages and replies`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        let message = try pad.host().publish([1], sender: fingerprint(1), sequence: 1)
        try pad.controller.deliver([2], as: name("reply.p7m"), to: fingerprint(1))
        try pad.medium.write([3], as: name("odd"), in: .quarantine, durably: false)
        try pad.medium.write([3], as: name(".left.tmp"), in: .incoming, durably: false)
        try pad.medium.write([3], as: name("planted"), in: .outgoing, durably: false)
        try pad.medium.write([3], as: name(".reply2.p7m.tmp"), in: .replies(fingerprint(1)), durably: false)
        try pad.medium.write([3], as: name("README"), in: .root, durably: false)
        let plan = try pad.controller.purge(dryRun: true)
        let out = "out/\(try fingerprint(1).hexadecimal)"
        #expect(plan.paths.sorted() == ["bad/odd", "in/.left.tmp", "\(out)/.reply2.p7m.tmp", "out/planted"].sorted())
        #expect(plan.foreign == [try name("README")])
        let purge = try pad.controller.purge()
        #expect(purge == ControllerPad.Purge(removed: 4))
        #expect((purge.paths, purge.foreign) == (plan.paths, plan.foreign))
        #expect(try pad.medium.names(in: .incoming, limit: 10) == [message.name])
        #expect(try pad.host().replies(for: fingerprint(1)).count == 1)
    }

    @Test(arguments: MediumKind.allCases)
    func `a removed pad leaves only what was not Quartermaster's`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        _ = try pad.host().publish([1], sender: fingerprint(1), sequence: 1)
        try pad.controller.deliver([2], as: name("reply.p7m"), to: fingerprint(1))
        try pad.medium.write([3], as: name("README"), in: .root, durably: false)
        #expect(try pad.controller.remove() == [name("README")])
        #expect(throws: PadError.header(.missing)) { try pad.host() }
    }

    @Test func `a controller that was interrupted while it delivered delivers again`() throws {
        var pad = try TestPad(.directory)
        let key = try fingerprint(1)
        try pad.medium.make(.replies(key))
        try pad.medium.write([1], as: name(".reply.p7m.tmp"), in: .replies(key), durably: false)
        try pad.controller.deliver([2], as: name("reply.p7m"), to: key)
        #expect(try pad.host().replies(for: key).map(\.bytes) == [[2]])
        #expect(try pad.controller.cleanTemporaries() == 0)
    }
}

@Suite struct PermissionTests {
    @Test func `folders have the modes that hosts need, and get them back`() throws {
        var pad = try TestPad(.directory)
        func mode(_ folder: String) -> UInt32 {
            var status = stat()
            return stat("\(pad.path)/\(folder)", &status) == 0 ? status.st_mode & 0o7777 : 0
        }
        #expect(mode("in") == 0o1777 && mode("out") == 0o755 && mode("bad") == 0o700)
        chmod("\(pad.path)/in", 0o755)
        chmod("\(pad.path)/bad", 0o777)
        _ = try pad.controller.repair(pad.header, keys: pad.test.keys)
        #expect(mode("in") == 0o1777 && mode("bad") == 0o700)
    }

    @Test func `a host reads no reply that is larger than one can be`() throws {
        var pad = try TestPad(.directory)
        let key = try fingerprint(1)
        try pad.controller.deliver([UInt8](repeating: 0, count: HostPad.maximumReplyBytes + 1), as: name("a.p7m"), to: key)
        let limit = HostPad.maximumReplyBytes
        #expect(try pad.host().replies(for: key).map(\.content) == [.fault(.tooLarge(bytes: Int64(limit + 1), limit: limit))])
    }
}
