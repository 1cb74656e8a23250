import Inventory
import Testing

@Suite struct NameIndexTests {
    @Test(arguments: [0, 1, 7, 8, 9, 16, 17, 5000]) func everyNameIsFoundAndNoOther(count: Int) {
        let names = (0..<count).map { "sd\($0)" }
        let index = NameIndex(names)
        for (position, name) in names.enumerated() { #expect(index[name] == position) }
        #expect(index["sd"] == nil)
        #expect(index["sd\(count)"] == nil)
    }

    @Test(arguments: [3, 30]) func theFirstOfEqualNamesCountsAndNilHasNone(count: Int) {
        let names: [String?] = [nil, "a", nil, "a", "b"] + (0..<count).map { "x\($0)" } + ["b", "a"]
        let index = NameIndex(names)
        #expect(index["a"] == 1)
        #expect(index["b"] == 4)
        #expect(index["x0"] == 5)
    }

    @Test(arguments: [3, 30]) func insertingKeepsAPositionAndSettingReplacesIt(count: Int) {
        var index = NameIndex((0..<count).map { "x\($0)" })
        index.insert("x2", at: 99)
        #expect(index["x2"] == 2)
        index.set("x2", to: 99)
        index.set("new", to: 7)
        index.insert("newer", at: 8)
        #expect(index["x2"] == 99)
        #expect(index["new"] == 7)
        #expect(index["newer"] == 8)
    }

    @Test(arguments: [0, 30]) func theDeepestPlaceHoldsAPath(others: Int) {
        let index = NameIndex(["/", "/a", "/a/b/c", "/a/bb", "/ü"] + (0..<others).map { "/x\($0)" })
        let expected: [(String, Int?, Int?)] = [
            ("/", 0, nil), ("/a", 1, 0), ("/a/", 1, 1), ("/a/b", 1, 1), ("/a/b/c", 2, 1), ("/a/b/c/d/e", 2, 2), ("/a/b/cc", 1, 1),
            ("/aa", 0, 0),
            ("/ü/é", 4, 4), ("/u\u{308}", 0, 0), ("", nil, nil), ("a/b", nil, nil),
        ]
        for (path, place, above) in expected {
            #expect(index.deepest(holding: path)?.position == place, "\(path)")
            #expect(index.deepest(holding: path, itself: false)?.position == above, "above \(path)")
        }
        #expect(index.deepest(holding: "/a/b/c/d")?.length == 6)
        #expect(NameIndex(["/a"]).deepest(holding: "/b") == nil)
    }

    /// A million lookups of one would take hours if each began at the path's end again.
    @Test func aPathOfThousandsOfDirectoriesIsGoneThroughOnce() {
        let index = NameIndex((0..<20).map { "/x\($0)" })
        let path = "/x7" + String(repeating: "/a", count: 2_000)
        for _ in 0..<2_000 { #expect(index.deepest(holding: path)?.position == 7) }
    }
}

@Suite struct NumberTextTests {
    @Test(arguments: [(0, 0), (8, 0), (253, 4_294_967_295), (4_294_967_295, 10)]) func aDeviceNumberReadsAsItIsWritten(
        major: UInt32, minor: UInt32
    ) {
        let number = DeviceNumber(major: major, minor: minor)
        #expect(number.description == "\(major):\(minor)")
        #expect(DeviceNumber(number.description) == number)
    }

    @Test func aSCSIAddressReadsAsItIsWritten() {
        let address = SCSIAddress(host: 4_294_967_295, channel: 0, target: 10, lun: 9_223_372_036_854_775_807)
        #expect(address.description == "4294967295:0:10:9223372036854775807")
        #expect(SCSIAddress(address.description) == address)
    }
}
