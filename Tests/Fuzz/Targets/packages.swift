// needs: StrictJSON Identifiers Files Inventory HostFacts
@testable import HostFacts

/// dpkg's table, and the names of packages and processes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPackages(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    let known = Set(ApplicationTable.rows.map(\.name))
    for application in ApplicationReader.installed(bytes) {
        precondition(known.contains(application.name) && application.evidence.hasPrefix("package "), "an application that is none")
        precondition(application.version.map { !$0.isEmpty } ?? true, "a version that says nothing")
    }
    let name = String(decoding: bytes, as: UTF8.self)
    for found in [ApplicationTable.application(package: name), ApplicationTable.application(process: name)] {
        precondition(found.map(known.contains) ?? true, "an application that is none")
    }
    return 0
}
