import ISCSI

extension Wizard {
    /// A question as it is asked now.
    package func question(_ field: Field) -> Question {
        var question = blank(field)
        // Enter alone confirms no plan, nor a second one.
        if field != .confirm, let answer = answers[field], question.read(answer, isExact: true) == .answer(answer) {
            question.initial = answer
        }
        return question
    }

    private func blank(_ field: Field) -> Question {
        switch field {
        case .transport:
            choice(
                field, "How does this host reach its storage?", [.init("iscsi", "iSCSI, over the network"), .init("fc", "Fibre Channel")],
                initial: host.fibreChannel.isEmpty ? "iscsi" : nil,
                help: "With iSCSI a storage system is found and connected. With Fibre Channel its ports are shown, and looked at anew.")
        case .rescan:
            yesOrNo(
                field, "Shall the kernel look for new volumes and sizes at these ports?", initial: "no",
                help: "yes: each Fibre Channel port is scanned, and what is new is told. no: nothing is done, and this ends.")
        case .find: find
        case .subnet: subnet
        case .largeScan:
            yesOrNo(
                field, "That is more than \(host.plainAddresses) addresses. Shall all of them be tried?", initial: "no",
                help: "A scan of 65536 addresses takes minutes. no: name a smaller network.")
        case .portal:
            text(
                field, "The storage system's address?", .portal,
                help: "An address, or a name, that the storage system serves iSCSI at; a port after a colon where it is not 3260.")
        case .isns:
            text(field, "The iSNS server's address?", .server, help: "An address, or a name; a port after a colon where it is not 3205.")
        case .discoveryUser:
            text(
                field, "The CHAP user for discovery?", .user,
                help: "This portal tells its targets to known users alone. The storage administrator knows user and secret.")
        case .discoverySecret: secret(field, "The secret of discovery?")
        case .discoveryMutual: mutual(field)
        case .discoveryMutualUser:
            text(field, "The name that the portal must prove to have?", .user, help: "The mutual CHAP user of discovery.")
        case .discoveryMutualSecret: secret(field, "The portal's secret?")
        case .target: whichTarget
        case .portals: portals
        case .interface: interface
        case .chapUser:
            text(
                field, "The CHAP user?", .user,
                help: "This storage system wants authentication (CHAP): a user and a secret, which its administrator has for this host.")
        case .chapSecret: secret(field, "The secret?")
        case .mutual: mutual(field)
        case .mutualUser: text(field, "The name that the storage system must prove to have?", .user, help: "The mutual CHAP user.")
        case .mutualSecret: secret(field, "The storage system's secret?")
        case .startup: startup
        case .expectedWWIDs: expectedWWIDs
        case .install:
            yesOrNo(
                field, "The initiator service (open-iscsi) is not ready. Shall it be installed and started?", initial: "no",
                help: "yes: it is installed by this host's package manager and started by systemd, at once, as the plan needs it.")
        case .confirm:
            yesOrNo(
                field, "Shall this be done?", initial: nil,
                help: "yes: it is done as shown, and where anything of it fails, all is taken back. no: this ends, and nothing was changed."
            )
        case .again:
            choice(
                field, "What now?", [.init("again", "try it once more")], initial: nil,
                help: "again: the same with all answers kept. b changes an answer, b and a name the one of that name. q ends.")
        }
    }

    private func choice(_ field: Field, _ text: String, _ choices: [HostChoices.Item], initial: String?, help: String) -> Question {
        Question(field: field, text: text, kind: .one(or: nil), choices: choices, initial: initial, help: help)
    }

    private func yesOrNo(_ field: Field, _ text: String, initial: String?, help: String) -> Question {
        choice(field, text, [.init("yes"), .init("no")], initial: initial, help: help)
    }

    private func text(_ field: Field, _ text: String, _ form: Form, initial: String? = nil, help: String) -> Question {
        Question(field: field, text: text, kind: .text(form), initial: initial, help: help)
    }

    private func secret(_ field: Field, _ text: String) -> Question {
        self.text(
            field, text, .file, initial: "-",
            help: """
                Enter, and type it: it is not shown, and written to no file of answers. Or name a file of mode 0600 that holds it. 12 to 16 bytes are \
                advised.
                """)
    }

