import StrictJSON
import Testing

@Suite struct JSONWriterTests {
    @Test func whatIsWrittenReadsBackEqual() throws {
        let value: JSONValue = [
            "text": "quote \" back \\ tab \t bell \u{7} é 😀", "list": [1, -2, true, false, nil, .number(0.25)],
            "empty": .object(JSONObject()), "none": [],
        ]
        #expect(try JSONValue.parse(value.jsonBytes) == value)
    }

    @Test func membersStandInTheOrderOfWritingAndNilIsLeftOut() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("b", 1)
            writer.member("absent", String?.none)
            writer.member("a", strings: ["x", "y"])
            writer.member("inner") { $0.member("yes", true) }
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"b":1,"a":["x","y"],"inner":{"yes":true}}"#)
    }
}

@Suite struct JSONEscapeTests {
    /// As RFC 8259 section 7 asks, a character at a time.
    private static func plainly(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u00" + (digits.utf8.count == 1 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// Text is looked through eight bytes at a time, and then the rest.
    @Test(arguments: 0..<20) func eachByteIsEscapedWhereverItStands(length: Int) {
        for byte in UInt8.min...0x80 {
            for position in 0...length {
                var text = String(repeating: "é", count: position / 2) + String(repeating: "x", count: length - position / 2)
                text.unicodeScalars.insert(
                    byte < 0x80 ? Unicode.Scalar(byte) : "\u{2028}", at: text.unicodeScalars.index(text.startIndex, offsetBy: position))
                var writer = JSONWriter()
                writer.string(text)
                #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.plainly(text))
            }
        }
    }

    @Test func whatIsWrittenGrowsWithoutEnd() {
        var writer = JSONWriter(reservingCapacity: 3)
        writer.array { writer in for number in 0..<10_000 { writer.integer(number) } }
        #expect(writer.bytes == Array("[\((0..<10_000).map(String.init).joined(separator: ","))]".utf8))
    }
}

@Suite struct JSONFieldsTests {
    static let fields = try? JSONFields([
        "name": "x", "size": 3, "flag": true, "gone": nil, "list": [["n": 1], ["n": 2]], "words": ["a", "b"],
    ])

    @Test func membersAreReadByType() throws {
        let fields = try #require(Self.fields)
        #expect(try fields.string("name") == "x")
        #expect(try fields.integer("size", in: 1...3) == 3)
        #expect(try fields.bool("flag"))
        #expect(try fields.optionalString("gone") == nil)
        #expect(try fields.objects("list") { (inner) throws(JSONError) in try inner.integer("n") } == [1, 2])
        #expect(try fields.strings("words") == ["a", "b"])
        #expect(try fields.strings("absent") == [])
    }

    @Test func whatIsWrongIsNamedByItsPath() throws {
        let fields = try #require(Self.fields)
        #expect(throws: JSONError.missing(path: "nothing")) { try fields.string("nothing") }
        #expect(throws: JSONError.wrongType(path: "size", expected: "a string")) { try fields.string("size") }
        #expect(throws: JSONError.invalid(path: "size", reason: "is not within 4 to 9")) { try fields.integer("size", in: 4...9) }
        #expect(throws: JSONError.invalid(path: "name", reason: "is longer than 0 bytes")) { try fields.string("name", maximumLength: 0) }
        #expect(throws: JSONError.missing(path: "list[0].m")) {
            _ = try fields.objects("list") { (inner) throws(JSONError) in try inner.integer("m") }
        }
        #expect(throws: JSONError.invalid(path: "list", reason: "has 2 entries; at most 1 are read")) {
            _ = try fields.objects("list", maximumCount: 1) { (inner) throws(JSONError) in try inner.integer("n") }
        }
    }
}
