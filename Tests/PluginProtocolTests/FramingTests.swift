import PluginProtocol
import StrictJSON
import Testing

@Suite struct FramingTests {
    @Test(arguments: [1, 2, 3, 7, 100])
    func `lines come whole, however the bytes are cut`(size: Int) {
        var framer = LineFramer(limit: 10)
        var pieces: [LineFramer.Piece] = []
        let bytes = Array("one\r\n\ntwo\nabcdefghij\nabcdefghijk\nlast\nrest".utf8)
        for start in stride(from: 0, to: bytes.count, by: size) { pieces += framer.append(bytes[start..<min(start + size, bytes.count)]) }
        #expect(
            pieces == [
                .line(Array("one".utf8)), .line(Array("two".utf8)), .line(Array("abcdefghij".utf8)), .overlong, .line(Array("last".utf8)),
            ])
        #expect(framer.pendingBytes == 4)
    }

    @Test func `a line without end is given up once and holds no memory`() {
        var framer = LineFramer(limit: 1000)
        var overlong = 0
        for _ in 0..<100 { overlong += framer.append([UInt8](repeating: 0x78, count: 100)).count }
        #expect(overlong == 1)
        #expect(framer.pendingBytes == 0)
        #expect(framer.append(Array("\nok\n".utf8)) == [.line(Array("ok".utf8))])
    }

    @Test(
        arguments: [
            ("x", PluginFault.Code.parse, nil), ("{}", PluginFault.Code.request, nil), ("[]", PluginFault.Code.request, nil),
            ("{\"jsonrpc\":\"2.0\",\"id\":7}", PluginFault.Code.request, 7),
            ("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":1}", PluginFault.Code.request, 7),
            ("{\"jsonrpc\":\"2.0\",\"method\":\"pool.list\"}", PluginFault.Code.request, nil),
            ("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"pool.list\",\"params\":[]}", PluginFault.Code.request, 7),
        ] as [(String, Int64, Int64?)])
    func `a line that is no request is answered with what is wrong`(line: String, code: Int64, id: Int64?) {
        guard case .failure(let malformed) = PluginRequest.parse(line: line.utf8) else {
            Issue.record("accepted")
            return
        }
        #expect(malformed.fault.code == code)
        #expect(malformed.id == id)
    }

    @Test func `a plug-in's log is bounded and has no control characters`() {
        var limits = PluginLimits()
        limits.logLines = 3
        limits.logLineBytes = 20
        var limiter = LogLimiter(limits: limits)
        let text = "plain\n\u{1B}[31mred\n\(String(repeating: "x", count: 50))\nfour\nfive\n"
        #expect(limiter.append(Array(text.utf8), at: .zero) == ["plain", "\u{FFFD}[31mred", "(a line of more than 20 bytes)"])
        #expect(limiter.append(Array("six\n".utf8), at: .seconds(10)) == ["(2 more lines in 10.0 seconds were left out)", "six"])
        #expect(limiter.lastLine == "six")
    }

    @Test func `a fault without our data is read by its code`() throws {
        func kind(_ text: String) throws -> PluginFaultKind { try PluginFault(json: JSONFields(JSONValue.parse(text))).kind }
        #expect(try kind("{\"code\":-32601,\"message\":\"no such method\"}") == .unsupported)
        #expect(try kind("{\"code\":-32602}") == .invalid)
        #expect(try kind("{\"code\":1,\"data\":\"text\"}") == .internal)
        #expect(try kind("{\"code\":1,\"data\":{\"kind\":\"nonsense\"}}") == .internal)
        #expect(try kind("{\"code\":1,\"data\":{\"kind\":\"noSpace\"}}") == .noSpace)
    }
}