    private func mutual(_ field: Field) -> Question {
        yesOrNo(
            field, "Must the storage system prove itself too (mutual CHAP)?", initial: "no",
            help: "yes: it must know a second secret, which tells it from another machine that poses as it.")
    }

    private var find: Question {
        var choices: [HostChoices.Item] = [
            .init("scan", "scan a network"), .init("address", "its address is known"), .init("isns", "ask an iSNS server"),
        ]
        if host.listed > 0 { choices.append(.init("listed", "ask the \(host.listed) addresses of this host's lists")) }
        return choice(
            .find, "How is the storage system to be found?", choices, initial: host.listed > 0 ? "listed" : "scan",
            help: "Nothing is recorded and nobody is logged in while it is looked for.")
    }

    private var subnet: Question {
        Question(
            field: .subnet, text: "Which network shall be scanned?", kind: .several(or: .network), choices: host.networks,
            initial: host.networks.count == 1 ? host.networks[0].value : nil,
            help: "Choose of this host's own networks, or type one such as 192.0.2.0/24. Several are separated by commas.")
    }

    private var whichTarget: Question {
        let choices = targets.map { target in
            let maker = [target.maker?.vendor, target.maker?.product].compactMap { $0 }.joined(separator: " ")
            let words = [
                target.alias.map { "\"\($0)\"" }, maker.isEmpty ? nil : maker, Self.words(target.authentication),
                "\(target.portals.count) portal\(target.portals.count == 1 ? "" : "s")", target.isConnected ? "connected" : nil,
                target.isRecorded ? "recorded" : nil,
            ]
            return HostChoices.Item(target.name.description, words.compactMap { $0 }.joined(separator: ", "))
        }
        return choice(
            .target, "Which storage system?", choices, initial: choices.count == 1 ? choices[0].value : nil,
            help: "A number, the name, or a part of what is shown, which shortens the list.")
    }

    private static func words(_ authentication: FoundTarget.Authentication) -> String {
        switch authentication {
        case .none: "no CHAP"
        case .chap: "CHAP"
        case .unknown: "CHAP not known"
        }
    }

    private var portals: Question {
        var choices: [HostChoices.Item] = []
        for portal in target?.portals ?? [] where !choices.contains(where: { $0.value == portal.address.description }) {
            let words = [portal.groupTag.map { "portal group \($0)" }, portal.interface.map { "reached through \($0)" }]
            choices.append(.init(portal.address.description, words.compactMap { $0 }.joined(separator: ", ")))
        }
        // Two paths without multipathd are two disks with the same data.
        let initial = choices.count > 1 && host.multipathRuns ? "all" : choices.first?.value
        return Question(
            field: .portals, text: "At which of its portals?", kind: .several(or: .otherPortal), choices: choices, initial: initial,
            help: """
                Numbers separated by commas, or all. Several make several paths to the same volumes, which want multipathd (it \
                \(host.multipathRuns ? "runs" : "does not run") here).
                """)
    }

    private var interface: Question {
        choice(
            .interface, "Through which network interface?", [.init("default", "as the routes say")] + host.interfaces, initial: "default",
            help: "default leaves it to this host's routes. A session that is bound to an interface uses no other one.")
    }

    /// Of a target with records, Enter changes nothing in them.
    private var startup: Question {
        let isRecorded = target?.isRecorded == true
        let recorded: [HostChoices.Item] = isRecorded ? [.init("recorded", "now, and at starts as its records say")] : []
        return choice(
            .startup, "When shall it be connected?",
            recorded + [.init("automatic", "now, and whenever this host starts"), .init("manual", "now")],
            initial: isRecorded ? "recorded" : "automatic",
            help: "automatic: open-iscsi's service connects it when the host starts. manual: only when somebody says so.")
    }

    private var expectedWWIDs: Question {
        text(
            .expectedWWIDs, "Which volumes must be there (WWIDs)?", .wwids, initial: "none",
            help: "Where one of them is not, all is taken back. none: any volume will do. The storage administrator knows the WWIDs.")
    }
}
