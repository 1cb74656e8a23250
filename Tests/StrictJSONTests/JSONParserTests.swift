import StrictJSON
import Testing

@Suite struct JSONParserTests {
    static let wellFormed: [(String, JSONValue)] = [
        ("null", .null), (" true ", .bool(true)), ("-0", .integer(0)), ("12", .integer(12)),
        ("-9223372036854775808", .integer(.min)), ("1.5e3", .number(1500)),
        ("18446744073709551615", .number(18_446_744_073_709_551_616)),
        (#""a\u00e9\ud83d\ude00\n\/""#, .string("aé😀\n/")), ("[]", .array([])), ("{}", .object(JSONObject())),
        (#"{"a":[1,{"b":null}]}"#, .object(["a": .array([.integer(1), .object(["b": .null])])])),
    ]

    @Test(arguments: wellFormed)
    func aWellFormedTextIsRead(text: String, expected: JSONValue) throws {
        #expect(try JSONValue.parse(text) == expected)
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "01", "1.", ".5", "+1", "1e", "--1", "NaN", "1e999", "[1,]", "[1 2]", "[", "{", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#, "{a:1}", "'a'", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"",
        "1 2", "{} {}", "[1]]", "\u{FEFF}1", "/**/1",
    ])
    func aMalformedTextIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue.parse(text) }
    }

    @Test func aKeyGivenTwiceIsRefused() {
        #expect(throws: JSONError.duplicateKey("a", offset: 7)) { try JSONValue.parse(#"{"a":1,"a":2}"#) }
        #expect(throws: JSONError.duplicateKey("a", offset: 7)) { try JSONValue.parse(#"{"a":1,"\u0061":2}"#) }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: JSONError.syntax(offset: 1, reason: "a string that is not UTF-8")) {
            try JSONValue.parse([UInt8(ascii: "\""), 0xC3, 0x28, UInt8(ascii: "\"")])
        }
    }

    @Test func depthAndSizeAreBounded() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSONValue.parse(nested(32)) }
        #expect(throws: JSONError.tooDeep(offset: 32, limit: 32)) { try JSONValue.parse(nested(33)) }
        #expect(throws: JSONError.self) { try JSONValue.parse(nested(1_000_000)) }
        #expect(throws: JSONError.tooLarge(bytes: 4, limit: 3)) { try JSONValue.parse("1234", limits: JSONLimits(maximumBytes: 3)) }
    }
}
