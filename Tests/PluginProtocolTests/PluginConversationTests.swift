import PluginProtocol
import StrictJSON
import Testing

@Suite struct PluginConversationTests {
    private var limits = PluginLimits()

    private func answer(_ id: Int64) -> LineFramer.Piece { .line(Array("{\"jsonrpc\":\"2.0\",\"id\":\(id),\"result\":{}}".utf8)) }

    @Test func `requests are numbered lines, and answers find their request in any order`() {
        var conversation = PluginConversation(limits: limits)
        let (first, write) = conversation.send("pool.list", .object([:]), at: .zero)
        let (second, _) = conversation.send("disk.list", .object([:]), at: .zero)
        #expect(write == .write(Array("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pool.list\",\"params\":{}}\n".utf8)))
        #expect([first, second] == [1, 2])
        #expect(conversation.received(answer(2)) == [.finish(id: 2, .success(.object([:])))])
        #expect(conversation.received(answer(1)) == [.finish(id: 1, .success(.object([:])))])
        #expect(conversation.nextDeadline == nil)
        #expect(conversation.hasWorked)
    }

    @Test func `reads have 30 s and writes 60 s`() {
        var conversation = PluginConversation(limits: limits)
        _ = conversation.send("volume.list", .object([:]), at: .seconds(100))
        #expect(conversation.nextDeadline == .seconds(130))
        #expect(conversation.tick(at: .seconds(129)) == [])
        #expect(
            conversation.tick(at: .seconds(130)) == [.finish(id: 1, .failure(.noAnswer(method: "volume.list", after: .seconds(30))))])
        _ = conversation.send("volume.create", .object([:]), at: .seconds(200))
        #expect(conversation.nextDeadline == .seconds(260))
    }

    @Test func `three missed deadlines in a row end it; an answer in between starts the count anew`() {
        var conversation = PluginConversation(limits: limits)
        func miss(_ count: Int, from start: Duration) -> [PluginConversation.Action] {
            var last: [PluginConversation.Action] = []
            for index in 0..<count {
                let at = start + .seconds(index * 40)
                _ = conversation.send("pool.list", .object([:]), at: at)
                last = conversation.tick(at: at + .seconds(30))
            }
            return last
        }
        #expect(miss(2, from: .zero).count == 1)
        let (id, _) = conversation.send("pool.list", .object([:]), at: .seconds(500))
        _ = conversation.received(answer(id))
        #expect(miss(2, from: .seconds(1000)).count == 1)
        #expect(miss(1, from: .seconds(2000)).last == .end(.missedDeadlines(3)))
    }

    @Test func `an answer that comes too late is noted, not counted as garbage`() {
        var conversation = PluginConversation(limits: limits)
        _ = conversation.send("pool.list", .object([:]), at: .zero)
        _ = conversation.tick(at: .seconds(30))
        #expect(conversation.received(answer(1)) == [.note("answered request 1 too late")])
        guard case .note(let text)? = conversation.received(answer(1)).first else {
            Issue.record("a second answer is not noted")
            return
        }
        #expect(text.contains("nobody sent"))
    }

    @Test(arguments: [
        "this is no JSON", "{}", "[]", "null", "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"result\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{\"code\":1}}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":1,\"result\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"what?\"}}",
        String(repeating: "[", count: 100_000), "{\"jsonrpc\":\"2.0\",\"id\":9223372036854775808,\"result\":{}}",
    ])
    func `a line that answers nothing leaves every request waiting`(line: String) {
        var conversation = PluginConversation(limits: limits)
        _ = conversation.send("pool.list", .object([:]), at: .zero)
        let actions = conversation.received(.line(Array(line.utf8)))
        #expect(actions.count == 1)
        guard case .note? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(conversation.callsUnderWay == 1)
    }

    @Test func `sixteen such lines without an answer between end it; one too long does at once`() {
        var conversation = PluginConversation(limits: limits)
        for _ in 0..<15 { _ = conversation.received(.line(Array("x".utf8))) }
        guard case .end(.garbage(lines: 16, _))? = conversation.received(.line(Array("x".utf8))).first else {
            Issue.record("not ended")
            return
        }
        #expect(conversation.received(.overlong) == [.end(.overlongLine(limit: 16 << 20))])
    }

    @Test func `the end of the process fails everything that is waited for`() {
        var conversation = PluginConversation(limits: limits)
        _ = conversation.send("pool.list", .object([:]), at: .zero)
        _ = conversation.send("disk.list", .object([:]), at: .zero)
        #expect(conversation.cancel(1) == [.finish(id: 1, .failure(.cancelled))])
        #expect(conversation.ended(.stopped) == [.finish(id: 2, .failure(.stopped))])
        #expect(conversation.cancel(2) == [])
    }

    @Test func `pauses double until the plug-in has worked`() {
        var restarts = PluginRestarts(limits: limits)
        #expect(restarts.refusal(at: .zero) == nil)
        var lengths: [Duration] = []
        for _ in 0..<11 {
            restarts.failed(at: .zero, hasWorked: false, because: "it crashed")
            lengths.append(restarts.pause?.until ?? .zero)
        }
        #expect(lengths == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { .seconds($0) })
        #expect(restarts.refusal(at: .seconds(299)) == .paused(remaining: .seconds(1), because: "it crashed"))
        #expect(restarts.refusal(at: .seconds(300)) == nil)
        restarts.failed(at: .seconds(400), hasWorked: true, because: "it crashed")
        #expect(restarts.pause?.until == .seconds(401))
    }
}
