import Foundation

/// The executables of this package that were built together with the running tests.
package enum BuiltProducts {
    /// Why an executable could not be found.
    package enum Failure: Error, Equatable { case notBuilt(name: String, searched: [String]) }

    /// The directory that holds the test bundle and the executables, e.g. `.build/debug`.
    package static func directory() throws -> String {
        URL(fileURLWithPath: try path("quartermaster-plugin-simulator")).deletingLastPathComponent().path
    }

    /// The absolute path of the executable `name`; throws where it was not built, and names the places searched.
    ///
    /// The test runner is the bundle itself or a helper of the toolchain that was handed the bundle's path, so both the program and its
    /// arguments are walked upwards.
    package static func path(_ name: String) throws -> String {
        var searched: [String] = []
        var starts = CommandLine.arguments.filter { $0.contains("/") }
        starts.append(Bundle.main.bundlePath)
        if let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") { starts.append(own) }
        starts.append(FileManager.default.currentDirectoryPath + "/.build/debug/-")
        for start in starts {
            var directory = URL(fileURLWithPath: start).deletingLastPathComponent()
            for _ in 0..<4 where directory.path != "/" {
                let candidate = directory.appendingPathComponent(name).path
                var isDirectory: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory), !isDirectory.boolValue,
                    FileManager.default.isExecutableFile(atPath: candidate)
                {
                    return candidate
                }
                searched.append(directory.path)
                directory.deleteLastPathComponent()
            }
        }
        throw Failure.notBuilt(name: name, searched: searched)
    }
}
