import Files
import Glibc
import ISCSI
import Testing

@testable import Initiator

@Suite struct AddressListTests {
    private let folder: TestFolder
    private let list: AddressList

    init() throws {
        folder = try TestFolder()
        list = AddressList(.portals, in: "\(folder.path)/etc/quartermaster")
    }

    private func address(_ text: String, port: UInt16 = 3260) throws -> PortalAddress {
        try #require(PortalAddress(text, defaultPort: port))
    }

    private var text: String { get throws { String(decoding: try readFile(list.path), as: UTF8.self) } }

    @Test func withoutAFileNothingIsListed() throws {
        #expect(try list.addresses() == [])
        #expect(try list.remove([address("192.0.2.1")]) == [])
        #expect(access(list.path, F_OK) != 0)
    }

    @Test func addressesComeOnceInTheirOrderAndGoAgain() throws {
        let addresses = try ["array.example", "192.0.2.1", "[2001:db8::1]:3261", "array.example:3260"].map { try address($0) }
        #expect(try list.add(addresses) == Array(addresses.prefix(3)))
        #expect(try list.add([addresses[1]]) == [])
        #expect(try text == "array.example:3260\n192.0.2.1:3260\n[2001:db8::1]:3261\n")
        #expect(try list.remove([addresses[1], addresses[1], address("192.0.2.9")]) == [addresses[1]])
        #expect(try list.addresses() == [addresses[0], addresses[2]])
    }

    @Test func everybodyMayReadItAndNothingIsLeftBesideIt() throws {
        let mask = umask(0o077)
        defer { umask(mask) }
        _ = try list.add([address("192.0.2.1")])
        var status = stat()
        #expect(stat(list.path, &status) == 0 && status.st_mode & 0o7777 == 0o644)
        #expect(try FileDescriptor(directory: "\(folder.path)/etc/quartermaster").names() == ["iscsi-portals"])
    }

    @Test func whatPeopleWroteBetweenAddressesStays() throws {
        try folder.file("etc/quartermaster/iscsi-portals", "# east\n  192.0.2.1 \n\n# west\n192.0.2.2:3260\n192.0.2.1:3260", mode: 0o644)
        #expect(try list.addresses() == [address("192.0.2.1"), address("192.0.2.2")])
        #expect(try list.add([address("192.0.2.3")]) == [address("192.0.2.3")])
        #expect(try text == "# east\n  192.0.2.1 \n\n# west\n192.0.2.2:3260\n192.0.2.1:3260\n192.0.2.3:3260\n")
        #expect(try list.remove([address("192.0.2.1")]) == [address("192.0.2.1")])
        #expect(try text == "# east\n\n# west\n192.0.2.2:3260\n192.0.2.3:3260\n")
    }

    @Test func serversHaveTheirOwnPort() throws {
        let servers = AddressList(.servers, in: folder.path)
        try folder.file("iscsi-isns-servers", "isns.example\n", mode: 0o644)
        #expect(try servers.addresses().map(\.description) == ["isns.example:3205"])
    }

    @Test(arguments: [
        "192.0.2.256", "10.0.1", "a b", "192.0.2.1:0", "192.0.2.1:70000", "-x", "192.0.2.1\u{0}", "\u{1B}[2J", "192.0.2.1 # east",
    ])
    func aLineThatIsNoneIsNamedAndNothingIsChanged(line: String) throws {
        let before = "192.0.2.1\n\(line)\n"
        try folder.file("etc/quartermaster/iscsi-portals", before, mode: 0o644)
        for attempt in [{ try list.addresses() }, { try list.add([address("192.0.2.7")]) }, { try list.remove([address("192.0.2.1")]) }] {
            let error = #expect(throws: SetupError.self) { _ = try attempt() }
            #expect(error?.outcome == .initiatorMisconfigured)
            #expect(error?.description.contains("\(list.path), line 2:") == true)
        }
        #expect(try text == before)
    }

    @Test func itIsBounded() throws {
        let all = try (0..<AddressList.maximumCount).map { try address("192.0.\($0 / 250).\($0 % 250)") }
        #expect(try list.add(all).count == AddressList.maximumCount)
        let error = #expect(throws: SetupError.self) { try list.add([address("198.51.100.1")]) }
        #expect(error?.outcome == .invalidParameter)
        #expect(try list.addresses() == all)
        try folder.file("etc/quartermaster/iscsi-portals", String(repeating: "#\n", count: 200_000), mode: 0o644)
        #expect(throws: SetupError.self) { try list.addresses() }
    }
}
