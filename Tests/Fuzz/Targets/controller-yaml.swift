// needs: StrictJSON Identifiers Files Inventory ControllerAPI
// corpus: controller-config
// packages: swift-log:Logging Yams:Yams
// sources: Sources/Server/Configuration/*.swift Sources/Server/Metrics/LoopbackAddress.swift
import Yams

/// controller.yaml: every fault names a line, and nothing in it ends the program.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzControllerYAML(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let text = String(validating: UnsafeBufferPointer(start: start, count: count), as: UTF8.self) else { return 0 }
    do throws(ConfigurationFaults) {
        _ = try ConfigurationReader.parse(text, file: "controller.yaml")
    } catch {
        precondition(!error.faults.isEmpty, "a refusal without a fault")
        for fault in error.faults { precondition(fault.line >= 0, "a fault of no line") }
        _ = "\(error)"
    }
    return 0
}
