// needs: StrictJSON Identifiers Files Inventory HostFacts
@testable import HostFacts

/// The tables of dpkg and apk, RPM's headers and its file of slots, the names of packages and processes, an administrator's table of applications.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPackages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    for (package, version) in DebianPackages.names(bytes) + AlpinePackages.names(bytes) {
        precondition(!package.isEmpty && version.map { !$0.isEmpty } ?? true, "a name or a version that says nothing")
    }
    if case .success(let header) = RPMHeader.parse(bytes) {
        precondition(header.version.map { !$0.isEmpty } ?? true, "a version that says nothing")
    }
    let beginning = UnsafeRawBufferPointer(rebasing: bytes.prefix(count / 2))
    switch RPMHeader.parse(beginning: beginning, of: count) {
    case nil: break
    case .success(let header): precondition(RPMHeader.parse(bytes) == .success(header), "a header says two things")
    case .failure: precondition((try? RPMHeader.parse(bytes).get()) == nil, "a header that is refused by its beginning alone")
    }
    readSlots(bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    for (_, path) in RunningProcesses.directories(of: ["-D", "--datadir"], in: text.split(separator: "\0").map(String.init)) {
        precondition(path.hasPrefix("/"), "an argument that is no path")
    }
    let known = Set(table.rows.map(\.name))
    for found in [table.row(package: text), table.row(process: text), table.row(javaClass: text)] {
        precondition(found.map { known.contains($0.name) } ?? true, "an application that is none")
    }
    let (extended, faults) = ApplicationTable.parse([ApplicationTable.builtIn, text])
    precondition(faults[0].isEmpty && extended.rows.allSatisfy { !$0.name.isEmpty }, "a row without a name")
    for path in ApplicationSettings.paths(of: "datadir", in: bytes) { precondition(path.hasPrefix("/"), "a path that is none") }
    _ = PacmanPackages.split(text)
    return 0
}

/// RPM's own format, from memory. It begins with what the format wants, so that what follows is looked at.
private func readSlots(_ bytes: UnsafeRawBufferPointer) {
    var file = Array(bytes)
    if file.count >= 4096, file[0] == 0 {
        file.replaceSubrange(0..<16, with: [0x52, 0x70, 0x6D, 0x50, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])
    }
    let slots = RPMSlotFile(size: Int64(file.count)) { offset, buffer in
        precondition(offset >= 0, "a place before the beginning")
        guard offset < file.count else { return .success(0) }
        let part = file[Int(offset)...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        return .success(part.count)
    }
    let (headers, _) = slots.headers()
    precondition(headers.count <= 256 * file.count / 4096, "more packages than slots")
}

private let table = ApplicationTable.parse([ApplicationTable.builtIn]).table
