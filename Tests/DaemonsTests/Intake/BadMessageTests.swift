import Daemons
import Identifiers
import Messages
import PadSimulation
import Provider
import ScratchPad
import Sealing
import Store
import TestSupport
import Testing

/// Messages that are replayed, reordered, forged, moved, torn, too large, or from another time.
@Suite struct BadMessageTests {
    /// A controller with one registered host.
    private func withHost(
        _ body: (ControllerFixture, ControllerFixture.Customer, inout SimulatedHost) async throws -> Void
    ) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            try await body(fixture, customer, &host)
        }
    }

    @Test func aReplayedMessageIsAnsweredAgainWithTheSameAnswerAndAppliedOnce() async throws {
        try await withHost { fixture, _, host in
            let message = try host.message(host.report)
            let sealed = try host.sealed(message)
            for _ in 0..<3 {
                try host.publish(sealed, sequence: message.envelope.sequence)
                try await fixture.pass()
            }
            #expect(try host.outcomes(to: message).map(\.word) == ["received"])
            let replies = try host.replies().filter { $0.reply.inReplyTo == message.envelope.messageID }
            #expect(Set(replies.map(\.envelope.messageID)).count == 1)
        }
    }

    @Test func anAnswerThatSomebodyRemovedIsPutBackWhenTheMessageComesAgain() async throws {
        try await withHost { fixture, _, host in
            let message = try host.message(host.report)
            let sealed = try host.sealed(message)
            try host.publish(sealed)
            try await fixture.pass()
            let name = try #require(host.open().replies(for: host.key.fingerprint).last?.name)
            _ = try host.pad.medium.remove(name, in: .replies(host.key.fingerprint))
            try host.publish(sealed)
            try await fixture.pass()
            #expect(try host.outcomes(to: message).map(\.word) == ["received"])
        }
    }

    @Test func anUnacknowledgedAnswerIsPublishedAgainByItself() async throws {
        try await withHost { fixture, _, host in
            let message = try host.send(host.report)
            try await fixture.pass()
            for file in try host.open().replies(for: host.key.fingerprint) {
                _ = try host.pad.medium.remove(file.name, in: .replies(host.key.fingerprint))
            }
            #expect(try host.outcomes(to: message).isEmpty)
            fixture.clock.advance(by: .seconds(31))
            try await fixture.pass()
            #expect(try host.outcomes(to: message).map(\.word) == ["received"])
        }
    }

    @Test func anAcknowledgedAnswerGoesAndIsNotAnswered() async throws {
        try await withHost { fixture, _, host in
            let message = try host.send(host.report)
            try await fixture.pass()
            for reply in try host.replies() {
                try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
            }
            try await fixture.pass()
            #expect(try host.replies().isEmpty)
            #expect(try host.outcomes(to: message).isEmpty)
        }
    }

    @Test func messagesOutOfOrderAreAllTaken() async throws {
        try await withHost { fixture, _, host in
            let messages = try (0..<5).map { _ in try host.message(host.report) }
            for message in messages.reversed() {
                try host.publish(host.sealed(message), sequence: message.envelope.sequence)
                try await fixture.pass()
            }
            for message in messages { #expect(try host.outcomes(to: message).map(\.word) == ["received"]) }
            #expect(try await fixture.notifications().isEmpty)
        }
    }

    @Test func anOldNumberIsAnsweredByAResyncAtALimitedRate() async throws {
        try await withHost { fixture, _, host in
            for _ in 0..<70 {
                let sent = try host.send(host.report)
                try await fixture.pass()
                for reply in try host.replies() where reply.reply.inReplyTo == sent.envelope.messageID {
                    try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
                }
                fixture.clock.advance(by: .seconds(10))
            }
            try await fixture.pass()
            var words: [String] = []
            for number in 1...10 {
                var message = try host.message(host.report)
                (message.envelope.sequence, message.envelope.previousSequence) = (Int64(number), nil)
                try host.publish(host.sealed(message), sequence: Int64(number))
                try await fixture.pass()
                words += try host.outcomes(to: message).map(\.word)
            }
            #expect(words == [String](repeating: "resync", count: 6))
        }
    }

    @Test func aForgedSenderIsQuarantined() async throws {
        try await withHost { fixture, _, host in
            let forger = try TestKeys(now: fixture.clock.now)
            let message = try host.message(host.report)
            try host.publish(host.sealed(message, by: forger.stranger))
            let summary = try await fixture.pass()
            #expect(summary.quarantined.count == 1)
            #expect(summary.quarantined.first?.contains("as its sender, and") == true)
            let told = try await fixture.notifications()
            #expect(told.map(\.notification.kind) == [.forgery])
            let trace = try await fixture.audit().filter { $0.action == "message.forgery" }
            #expect(trace.map(\.subject) == [host.pad.id.text])
            #expect(trace.first?.detail.contains("\(forger.stranger.certificate.fingerprint) signed a message") == true)
            #expect(try host.outcomes(to: message).isEmpty)
        }
    }

    @Test func aCertificateOfAnotherControllerIsQuarantined() async throws {
        try await withHost { fixture, _, host in
            let other = try TestKeys(now: fixture.clock.now)
            var message = try host.message(host.report)
            message.envelope.sender = other.hostKey.fingerprint
            try host.publish(host.sealed(message, by: other.host))
            let summary = try await fixture.pass()
            #expect(summary.quarantined == ["signed with a certificate that is neither its own nor a host's of this controller"])
        }
    }

    @Test func aHostCannotPoseAsTheController() async throws {
        try await withHost { fixture, _, host in
            let message = try host.message(
                .reply(Reply(inReplyTo: .random(), outcome: .received)))
            try host.publish(host.sealed(message))
            #expect(try await fixture.pass().quarantined == ["it is a reply, which only a controller sends"])
        }
    }

    @Test func aMessageOnAnotherPadIsRefusedThereAndAlarmed() async throws {
        try await withHost { fixture, customer, host in
            let other = try await fixture.pad(of: customer)
            let message = try host.message(host.report)
            try host.publish(host.sealed(message), on: other)
            try await fixture.pass()
            let refused = try host.replies(on: other).map(\.reply.outcome)
            #expect(refused.map(\.word) == ["wrong-pad"])
            #expect(refused.first?.text.contains("\(host.pad.id)") == true)
            #expect(try await fixture.notifications().map(\.notification.kind) == [.foreignMessage])
            // On its own pad it is still taken.
            try host.publish(host.sealed(message))
            try await fixture.pass()
            #expect(try host.outcomes(to: message).map(\.word) == ["received"])
        }
    }

    @Test func aReencryptedCopyIsTheSameMessage() async throws {
        try await withHost { fixture, _, host in
            let message = try host.message(host.report)
            try host.publish(host.sealed(message))
            try host.publish(host.sealed(message))
            let summary = try await fixture.pass()
            #expect(summary.words == ["received": 1, "repeated": 1])
            #expect(try host.outcomes(to: message).map(\.word) == ["received"])
        }
    }

    @Test func aMessageSealedForAnotherControllerIsQuarantined() async throws {
        try await withHost { fixture, _, host in
            let other = try TestKeys(now: fixture.clock.now)
            let message = try host.message(host.report)
            try host.publish(Sealing.seal(message.jsonBytes, signer: host.signer, recipient: other.keys.decryption.certificate))
            #expect(try await fixture.pass().quarantined.first?.contains("which is not one of ours") == true)
        }
    }

    @Test func aMessageForAnotherControllerIsRefusedAsSuch() async throws {
        try await withHost { fixture, _, host in
            var message = try host.message(host.report)
            message.envelope.recipient = host.key.fingerprint
            try host.publish(host.sealed(message))
            try await fixture.pass()
            let outcomes = try host.outcomes(to: message)
            #expect(outcomes.map(\.word) == ["wrong-recipient"])
            #expect(
                outcomes.first?.text == "the message is for the controller \(host.key.fingerprint), and this is \(fixture.keys.fingerprint)"
            )
        }
    }

    @Test(arguments: [0, 1, 100, 2_000])
    func aTornMessageIsQuarantinedOnceAndNeverReadAgain(length: Int) async throws {
        try await withHost { fixture, _, host in
            let sealed = try host.sealed(host.message(host.report))
            try host.publish(Array(sealed.prefix(min(length, sealed.count - 1))))
            let reasons = try await fixture.pass().quarantined
            #expect(reasons.count == 1 && reasons[0].hasPrefix("at byte "), "\(reasons)")
            #expect(try await fixture.pass().quarantined.isEmpty)
        }
    }

    @Test func anAlteredMessageIsQuarantined() async throws {
        try await withHost { fixture, _, host in
            var sealed = try host.sealed(host.message(host.report))
            sealed[sealed.count - 40] ^= 1
            try host.publish(sealed)
            let reasons = try await fixture.pass().quarantined
            #expect(reasons == ["cannot be decrypted: altered on the way, or sealed with other parameters than it says"], "\(reasons)")
        }
    }

    @Test func anOversizedFileIsQuarantinedUnread() async throws {
        try await withHost { fixture, _, host in
            try host.publish([UInt8](repeating: 0x30, count: (16 << 20) + 1))
            let reasons = try await fixture.pass().quarantined
            #expect(reasons.first?.contains("at most 16777216 are read") == true)
        }
    }

    @Test func anotherVersionIsAnsweredWithTheVersionsThatAreRead() async throws {
        try await withHost { fixture, _, host in
            let message = try host.message(host.report)
            let text = String(decoding: message.jsonBytes, as: UTF8.self)
                .replacing("\"quartermaster-message/1\"", with: "\"quartermaster-message/9\"")
            let payload = Array(text.utf8)
            try host.publish(Sealing.seal(payload, signer: host.signer, recipient: host.open().verified.decryption))
            try await fixture.pass()
            let outcomes = try host.outcomes(to: message)
            #expect(outcomes.map(\.word) == ["unknown-version"])
            guard case .refused(let refusal)? = outcomes.first else { return }
            #expect(refusal.supportedVersions == [1])
            #expect(refusal.text.contains("update the older side"))
        }
    }

    @Test func unknownFieldsOfAnOlderOrNewerAgentAreIgnored() async throws {
        try await withHost { fixture, _, host in
            let message = try host.message(host.report)
            let text = String(decoding: message.jsonBytes, as: UTF8.self).replacing("\"body\":{", with: "\"body\":{\"novelty\":[1,{}],")
            try host.publish(Sealing.seal(Array(text.utf8), signer: host.signer, recipient: host.open().verified.decryption))
            try await fixture.pass()
            #expect(try host.outcomes(to: message).map(\.word) == ["received"])
        }
    }

    @Test func aSnapshotThatWasRestoredRaisesAnAlarmOnce() async throws {
        try await withHost { fixture, _, host in
            let snapshot = host
            fixture.clock.advance(by: .seconds(1))
            _ = try await host.exchange(host.report, in: fixture)
            var restored = snapshot
            for _ in 0..<2 {
                fixture.clock.advance(by: .seconds(1))
                #expect(try await restored.exchange(restored.report, in: fixture)?.word == "received")
            }
            let alarms = try await fixture.notifications().map(\.notification)
            #expect(alarms.map(\.kind) == [.fork])
            #expect(alarms.first?.severity == .alarm)
            #expect(alarms.first?.text.contains("was cloned, or restored from a snapshot") == true)
        }
    }

    /// Two with one key, each of whom goes on from its own last message.
    private func quarrel(_ host: inout SimulatedHost, _ clone: inout SimulatedHost, _ fixture: ControllerFixture) async throws {
        fixture.clock.advance(by: .seconds(1))
        #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
        fixture.clock.advance(by: .seconds(1))
        #expect(try await clone.exchange(clone.report, in: fixture)?.word == "received")
    }

    private func traces(_ fixture: ControllerFixture) async throws -> Int { try await fixture.audit().count { $0.action == "host.fork" } }

    @Test func aForkADayLaterLeavesATraceAndAStreamOfThemLeavesOneAnHour() async throws {
        try await withHost { fixture, _, host in
            var clone = host
            for _ in 0..<3 { try await quarrel(&host, &clone, fixture) }
            #expect(try await traces(fixture) == 1)
            let told = try await fixture.notifications()
            #expect(told.map(\.notification.kind) == [.fork])
            #expect(told.first?.occurrences == 5)
            #expect(told.first?.lastAt == fixture.clock.now)
            fixture.clock.advance(by: .seconds(86_400))
            try await quarrel(&host, &clone, fixture)
            #expect(try await traces(fixture) == 2)
            // Closed, it is said anew.
            let id = try #require(told.first?.id)
            try await fixture.store.write { _ = try $0.closeNotification(id, by: .provider("test")) }
            try await quarrel(&host, &clone, fixture)
            #expect(try await fixture.notifications().map { $0.closedAt == nil } == [false, true])
            #expect(try await traces(fixture) == 3)
        }
    }

    @Test func remindersOfReplayedMessagesDoNotSilenceAHost() async throws {
        try await withHost { fixture, _, host in
            // A number that another message has used is as old as one from before the window.
            let used = try #require(host.last)
            for _ in 0..<100 {
                var message = try host.message(host.report)
                (message.envelope.sequence, message.envelope.previousSequence) = (used, nil)
                try host.publish(host.sealed(message), sequence: used)
                try await fixture.pass()
                fixture.clock.advance(by: .seconds(20))
            }
            host.previous = nil
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            let resyncs = try host.replies().filter { $0.reply.outcome.word == "resync" }
            #expect(resyncs.count > 64)
            fixture.clock.advance(by: .seconds(3_601))
            try await fixture.intake.keepHouse()
            try await fixture.restart()
            try await fixture.pass()
            let pad = host.pad.id
            let kept = try await fixture.store.read { try $0.pendingReplies(on: pad) }
            #expect(kept.count == 2)
        }
    }

    @Test func aHostThatDoesNotReadItsAnswersIsNamed() async throws {
        var configuration = IntakeConfiguration()
        configuration.pendingRepliesPerSender = 3
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            var words: [String] = []
            for _ in 0..<5 {
                try host.send(host.report)
                words += try await fixture.pass().words.keys
            }
            #expect(words == ["received", "received", "limited", "limited", "limited"])
            let told = try await fixture.notifications()
            #expect(told.map(\.notification.kind) == [.answersUnread])
            #expect(told.first?.notification.accountID == customer.accountID)
            #expect(told.first?.occurrences == 3)
            #expect(try await fixture.audit().count { $0.action == "host.answers-unread" } == 1)
            // An acknowledgement is heard all the same, and the rest after it.
            for reply in try host.replies() {
                try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
            }
            try await fixture.pass()
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
        }
    }

    @Test(arguments: [true, false]) func whoStillAsksForAnAnswerThatIsGoneIsToldToBeginAnew(isTaken: Bool) async throws {
        try await withHost { fixture, _, host in
            let message = try host.message(host.report)
            let sealed = try host.sealed(message)
            try host.publish(sealed, sequence: message.envelope.sequence)
            try await fixture.pass()
            if isTaken {
                // A clone read it.
                for reply in try host.replies() {
                    try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
                }
                try await fixture.pass()
            } else {
                fixture.clock.advance(by: .seconds(10 * 86_400))
                try await fixture.intake.keepHouse()
            }
            try host.publish(sealed, sequence: message.envelope.sequence)
            try await fixture.pass()
            #expect(try host.outcomes(to: message).last?.word == "resync")
        }
    }

    @Test func aCloneOfLongAgoRaisesAnAlarm() async throws {
        try await withHost { fixture, _, host in
            var clone = host
            for _ in 0..<70 {
                let sent = try host.send(host.report)
                try await fixture.pass()
                for reply in try host.replies() where reply.reply.inReplyTo == sent.envelope.messageID {
                    try host.send(.acknowledgement(Acknowledgement(of: reply.envelope.messageID, outcome: .received)))
                }
                fixture.clock.advance(by: .seconds(60))
            }
            try await fixture.pass()
            #expect(try await fixture.notifications().isEmpty)
            #expect(try await clone.exchange(clone.report, in: fixture)?.word == "received")
            #expect(try await fixture.notifications().map(\.notification.kind) == [.fork])
        }
    }

    @Test func theLargestNumbersAreTakenAndEndNothing() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            var stranger = try fixture.host(on: try await fixture.pad(of: customer))
            for number in [Int64.max, Int64.max - 1, Envelope.numbers.upperBound + 1] {
                var message = try stranger.message(stranger.registration(customer, password: "wrong"))
                message.envelope.sequence = number
                try stranger.publish(stranger.sealed(message), sequence: number)
                #expect(try await fixture.pass().quarantined.first?.contains("sequence is not within") == true)
            }
            var words: [String] = []
            for epoch in [nil, nil, 7] as [Int64?] {
                var message = try stranger.message(stranger.registration(customer, password: "wrong"), epoch: epoch)
                message.envelope.sequence = Envelope.numbers.upperBound
                try stranger.publish(stranger.sealed(message), sequence: 1)
                try await fixture.pass()
                for outcome in try stranger.outcomes(to: message) {
                    words.append(outcome.word)
                    if case .resync(_, let next) = outcome { #expect(next == nil) }
                }
            }
            #expect(words == ["bad-credentials", "resync", "resync"])
        }
    }

    @Test func aSenderBeyondItsShareIsToldOnceAndThenLeftUnanswered() async throws {
        var configuration = IntakeConfiguration()
        configuration.messagesPerSender = 3
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            var sent: [Message] = []
            for _ in 0..<5 { sent.append(try host.send(host.report)) }
            #expect(try await fixture.pass().words == ["received": 2, "limited": 3])
            let answers = try sent.map { try host.outcomes(to: $0).first }
            #expect(answers.map { $0?.word } == ["received", "received", "limit", nil, nil])
            guard case .refused(let refusal)? = answers[2] else { return }
            // Three in a minute: one more after twenty seconds.
            #expect(refusal.retryAfterSeconds == 20)
            #expect(refusal.text == "this host sends more than its share: the message was not looked at; send it again after 20 s")
            #expect(try await fixture.audit().count { $0.detail.hasPrefix("limit: ") } == 1)

            // The message that was told so is decided: its copies change nothing. One that was left unanswered may come again.
            fixture.clock.advance(by: .seconds(20))
            try host.publish(host.sealed(sent[2]), sequence: sent[2].envelope.sequence)
            try host.publish(host.sealed(sent[4]), sequence: sent[4].envelope.sequence)
            #expect(try await fixture.pass().words == ["repeated": 1, "limited": 1])
            fixture.clock.advance(by: .seconds(20))
            try host.publish(host.sealed(sent[4]), sequence: sent[4].envelope.sequence)
            #expect(try await fixture.pass().words == ["received": 1])
            #expect(try sent.map { try host.outcomes(to: $0).count } == [1, 1, 1, 0, 1])
        }
    }

    @Test func aFloodOnOnePadDoesNotSilenceTheHostOnAnother() async throws {
        var configuration = IntakeConfiguration()
        configuration.messagesPerSender = 2
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            let (own, shared) = (try await fixture.pad(of: customer), try await fixture.pad())
            var host = try fixture.host(on: own)
            let registration = try host.send(host.registration(customer))
            // A neighbour copies the message to the shared pad, again and again.
            for number in 1...5 { try host.publish(host.sealed(registration), sequence: Int64(number), on: shared) }
            // Copies in one batch have one answer.
            #expect(try await fixture.pass().words == ["accepted": 1, "refused": 1, "repeated": 2, "limited": 2])
            #expect(try host.outcomes(to: registration).map(\.word) == ["accepted"])
        }
    }

    @Test func aStrangerBeyondItsShareIsToldWithoutItsPasswordBeingLookedAt() async throws {
        var configuration = IntakeConfiguration()
        configuration.messagesPerSender = 1
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            #expect(try await host.register(customer, in: fixture, password: "guess")?.word == "bad-credentials")
            #expect(try await host.register(customer, in: fixture)?.word == "limit")
            #expect(try await fixture.hosts().isEmpty)
            fixture.clock.advance(by: .seconds(60))
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
        }
    }
}
