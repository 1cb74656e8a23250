import Testing

@testable import AgentCore

@Suite struct LogTests {
    private func log(_ clock: ManualClock) -> (log: Log, lines: Box<[String]>) {
        let lines = Box<[String]>([])
        var log = Log(level: .info, hasPrefixes: false) { line in
            lines.value.withLock { $0.append(String(decoding: line.dropLast(), as: UTF8.self)) }
        }
        log.limit = LogLimit(clock: clock.hostClock)
        return (log, lines)
    }

    @Test func `a condition that comes ten thousand times in a day is told a few times an hour, with the count`() {
        let clock = ManualClock(now: .init(seconds: 1_800_000_000))
        let (log, lines) = log(clock)
        for _ in 0..<10_000 {
            log.warning("the pad does not answer")
            clock.advance(.milliseconds(8_640))
        }
        let said = lines.value.withLock { $0 }
        #expect(said.count <= 24 * 4)
        #expect(said.first == "the pad does not answer")
        #expect(said.contains { $0.hasPrefix("the pad does not answer (") && $0.hasSuffix(" times more since it was said last)") })
    }

    @Test func `ten thousand different messages in a minute are cut, and how many is told`() {
        let clock = ManualClock(now: .init(seconds: 1_800_000_000))
        let (log, lines) = log(clock)
        for number in 0..<10_000 { log.warning("message \(number)") }
        #expect(lines.value.withLock { $0.count } == 100)
        clock.advance(.seconds(60))
        log.warning("after it")
        #expect(lines.value.withLock { Array($0.suffix(2)) } == ["9900 messages were left out: too many came together", "after it"])
    }

    @Test func `a name from a pad writes no line and no field of its own`() {
        let datagram = Box<[UInt8]>([])
        let log = Log(level: .debug) { level, text, fields in
            datagram.value.withLock { $0 = Journal.datagram(level, text, fields, identifier: "quartermaster-agent") }
        }
        log.error("file a\nPRIORITY=0\nMESSAGE=forged", [.pad: "/pad\n_UID=0"])
        let lines = datagram.value.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
        #expect(
            lines == [
                "MESSAGE=file a?PRIORITY=0?MESSAGE=forged", "PRIORITY=3", "SYSLOG_IDENTIFIER=quartermaster-agent",
                "QUARTERMASTER_PAD=/pad?_UID=0",
            ])
    }

    @Test(arguments: [
        "\u{9B}31m", "\u{9D}0;title\u{7}", "\u{85}", "\u{202E}txt.exe", "\u{2067}", "\u{61C}", "\u{200F}", "\u{FFF9}", "\u{E0041}",
        "\u{7F}", "\u{2028}",
    ])
    func `what a terminal acts upon, or does not show, is not written`(text: String) throws {
        let (log, lines) = log(ManualClock(now: .init(seconds: 0)))
        log.error("file \(text)", [:])
        let said = try #require(lines.value.withLock { $0.first })
        #expect(said.unicodeScalars.count == "file \(text)".unicodeScalars.count && said.hasPrefix("file ?"))
        #expect(!said.unicodeScalars.contains { text.unicodeScalars.contains($0) && $0.value >= 0x7F })
    }

    @Test func `names in any script are written as they are`() {
        #expect("Zürich 東京 مرحبا".printable == "Zürich 東京 مرحبا")
    }

    @Test func `what is below the level is not told`() {
        let (log, lines) = log(ManualClock(now: .init(seconds: 0)))
        log.debug("no")
        log.notice("yes")
        #expect(lines.value.withLock { $0 } == ["yes"])
    }
}
