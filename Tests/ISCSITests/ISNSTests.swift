import ISCSI
import Identifiers
import Testing

@Suite struct ISNSTests {
    private typealias Tag = ISNSAttribute.Tag
    private typealias Function = ISNSMessage.Function

    private static let name = "iqn.2026-11.lab.example:t1"
    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1]
    private static let compatible: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2]

    /// A server that answers each request with the next of `answers`: status, key, and what stands behind the delimiter.
    private func ask<C: Conversation>(
        _ conversation: C, _ answers: [(status: UInt32, key: [ISNSAttribute], found: [ISNSAttribute])], cut: Int = .max,
        heard: inout [ISNSMessage]
    ) throws -> Turn<C.Answer> {
        var conversation = conversation
        var (output, assembler) = ([UInt8](), ISNSAssembler())
        var turn = conversation.begin(&output)
        var answers = answers[...]
        while case .more = turn {
            output.withUnsafeBytes { assembler.append($0) }
            output = []
            guard let request = try assembler.next(), let answer = answers.popFirst() else { return conversation.ended() }
            heard.append(request)
            var payload: [UInt8] = []
            ISNSAttribute(0, number: answer.status).value.forEach { payload.append($0) }
            for attribute in answer.key + [ISNSAttribute(Tag.delimiter)] + answer.found { attribute.append(to: &payload) }
            var bytes: [UInt8] = []
            // A state change notification that nobody asked for, then the answer.
            ISNSMessage(function: 0x000B, transaction: 1, payload: []).append(to: &bytes, flags: ISNSMessage.Flag.server)
            ISNSMessage(function: request.function | Function.response, transaction: request.transaction, payload: payload)
                .append(to: &bytes, flags: ISNSMessage.Flag.server)
            var rest = bytes[...]
            while !rest.isEmpty, case .more = turn {
                turn = conversation.receive(Array(rest.prefix(cut)), &output)
                rest = rest.dropFirst(cut)
            }
        }
        return turn
    }

    private func ask<C: Conversation>(
        _ conversation: C, _ answers: [(status: UInt32, key: [ISNSAttribute], found: [ISNSAttribute])], cut: Int = .max
    ) throws -> Turn<C.Answer> {
        var heard: [ISNSMessage] = []
        return try ask(conversation, answers, cut: cut, heard: &heard)
    }

    private static func group(_ name: String, _ address: [UInt8], port: UInt32 = 3260, tag: UInt32 = 1) -> [ISNSAttribute] {
        [
            ISNSAttribute(Tag.groupName, text: name), ISNSAttribute(Tag.groupAddress, address[...]),
            ISNSAttribute(Tag.groupPort, number: port),
            ISNSAttribute(Tag.groupTag, number: tag),
        ]
    }

    private static func node(_ name: String, type: UInt32 = 1, alias: String? = nil) -> [ISNSAttribute] {
        [ISNSAttribute(Tag.iscsiName, text: name), ISNSAttribute(Tag.nodeType, number: type)]
            + (alias.map { [ISNSAttribute(Tag.alias, text: $0)] } ?? [])
    }

    @Test func anInitiatorsPortalGroupMakesItNoTarget() throws {
        let host = "iqn.2026-11.lab.example:host"
        let found = Self.node(host, type: 2) + Self.node(Self.name) + Self.group(host, Self.mapped) + Self.group(Self.name, Self.mapped)
        guard case .done(let answer) = try ask(ISNSQuery(initiator: .test, random: .fixed), [(0, [], found)]) else {
            Issue.record("no list")
            return
        }
        #expect(answer.targets.map(\.spelling) == [Self.name] && answer.unusable.isEmpty)
    }

    @Test func aRequestIsWrittenAsTheStandardShowsIt() {
        var output: [UInt8] = []
        var query = ISNSQuery(initiator: .init(name: ISCSIName("iqn.2026-11.ab:c")!), random: RandomSource { _ in [0x12, 0x33] })
        _ = query.begin(&output)
        // Version 1, DevAttrQry, 104 bytes, client + last + first, transaction, part 0; then source, key, delimiter, what is asked for.
        var expected: [UInt8] = [0, 1, 0, 2, 0, 104, 0x8C, 0, 0x12, 0x34, 0, 0]
        expected += [0, 0, 0, 32, 0, 0, 0, 20]
        expected += Array("iqn.2026-11.ab:c".utf8)
        expected += [0, 0, 0, 0]
        expected += [0, 0, 0, 33, 0, 0, 0, 4, 0, 0, 0, 1]
        expected += [0, 0, 0, 0, 0, 0, 0, 0]
        for tag: UInt8 in [32, 33, 34, 48, 49, 50, 51] { expected += [0, 0, 0, tag, 0, 0, 0, 0] }
        #expect(output == expected)
    }

    @Test func targetsComeWithTheirPortalsInEveryCut() throws {
        let found =
            Self.node(Self.name, alias: "cellar") + Self.group(Self.name, Self.mapped)
            + Self.group(Self.name, Self.compatible, port: 860, tag: 2)
            + Self.group(Self.name, [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], tag: 3) + Self.node("eui.0123456789abcdef")
            + Self.group("eui.0123456789abcdef", Self.mapped)
        let whole = try ask(ISNSQuery(initiator: .test, random: .fixed), [(0, [], found)])
        guard case .done(let answer) = whole else {
            Issue.record("\(whole)")
            return
        }
        #expect(answer.targets.map(\.name.description) == [Self.name, "eui.0123456789abcdef"])
        #expect(answer.targets[0].alias == "cellar")
        #expect(
            answer.targets[0].portals.map { "\($0.address),\($0.groupTag ?? 0)" } == [
                "192.0.2.1:3260,1", "192.0.2.2:860,2", "[2001:db8::1]:3260,3",
            ])
        for cut in [1, 2, 3, 5, 7, 11, 12, 13, 64, 333] {
            #expect(try ask(ISNSQuery(initiator: .test, random: .fixed), [(0, [], found)], cut: cut) == whole)
        }
    }

    @Test func whatIsNoTargetOrNotReachableIsLeftOut() throws {
        let answer = try ask(
            ISNSQuery(initiator: .test, random: .fixed),
            [
                (
                    0, [],
                    Self.node("iqn.2026-11.lab.example:host", type: 2) + Self.node("not a name") + Self.node(Self.name)
                        + Self.group(Self.name, Self.mapped, port: 0x1_0CBC) + Self.group(Self.name, [1, 2, 3])
                        + Self.group(Self.name, Self.mapped, tag: 70000)
                        // An empty tag: not through this portal.
                        + [
                            ISNSAttribute(Tag.groupName, text: Self.name), ISNSAttribute(Tag.groupAddress, Self.compatible[...]),
                            ISNSAttribute(Tag.groupPort, number: 3260), ISNSAttribute(Tag.groupTag),
                        ] + Self.group(Self.name, Self.mapped)
                )
            ])
        guard case .done(let answer) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(answer.targets.map(\.name.description) == [Self.name])
        #expect(answer.targets[0].portals.map(\.address.description) == ["192.0.2.1:3260"])
        #expect(answer.unusable.count == 4)
        #expect(answer.unusable.first?.text == "not a name")
    }

    @Test func thePortalsOfATargetWithoutGroupsAreAskedFor() throws {
        var heard: [ISNSMessage] = []
        let turn = try ask(
            ISNSQuery(initiator: .test, random: .fixed),
            [
                (0, [], Self.node(Self.name)),
                (0, [], [ISNSAttribute(Tag.portalAddress, Self.mapped[...]), ISNSAttribute(Tag.portalPort, number: 3260)]),
            ], heard: &heard)
        guard case .done(let answer) = turn else {
            Issue.record("\(turn)")
            return
        }
        #expect(answer.targets[0].portals == [TargetPortal(address: PortalAddress(host: .ipv4(0xC000_0201)), groupTag: nil)])
        #expect(heard.count == 2)
    }

    @Test(arguments: [5, 15] as [UInt32])
    func aServerThatTakesNoQueryByTypeIsAskedForOneAfterTheOther(status: UInt32) throws {
        var heard: [ISNSMessage] = []
        let second = "iqn.2026-11.lab.example:t2"
        func key(_ name: String) -> [ISNSAttribute] { [ISNSAttribute(Tag.iscsiName, text: name)] }
        let turn = try ask(
            ISNSQuery(initiator: .test, random: .fixed),
            [
                (status, [], []), (0, key(Self.name), Self.node(Self.name) + Self.group(Self.name, Self.mapped)),
                (0, key(second), Self.node(second) + Self.group(second, Self.mapped)), (9, [], []),
            ], heard: &heard)
        guard case .done(let answer) = turn else {
            Issue.record("\(turn)")
            return
        }
        #expect(answer.targets.map(\.name.description) == [Self.name, second])
        #expect(heard.map(\.function) == [Function.query, Function.getNext, Function.getNext, Function.getNext])
        // The same name again would go on for ever.
        #expect(
            try ask(ISNSQuery(initiator: .test, random: .fixed), [(status, [], []), (0, key(Self.name), []), (0, key(Self.name), [])])
                == .failed(.violation(expected: "the next node", found: "the same again")))
    }

    @Test func aRefusalIsToldWithItsStatus() throws {
        #expect(try ask(ISNSQuery(initiator: .test, random: .fixed), [(9, [], [])]) == .done(.init()))
        #expect(try ask(ISNSQuery(initiator: .test, random: .fixed), [(8, [], [])]) == .failed(.isnsRefused(status: 8)))
        #expect("\(ISCSIFault.isnsRefused(status: 8))" == "the iSNS server refused: 8 (source unauthorized)")
    }

    @Test func aRegistrationIsMadeAndTakenBack() throws {
        var heard: [ISNSMessage] = []
        let identity = InitiatorIdentity(name: ISCSIName("iqn.2026-11.lab.example:host")!, alias: "host")
        let register = ISNSRegistration(.register, initiator: identity, entity: "host.example", random: .fixed)
        #expect(
            try ask(
                register,
                [(0, [ISNSAttribute(Tag.entityIdentifier, text: "entity-7")], [ISNSAttribute(Tag.registrationPeriod, number: 600)])],
                heard: &heard)
                == .done(.init(entity: "entity-7", period: 600)))
        let deregister = ISNSRegistration(
            .deregister, initiator: identity, entity: "host.example", portal: PortalAddress("192.0.2.9:3260"), random: .fixed)
        #expect(try ask(deregister, [(0, [], [])], heard: &heard) == .done(.init(entity: "host.example")))
        #expect(heard.map(\.function) == [Function.register, Function.deregister])
        let attributes = try heard.map { try ISNSAttribute.parse($0.payload[...]) }
        #expect(attributes[0].map(\.tag) == [32, 1, 0, 1, 2, 32, 33, 34])
        #expect(attributes[1].map(\.tag) == [32, 0, 32, 16, 17])
        #expect(attributes[1][3].address == .ipv4(0xC000_0209))
    }

    @Test func ofAnAnswerThatIsTooLongWhatCameIsListedAndTheBoundIsNamed() throws {
        let padding = ISNSAttribute(256, [UInt8](repeating: 7, count: 60_000)[...])
        let found = (0..<300).flatMap { Self.node("\(Self.name)-\($0)") + Self.group("\(Self.name)-\($0)", Self.mapped) + [padding] }
        guard case .done(let answer) = try ask(ISNSQuery(initiator: .test, random: .fixed), [(0, [], found)]) else {
            Issue.record("nothing is listed")
            return
        }
        #expect((250..<300).contains(answer.targets.count) && answer.targets.dropLast().allSatisfy { $0.portals.count == 1 })
        #expect(answer.bounds == [ReachedBound("bytes of one iSNS message", limit: 1 << 24)])
    }

    @Test func ofTooManyPortalsThoseThatAreTakenAreListed() throws {
        let groups = (0..<4098).flatMap { number -> [ISNSAttribute] in
            Self.group(Self.name, Self.mapped.dropLast(2) + [UInt8(number >> 8), UInt8(number & 255)])
        }
        guard
            case .done(let answer) = try ask(
                ISNSQuery(initiator: .test, random: .fixed),
                [
                    (
                        0, [],
                        Self.node(Self.name) + groups + Self.node("eui.0123456789abcdef") + Self.group("eui.0123456789abcdef", Self.mapped)
                    )
                ])
        else {
            Issue.record("nothing is listed")
            return
        }
        #expect(answer.targets.map(\.portals.count) == [4096, 1])
        #expect(answer.bounds == [ReachedBound("portals of one target", limit: 4096)])
    }

    @Test func whatIsNotRegisteredNeedNotBeTakenBack() throws {
        let deregister = ISNSRegistration(.deregister, initiator: .test, entity: "host.example", random: .fixed)
        #expect(try ask(deregister, [(9, [], [])]) == .done(.init(entity: "host.example", wasKnown: false)))
        #expect(try ask(deregister, [(8, [], [])]) == .failed(.isnsRefused(status: 8)))
        let register = ISNSRegistration(.register, initiator: .test, entity: "host.example", random: .fixed)
        #expect(try ask(register, [(9, [], [])]) == .failed(.isnsRefused(status: 9)))
    }

    @Test func aLongMessageComesInParts() throws {
        let payload = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        var bytes: [UInt8] = []
        let message = ISNSMessage(function: 0x8002, transaction: 7, payload: payload)
        message.append(to: &bytes)
        var assembler = ISNSAssembler()
        bytes.withUnsafeBytes { assembler.append($0) }
        #expect(try assembler.next() == message)
        #expect(assembler.isEmpty)
    }

    @Test(
        arguments: [
            ("text", Array("HTTP/1.1 400".utf8)), ("version 2", [0, 2]),
            ("a length that is no multiple of 4", [0, 1, 0x80, 2, 0, 3, 0x4C, 0, 0, 1, 0, 0]),
        ] as [(String, [UInt8])])
    func whatIsNoISNSIsKnown(what: String, bytes: [UInt8]) {
        var (query, output) = (ISNSQuery(initiator: .test, random: .fixed), [UInt8]())
        _ = query.begin(&output)
        guard case .failed(.notISCSI) = query.receive(bytes, &output) else {
            Issue.record("\(what) was taken")
            return
        }
    }

    @Test(
        arguments: [
            ("a tag alone", [0, 0, 0, 1]), ("a length beyond the end", [0, 0, 0, 1, 0, 0, 0, 5, 1, 2, 3, 4]),
            ("a length of all ones", [0, 0, 0, 1, 255, 255, 255, 255]),
        ] as [(String, [UInt8])])
    func malformedAttributesAreRefused(what: String, bytes: [UInt8]) {
        #expect(throws: ISCSIFault.self, "\(what)") { try ISNSAttribute.parse(bytes[...]) }
    }

    @Test func partsOutOfOrderAreRefused() {
        var bytes: [UInt8] = []
        ISNSMessage(function: 0x8002, transaction: 7, payload: [UInt8](repeating: 0, count: 140_000)).append(to: &bytes)
        // The second part is left out.
        let parts = bytes.prefix(12 + 65_532) + bytes.suffix(12 + 140_000 - 2 * 65_532)
        var assembler = ISNSAssembler()
        Array(parts).withUnsafeBytes { assembler.append($0) }
        #expect(throws: ISCSIFault.violation(expected: "the parts of a message one after another", found: "part 2")) {
            try assembler.next()
        }
    }

    @Test func bothFormsOfIPv4AreIPv4() {
        func host(_ bytes: [UInt8]) -> String? { ISNSAttribute(16, bytes[...]).address?.description }
        #expect(host(Self.mapped) == "192.0.2.1" && host(Self.compatible) == "192.0.2.2")
        #expect(host([UInt8](repeating: 0, count: 16)) == "::")
        #expect(host([UInt8](repeating: 0, count: 15) + [1]) == "::1")
        #expect(host([1]) == nil)
    }
}
