import Files
import Foundation
import Identifiers
import Inventory
import Messages
import Sealing
import TestSupport
import Testing

/// Hosts that come, report and go on one pad, each a stage further in each round, and all that they said.
final class Population {
    private struct Member {
        var host: SimulatedHost
        var stage = 0
        var registration: Message?
    }

    /// A message that waits for its one answer, or an acknowledgement that waits to be taken.
    private struct Said {
        let member: Int
        let message: Message
        /// Of an acknowledgement: the reply that goes when it is taken.
        var acknowledges: MessageID?
        /// Found so once: not looked at again.
        var isSettled = false
    }

    let pad: String
    private let controller: Fingerprint
    private let customer: ControllerFixture.Customer
    private var members: [Member] = []
    private var said: [Said] = []

    init(pad: String, controller: Fingerprint, customer: ControllerFixture.Customer) {
        (self.pad, self.controller, self.customer) = (pad, controller, customer)
    }

    var registered: Int { members.count { $0.stage >= 1 } }
    var left: Int { members.count { $0.stage >= 3 } }
    var reported: Int { members.count { $0.stage >= 2 } }

    /// A new host registers; that of the round before acknowledges its answer and reports facts and free space; the one before that leaves.
    func speak() throws {
        let number = members.count
        members.append(
            Member(
                host: try SimulatedHost(
                    directory: pad, controller: controller, name: "host\(number)", machineID: "machine\(number)",
                    initiators: ["iqn.2026-11.com.example:h\(number)"])))
        for index in members.indices.reversed() {
            switch members[index].stage {
            case 0: members[index].registration = try say(members[index].host.registration(customer), index)
            case 1:
                if let reply = try reply(to: members[index].registration, index) {
                    try say(
                        .acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)), index,
                        acknowledges: reply.envelope.messageID)
                }
                members[index].host.name = "renamed\(index)"
                try say(members[index].host.report, index)
                try say(.freeSpace(FreeSpaceReport(measuredAt: Timestamp(seconds: 1_795_246_200), fileSystems: [])), index)
            case 2: try say(.farewell(Farewell()), index)
            default: continue
            }
            members[index].stage += 1
        }
    }

    @discardableResult
    private func say(_ body: MessageBody, _ member: Int, acknowledges: MessageID? = nil) throws -> Message {
        let message = try members[member].host.send(body)
        said.append(Said(member: member, message: message, acknowledges: acknowledges))
        return message
    }

    private func reply(to message: Message?, _ member: Int) throws -> (envelope: Envelope, reply: Reply)? {
        try members[member].host.replies().first { $0.reply.inReplyTo == message?.envelope.messageID }
    }

    /// True when everything that was said is answered and nothing waits on the pad. Hosts take in what accepts them.
    func isSettled() throws -> Bool {
        guard try FileManager.default.contentsOfDirectory(atPath: pad + "/in").isEmpty else { return false }
        for index in said.indices where !said[index].isSettled {
            let entry = said[index]
            let replies = try members[entry.member].host.replies()
            said[index].isSettled =
                if let acknowledged = entry.acknowledges {
                    !replies.contains { $0.envelope.messageID == acknowledged }
                } else {
                    isAcknowledged(entry) || replies.contains { $0.reply.inReplyTo == entry.message.envelope.messageID }
                }
            if !said[index].isSettled { return false }
        }
        for index in members.indices where members[index].host.hostID == nil {
            if case .accepted(let acceptance)? = try reply(to: members[index].registration, index)?.reply.outcome {
                try members[index].host.accept(acceptance)
            }
        }
        return true
    }

    /// The answer to it was acknowledged, and is gone.
    private func isAcknowledged(_ entry: Said) -> Bool {
        guard case .registration = entry.message.body else { return false }
        return said.contains { $0.member == entry.member && $0.acknowledges != nil }
    }

    /// Each message has exactly one answer, and the right one.
    func expectOneAnswerEach() throws {
        for entry in said where entry.acknowledges == nil && !isAcknowledged(entry) {
            let outcomes = try members[entry.member].host.outcomes(to: entry.message).map(\.word)
            let isRegistration = if case .registration = entry.message.body { true } else { false }
            #expect(outcomes == [isRegistration ? "accepted" : "received"], "\(entry.message.body.kind) of host\(entry.member)")
        }
    }

    /// Somebody removes all answers that lie on the pad.
    func removeAnswers() throws {
        for index in said.indices { said[index].isSettled = false }
        for name in try FileManager.default.contentsOfDirectory(atPath: pad + "/out") {
            try FileManager.default.removeItem(atPath: "\(pad)/out/\(name)")
        }
    }

    /// Keys and the number of the last message of each host.
    var numbers: [(key: Fingerprint, last: Int64?)] { members.map { ($0.host.key.fingerprint, $0.host.last) } }
}
