import Identifiers
import Testing

@testable import ScratchPad

/// What every medium does, whatever it is made of.
@Suite struct MediumContractTests {
    static let contents = Array("contents".utf8)

    func medium(_ kind: MediumKind) throws -> (any PadMedium, TestPad) {
        let pad = try TestPad(kind)
        return (pad.medium, pad)
    }

    @Test(arguments: MediumKind.allCases)
    func `what was written is listed and read`(kind: MediumKind) throws {
        let (medium, _pad) = try medium(kind)
        _ = _pad
        try medium.write(Self.contents, as: name("a"), in: .incoming, durably: true)
        try medium.write([], as: name("b"), in: .incoming, durably: false)
        #expect(try Set(medium.names(in: .incoming, limit: 10)) == [name("a"), name("b")])
        #expect(try medium.names(in: .incoming, limit: 1).count == 1)
        #expect(try medium.read(name("a"), in: .incoming, limit: 8) == .content(Self.contents))
        #expect(try medium.read(name("b"), in: .incoming, limit: 8) == .content([]))
        #expect(try medium.read(name("c"), in: .incoming, limit: 8) == nil)
    }

    @Test(arguments: MediumKind.allCases)
    func `a file above the limit is not read`(kind: MediumKind) throws {
        let (medium, _pad) = try medium(kind)
        _ = _pad
        try medium.write(Self.contents, as: name("a"), in: .incoming, durably: false)
        #expect(try medium.read(name("a"), in: .incoming, limit: 7) == .fault(.tooLarge(bytes: 8, limit: 7)))
    }

    @Test(arguments: MediumKind.allCases)
    func `a name that is taken is not written`(kind: MediumKind) throws {
        let (medium, _pad) = try medium(kind)
        _ = _pad
        try medium.write(Self.contents, as: name("a"), in: .incoming, durably: false)
        #expect(throws: PadError.self) { try medium.write([1], as: name("a"), in: .incoming, durably: false) }
        #expect(try medium.read(name("a"), in: .incoming, limit: 8) == .content(Self.contents))
    }

    @Test(arguments: MediumKind.allCases)
    func `renaming replaces, moves between folders, and says where there was nothing`(kind: MediumKind) throws {
        let (medium, _pad) = try medium(kind)
        _ = _pad
        try medium.write(Self.contents, as: name("a"), in: .incoming, durably: false)
        try medium.write([1], as: name("b"), in: .quarantine, durably: false)
        #expect(try medium.move(name("a"), in: .incoming, to: name("b"), in: .quarantine))
        #expect(try medium.names(in: .incoming, limit: 10).isEmpty)
        #expect(try medium.read(name("b"), in: .quarantine, limit: 8) == .content(Self.contents))
        #expect(try !medium.move(name("a"), in: .incoming, to: name("c"), in: .incoming))
    }

    @Test(arguments: MediumKind.allCases)
    func `removing says whether there was something`(kind: MediumKind) throws {
        let (medium, _pad) = try medium(kind)
        _ = _pad
        try medium.write(Self.contents, as: name("a"), in: .incoming, durably: false)
        #expect(try medium.remove(name("a"), in: .incoming))
        #expect(try !medium.remove(name("a"), in: .incoming))
    }

    @Test(arguments: MediumKind.allCases)
    func `a folder that is not there is empty, and not written to`(kind: MediumKind) throws {
        let (medium, _pad) = try medium(kind)
        _ = _pad
        let folder = PadFolder.replies(try fingerprint(7))
        #expect(try medium.stamp(folder) == nil)
        #expect(try medium.names(in: folder, limit: 10).isEmpty)
        #expect(try medium.read(name("a"), in: folder, limit: 8) == nil)
        #expect(try !medium.remove(name("a"), in: folder))
        #expect(throws: PadError.self) { try medium.write([1], as: name("a"), in: folder, durably: false) }
        try medium.make(folder)
        try medium.make(folder)
        try medium.write([1], as: name("a"), in: folder, durably: true)
        #expect(try medium.stamp(folder) != nil)
        try medium.synchronize(folder)
        try medium.synchronize(nil)
        #expect(try medium.names(in: .outgoing, limit: 10) == [name(fingerprint(7).hexadecimal)])
        #expect(try medium.remove(name(fingerprint(7).hexadecimal), in: .outgoing))
        #expect(try medium.stamp(folder) == nil)
    }

    @Test(arguments: MediumKind.allCases)
    func `a planted file in a folder's place is moved aside`(kind: MediumKind) throws {
        let (medium, _pad) = try medium(kind)
        _ = _pad
        #expect(try medium.remove(name("in"), in: .root))
        try medium.write(Self.contents, as: name("in"), in: .root, durably: false)
        #expect(try medium.stamp(.incoming) == nil)
        try medium.make(.incoming)
        #expect(try medium.stamp(.incoming) != nil)
        let aside = try medium.names(in: .root, limit: 10).filter { $0.description.hasPrefix(".aside-") }
        #expect(aside.count == 1)
    }
}
