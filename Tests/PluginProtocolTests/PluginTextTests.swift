import PluginProtocol
import StrictJSON
import Testing

@Suite struct PluginTextTests {
    @Test func `text that would forge lines or steer a terminal is made harmless, and bounded`() {
        #expect(
            PluginText.cleaned("a\n\u{1B}[31mb\u{7F}\u{9B}\u{2028}\u{202E}ä") == "a\u{FFFD}\u{FFFD}[31mb\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}ä")
        #expect(PluginText.cleaned(String(repeating: "ä", count: 10), limit: 7) == "äää…")
    }

    @Test func `a fault's text is cleaned when it is read`() throws {
        let line = #"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no\n\u001b[2J","data":{"kind":"internal","field":"x\ny"}}}"#
        guard case .failure(let fault) = try PluginResponse.parse(line: Array(line.utf8)).outcome else {
            Issue.record("no fault")
            return
        }
        #expect(fault.message == "no\u{FFFD}\u{FFFD}[2J")
        #expect(fault.field == "x\u{FFFD}y")
    }

    @Test func `an entry that is not believed is named in clean text`() throws {
        let result = try JSONValue.parse(Array(##"{"pools":[{"poolID":"a\n\u001b[31mx","na\u001bme":1}]}"##.utf8), limits: JSONLimits())
        let list = try PluginList<PluginPool>(result: result, key: "pools", idKey: "poolID")
        #expect(list.entries.isEmpty)
        #expect(list.malformed.map(\.id) == ["a\u{FFFD}\u{FFFD}[31mx"])
        #expect(list.malformed.allSatisfy { $0.text.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
        let error = PluginCallError.malformed(method: "pool.list", .invalid(path: "na\u{1B}me", reason: "x\ny"))
        #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
