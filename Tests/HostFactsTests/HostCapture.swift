import Foundation
import TestPrograms

/// An archive of Tests/Golden/captures, unpacked into a fresh directory. Removed at the end of its life.
final class HostCapture {
    enum Failure: Error { case tar(status: Int32, words: String) }

    /// Without `.tar.xz`, sorted.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return files.filter { $0.hasSuffix(".tar.xz") }.map { String($0.dropLast(".tar.xz".count)) }.sorted()
    }()

    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden/captures").path

    /// What the agent takes as its sysroot.
    let root: String
    /// Removed with all that is in it.
    let parent: String

    init(_ name: String) throws {
        parent = NSTemporaryDirectory() + "quartermaster-capture-\(UUID().uuidString)"
        root = "\(parent)/\(name)"
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        let run = try ChildProcess.run("/bin/tar", ["-C", parent, "-xJf", "\(Self.directory)/\(name).tar.xz"])
        guard run.status == 0 else { throw Failure.tar(status: run.status, words: String(decoding: run.output, as: UTF8.self)) }
    }

    deinit { try? FileManager.default.removeItem(atPath: parent) }
}
