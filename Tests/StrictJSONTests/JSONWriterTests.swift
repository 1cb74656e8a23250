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
