// needs: StrictJSON Identifiers Files Inventory CSQLite HostFacts
@testable import HostFacts

/// The tables of dpkg and apk, RPM's headers, the names of packages and processes, an administrator's table of applications.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPackages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    for (package, version) in DebianPackages.names(bytes) + AlpinePackages.names(bytes) {
        precondition(!package.isEmpty && version.map { !$0.isEmpty } ?? true, "a name or a version that says nothing")
    }
    if case .success(let header) = RPMHeader.parse(bytes) {
        precondition(header.version.map { !$0.isEmpty } ?? true, "a version that says nothing")
    }
    let text = String(decoding: bytes, as: UTF8.self)
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

private let table = ApplicationTable.parse([ApplicationTable.builtIn]).table
