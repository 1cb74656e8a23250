import ISCSI
import Identifiers
import Inventory
import Testing

@testable import Initiator

/// The wizard without terminal and network: which question follows which answer, and which one a failure leads back to.
@Suite struct WizardTests {
    private static let name = "iqn.2026-11.lab.example:a"

    private func report(_ authentication: FoundTarget.Authentication = .none, count: Int = 1) throws -> DiscoveryReport {
        var report = DiscoveryReport()
        for number in 0..<count {
            let name = try #require(ISCSIName(number == 0 ? Self.name : "\(Self.name)\(number)"))
            let portals = try ["192.0.2.1", "192.0.2.2"].map { FoundTarget.Portal(address: try #require(PortalAddress($0)), groupTag: 1) }
            report.targets.append(FoundTarget(name: name, portals: portals, authentication: authentication))
        }
        return report
    }

    private func asked(_ wizard: Wizard) -> Wizard.Field? {
        guard case .ask(let question) = wizard.step else { return nil }
        return question.field
    }

    /// Answers as a person types them, each to the question that is named.
    private func answer(_ wizard: inout Wizard, _ lines: KeyValuePairs<Wizard.Field, String>) throws {
        for (field, line) in lines {
            guard case .ask(let question) = wizard.step else {
                Issue.record("\(field) is not asked: \(wizard.step)")
                return
            }
            #expect(question.field == field)
            guard case .answer(let value) = question.read(line) else {
                Issue.record("\(line) is no answer to \(field): \(question.expected)")
                return
            }
            wizard.answer(field, value)
        }
    }

    /// The question that is asked then; nil where there is none to go back to.
    private func back(_ wizard: inout Wizard, to field: Wizard.Field? = nil) -> Wizard.Field? {
        let isBack = wizard.goBack(to: field)
        return isBack ? asked(wizard) : nil
    }

    private func discover(_ wizard: inout Wizard, _ report: DiscoveryReport) throws {
        guard case .discover(let search) = wizard.step else {
            Issue.record("nothing is looked for: \(wizard.step)")
            return
        }
        wizard.discovered(report, by: search)
    }

    /// Before the plan, with CHAP in both directions.
    private func ready(interface: String = "default") throws -> Wizard {
        var host = Wizard.HostChoices()
        host.interfaces = [.init("eth1")]
        var wizard = Wizard(host)
        try answer(&wizard, [.transport: "1", .find: "a", .portal: "192.0.2.1"])
        try discover(&wizard, report(.chap))
        try answer(&wizard, [.target: "", .portals: "2 1", .interface: interface, .chapUser: "host1", .chapSecret: "/s1"])
        try answer(&wizard, [.mutual: "y", .mutualUser: "array", .mutualSecret: "/s2", .startup: "", .expectedWWIDs: ""])
        return wizard
    }

    // MARK: The table

    static let connection: [(ISCSIOutcome, Wizard.Field)] = [
        (.unreachable, .portals), (.refused, .portals), (.notAnISCSIPortal, .portals), (.targetNotFound, .target),
        (.authenticationWanted, .chapUser), (.wrongUserOrSecret, .chapUser), (.mutualAuthenticationFailed, .mutualSecret),
        (.noCommonAlgorithm, .again), (.loginRefused, .again), (.redirectedInACircle, .portals), (.isnsServerNotFound, .again),
        (.initiatorMisconfigured, .again), (.invalidParameter, .interface), (.serviceDown, .install), (.noPermission, .again),
        (.alreadyConnected, .target), (.inUse, .again), (.wwidNotAsExpected, .expectedWWIDs), (.timedOut, .again),
        (.interrupted, .again), (.listCutShort, .again),
    ]

    @Test func theTableHasEveryOutcomeThatIsAFailure() {
        #expect(Self.connection.map(\.0) == ISCSIOutcome.allCases.filter { $0 != .connected && $0 != .done })
    }

    /// Of the plan, and of its carrying out.
    @Test(arguments: connection)
    func aFailureOfTheConnectionLeadsToTheAnswerThatWasWrong(_ outcome: ISCSIOutcome, _ field: Wizard.Field) throws {
        for isApplied in [false, true] {
            var wizard = try ready()
            guard case .plan(let connection) = wizard.step else {
                Issue.record("no plan: \(wizard.step)")
                return
            }
            if isApplied {
                wizard.planned(connection, [])
                try answer(&wizard, [.confirm: "yes"])
                #expect(wizard.step == .connect(connection))
            }
            let before = wizard.answers
            wizard.fail(outcome, "why")
            #expect(asked(wizard) == field, "\(outcome)")
            #expect(wizard.answers == before)
            #expect(wizard.takeNotices().contains { $0.hasPrefix("\(outcome.rawValue): why") })
            // The same once more, and it is tried again: all else was kept.
            guard case .ask(let question) = wizard.step else { return }
            wizard.answer(field, try #require(before[field] ?? question.choices.first?.value))
            if outcome == .wrongUserOrSecret { try answer(&wizard, [.chapSecret: ""]) }
            guard case .plan(let again) = wizard.step else {
                Issue.record("\(outcome): not tried again: \(wizard.step)")
                return
            }
            #expect(again.portals == connection.portals && again.credentials == connection.credentials)
        }
    }

    /// Where CHAP was not asked for: credentials may be those of a record, and the target may want them after all.
    @Test(arguments: connection, [FoundTarget.Authentication.none, .unknown])
    func afterAFailureSomebodyIsAskedAlways(_ failure: (outcome: ISCSIOutcome, Wizard.Field), _ authentication: FoundTarget.Authentication)
        throws
    {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        try discover(&wizard, report(authentication))
        try answer(&wizard, [.target: "", .portals: "", .interface: "", .startup: "", .expectedWWIDs: ""])
        wizard.fail(failure.outcome, "why")
        guard case .ask(let question) = wizard.step else {
            Issue.record("\(failure.outcome): nobody is asked: \(wizard.step)")
            return
        }
        if [.wrongUserOrSecret, .mutualAuthenticationFailed].contains(failure.outcome) { #expect(question.field == .chapUser) }
    }

    @Test func enterConfirmsNoOtherPlanEither() throws {
        var wizard = try ready()
        guard case .plan(let connection) = wizard.step else { return }
        wizard.planned(connection, [])
        try answer(&wizard, [.confirm: "yes"])
        wizard.fail(.timedOut, "why")
        try answer(&wizard, [.again: "again"])
        guard case .plan(let again) = wizard.step else { return }
        wizard.planned(again, [])
        guard case .ask(let question) = wizard.step else { return }
        #expect(question.field == .confirm && question.initial == nil && question.read("") == .wrong)
    }

    @Test func whereAnInterfaceWasChosenItIsWhatCannotReach() throws {
        var wizard = try ready(interface: "eth1")
        wizard.fail(.unreachable, "why")
        #expect(asked(wizard) == .interface)
    }

    @Test(
        arguments: [
            (.unreachable, .portal), (.refused, .portal), (.notAnISCSIPortal, .portal), (.targetNotFound, .portal),
            (.authenticationWanted, .discoveryUser), (.redirectedInACircle, .portal), (.timedOut, .portal), (.loginRefused, .again),
            (.noCommonAlgorithm, .again), (.noPermission, .again), (.initiatorMisconfigured, .again),
        ] as [(ISCSIOutcome, Wizard.Field)])
    func aFailureOfTheDiscoveryLeadsToWhereItLooked(_ outcome: ISCSIOutcome, _ field: Wizard.Field) throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        var report = DiscoveryReport()
        report.problems = [DiscoveryProblem(address: "192.0.2.1:3260", outcome: outcome, detail: "why", isNamed: true)]
        try discover(&wizard, report)
        #expect(asked(wizard) == field)
        #expect(wizard.answers[.portal] == "192.0.2.1:3260")
    }

    @Test func discoveryIsAskedForCredentialsWhereItWantsThem() throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        wizard.fail(.authenticationWanted, "why")
        try answer(&wizard, [.discoveryUser: "finder", .discoverySecret: "", .discoveryMutual: ""])
        guard case .discover(let search) = wizard.step else {
            Issue.record("\(wizard.step)")
            return
        }
        #expect(search.credentials == Wizard.Credentials(user: "finder", secretFile: "-"))
        wizard.fail(.wrongUserOrSecret, "why")
        // The user may be wrong too. Another secret may be typed: the answer is the same, and it is tried.
        try answer(&wizard, [.discoveryUser: "", .discoverySecret: "-"])
        try discover(&wizard, report())
        #expect(asked(wizard) == .target)
        #expect(back(&wizard, to: .portal) == .portal)
        // Somebody else's portal is not given them.
        try answer(&wizard, [.portal: "192.0.2.9"])
        #expect(wizard.step == .discover(Wizard.Search(place: .portal(try #require(PortalAddress("192.0.2.9"))))))
    }

    /// Their secret is for one portal, and not for all that a scan finds.
    @Test func whereSomeOfTheFoundPortalsWantAuthenticationItIsSaidHowToGiveIt() throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "scan", .subnet: "192.0.2.0/24"])
        var found = try report()
        found.problems = [DiscoveryProblem(address: "192.0.2.5:3260", outcome: .authenticationWanted, detail: "why")]
        try discover(&wizard, found)
        #expect(wizard.takeNotices().contains { $0.contains("b find, then address") } && asked(wizard) == .target)
        #expect(back(&wizard, to: .find) == .find)
        try answer(&wizard, [.find: "address", .portal: "192.0.2.5"])
        var guarded = DiscoveryReport()
        guarded.problems = [DiscoveryProblem(address: "192.0.2.5:3260", outcome: .authenticationWanted, detail: "why", isNamed: true)]
        try discover(&wizard, guarded)
        #expect(asked(wizard) == .discoveryUser)
    }

    // MARK: There and back

    @Test func goingBackKeepsAnswersAsWhatEnterTakes() throws {
        var wizard = try ready()
        for field in [Wizard.Field.expectedWWIDs, .startup, .mutualSecret, .mutualUser, .mutual, .chapSecret, .chapUser, .interface] {
            // From the plan, the last question is the one to go back to.
            #expect(back(&wizard, to: field) == field)
            guard case .ask(let question) = wizard.step else { return }
            #expect(question.initial == wizard.answers[field])
        }
        #expect(back(&wizard) == .portals)
        #expect(back(&wizard) == .target)
        #expect(back(&wizard) == .portal)
        #expect(back(&wizard) == .find)
        #expect(back(&wizard) == .transport)
        #expect(back(&wizard) == nil)
        try answer(&wizard, [.transport: "", .find: "", .portal: "", .target: "", .portals: "", .interface: ""])
        try answer(
            &wizard, [.chapUser: "", .chapSecret: "", .mutual: "", .mutualUser: "", .mutualSecret: "", .startup: "", .expectedWWIDs: ""])
        guard case .plan(let connection) = wizard.step else {
            Issue.record("\(wizard.step)")
            return
        }
        #expect(connection.portals.map(\.description) == ["192.0.2.2:3260", "192.0.2.1:3260"])
        #expect(
            connection.credentials == Wizard.Credentials(user: "host1", secretFile: "/s1", mutualUser: "array", mutualSecretFile: "/s2"))
    }

    @Test func anotherTargetIsAskedForItsOwnPortalsAndSecrets() throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        try discover(&wizard, report(.chap, count: 3))
        try answer(&wizard, [.target: "1", .portals: "all", .interface: "", .chapUser: "u", .chapSecret: "/s", .mutual: "no"])
        #expect(back(&wizard, to: .target) == .target)
        try answer(&wizard, [.target: "3", .portals: "", .chapUser: "", .chapSecret: "", .mutual: ""])
        #expect(asked(wizard) == .startup)
    }

    /// The same name may be served by somebody else at another address.
    @Test func anotherAddressIsAskedForItsOwnPortals() throws {
        var wizard = try ready()
        #expect(back(&wizard, to: .portal) == .portal)
        try answer(&wizard, [.portal: "192.0.2.9"])
        var other = try report(.chap)
        other.targets[0].portals = [FoundTarget.Portal(address: try #require(PortalAddress("192.0.2.9")), groupTag: 1)]
        try discover(&wizard, other)
        #expect(asked(wizard) == .portals)
        guard case .ask(let question) = wizard.step else { return }
        #expect(question.initial == "192.0.2.9:3260")
        // Nor is it given a proof of the secrets of before.
        try answer(&wizard, [.portals: "", .chapSecret: "", .mutualSecret: ""])
        guard case .plan(let connection) = wizard.step else {
            Issue.record("\(wizard.step)")
            return
        }
        #expect(connection.portals.map(\.description) == ["192.0.2.9:3260"])
        #expect(back(&wizard, to: .find) == .find)
        try answer(&wizard, [.find: "isns", .isns: "192.0.2.5"])
        try discover(&wizard, report(.chap))
        #expect(asked(wizard) == .portals)
    }

    /// Who answers at an address that was typed gets no proof of a secret that was given for the portals that were found, nor the reverse.
    @Test func aPortalThatWasNotFoundIsAskedForItsOwnSecrets() throws {
        var wizard = try ready()
        for (portals, isElsewhere) in [
            ("1", false), ("all", false), ("1 192.0.2.9", true), ("192.0.2.9", false), ("1", true), ("2", false),
        ] {
            #expect(back(&wizard, to: .portals) == .portals)
            try answer(&wizard, [.portals: portals])
            if isElsewhere { try answer(&wizard, [.chapSecret: "", .mutualSecret: ""]) }
            guard case .plan = wizard.step else {
                Issue.record("\(portals): \(wizard.step)")
                return
            }
        }
    }

    @Test(arguments: ["yes", "q1", "9", "array1", "1 q1"])
    func aWordThatIsNoPortalIsNotTakenForTheNameOfOne(_ word: String) throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        try discover(&wizard, report())
        try answer(&wizard, [.target: ""])
        guard case .ask(let question) = wizard.step else { return }
        #expect(question.field == .portals)
        #expect(question.read(word) == .wrong && question.read(word, isExact: true) == .wrong)
        for (typed, kept) in [
            ("array1:3260", "array1:3260"), ("array1.example", "array1.example:3260"), ("[2001:db8::1]", "[2001:db8::1]:3260"),
            ("2", "192.0.2.2:3260"), ("192.0.2.7", "192.0.2.7:3260"),
        ] { #expect(question.read(typed) == .answer(kept)) }
    }

    /// As `connect` does it: a manual start, or the firmware's, stays what it is.
    @Test func enterLeavesTheStartOfARecordAsItIs() throws {
        var found = try report(count: 2)
        found.targets[1].isRecorded = true
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        try discover(&wizard, found)
        for (target, startup) in [("1", ConnectRequest.Startup.automatic), ("2", nil), ("1", .automatic)] {
            try answer(&wizard, [.target: target, .portals: ""])
            if asked(wizard) == .interface { try answer(&wizard, [.interface: ""]) }
            try answer(&wizard, [.startup: "", .expectedWWIDs: ""])
            guard case .plan(let connection) = wizard.step else {
                Issue.record("\(wizard.step)")
                return
            }
            #expect(connection.startup == startup)
            #expect(back(&wizard, to: .target) == .target)
        }
    }

    @Test func chapIsAskedForWhereItIsWantedOnly() throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        try discover(&wizard, report(.unknown))
        try answer(&wizard, [.target: "", .portals: "", .interface: "", .startup: "m", .expectedWWIDs: "naa.600140512345678"])
        guard case .plan(let connection) = wizard.step else {
            Issue.record("\(wizard.step)")
            return
        }
        #expect(connection.credentials == nil && connection.startup == .manual && connection.expectedWWIDs.count == 1)
        wizard.fail(.authenticationWanted, "why")
        try answer(&wizard, [.chapUser: "u", .chapSecret: "", .mutual: ""])
        guard case .plan(let other) = wizard.step else {
            Issue.record("\(wizard.step)")
            return
        }
        #expect(other.credentials == Wizard.Credentials(user: "u", secretFile: "-"))
    }

    @Test func aDryRunEndsWithThePlanAndNoEndsWithNothing() throws {
        for isDry in [true, false] {
            var wizard = Wizard(Wizard.HostChoices(), stopsAtPlan: isDry)
            try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
            try discover(&wizard, report())
            try answer(&wizard, [.target: "", .portals: "", .interface: "", .startup: "", .expectedWWIDs: ""])
            guard case .plan(let connection) = wizard.step else { return }
            wizard.planned(connection, ["create …"])
            if !isDry {
                guard case .ask(let question) = wizard.step else { return }
                #expect(question.read("") == .wrong, "Enter alone confirms nothing")
                try answer(&wizard, [.confirm: "no"])
            }
            #expect(wizard.step == .finished(isDry ? .planned : .declined))
        }
    }

    @Test func fibreChannelShowsPortsAndLooksAnew() throws {
        var host = Wizard.HostChoices()
        host.fibreChannel = [
            FibreChannelPort(name: "host6", wwpn: nil, state: "Online", speed: "16 Gbit", remotePorts: [], units: [])
        ]
        var wizard = Wizard(host)
        try answer(&wizard, [.transport: "f"])
        #expect(wizard.takeNotices() == ["host6: port of unknown name, Online, 16 Gbit", "  sees no other port"])
        try answer(&wizard, [.rescan: "yes"])
        #expect(wizard.step == .rescan)
        wizard.rescanned(["sdz: new"])
        #expect(wizard.step == .finished(.looked))
        var dry = Wizard(host, stopsAtPlan: true)
        try answer(&dry, [.transport: "fc", .rescan: "yes"])
        #expect(dry.step == .finished(.looked) && dry.takeNotices().last == "Nothing was changed (--dry-run).")
        var none = Wizard(Wizard.HostChoices())
        try answer(&none, [.transport: "fc"])
        #expect(asked(none) == .transport)
    }

    @Test func aLargeScanIsAskedAboutOnce() throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "scan", .subnet: "10.0.0.0/19", .largeScan: "yes"])
        #expect(wizard.step == .discover(Wizard.Search(place: .subnets(["10.0.0.0/19"]), isLarge: true)))
        var other = Wizard(Wizard.HostChoices())
        try answer(&other, [.transport: "iscsi", .find: "scan", .subnet: "10.0.0.0/19", .largeScan: ""])
        #expect(asked(other) == .subnet)
        try answer(&other, [.subnet: "10.0.0.0/24"])
        #expect(other.step == .discover(Wizard.Search(place: .subnets(["10.0.0.0/24"]))))
    }

    // MARK: Reading and showing

    @Test func answersAreNumbersBeginningsOrParts() throws {
        var wizard = Wizard(Wizard.HostChoices())
        try answer(&wizard, [.transport: "iscsi", .find: "address", .portal: "192.0.2.1"])
        try discover(&wizard, report(count: 1000))
        guard case .ask(let question) = wizard.step else { return }
        #expect(question.read("1000") == .answer("\(Self.name)999"))
        #expect(question.read("1001") == .wrong)
        #expect(question.read("") == .wrong)
        #expect(question.read("zzz") == .wrong)
        #expect(question.read("A999") == .answer("\(Self.name)999"))
        guard case .narrowed(let places) = question.read("a99") else {
            Issue.record("not narrowed")
            return
        }
        #expect(places == [99] + Array(990...999))
        #expect(question.read("7", isExact: true) == .wrong, "a number means another target tomorrow")
        var listing = Wizard.Listing(question, width: 79, height: 12)
        #expect(listing.lines.count == 13 && listing.lines.last == "1 to 12 of 1000; Enter for more, or type a part of a name.")
        listing.more()
        #expect(listing.lines.first?.hasPrefix("  13  ") == true)
        listing.narrow(to: places)
        #expect(!listing.hasMore && listing.lines.last == "1 to 11 of 11 (of 1000 in all).")
    }

    @Test(arguments: [
        ("a b", 20, ["a b"]), ("one two three", 12, ["one two", "three"]), ("0123456789abcdef", 10, ["0123456789", "abcdef"]),
        ("", 10, [""]), ("存储系统 一号", 10, ["存储系统", "一号"]), ("存储系统一号机房", 8, ["存储系统", "一号机房"]), ("e\u{301}tage un", 8, ["e\u{301}tage un"]),
    ])
    func textIsFoldedAtBlanks(_ text: String, _ width: Int, _ lines: [String]) {
        #expect(text.folded(width: width) == lines)
    }

    @Test func noFoldedLineIsTooLong() {
        let text = "    " + String(repeating: "x", count: 300) + " and some words that follow"
        for width in [20, 40, 79] { #expect(text.folded(width: width, first: "  1  ", rest: "     ").allSatisfy { $0.count <= width }) }
    }
}
