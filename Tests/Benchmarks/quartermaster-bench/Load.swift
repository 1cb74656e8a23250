import Files
import Foundation
import Identifiers
import ScratchPad
import TestPrograms

/// Messages on pads, and the controller that answers them.
final class Load {
    private let directories: [String]
    private let server: [String]
    /// The answers that each host had before the round under way.
    private var answered: [Fingerprint: Set<String>] = [:]

    init(directories: [String], server: [String]) {
        self.directories = directories
        self.server = server
    }

    /// As the agent does, without forcing each file out: the time that takes is not what is measured.
    func publish(_ message: [UInt8], of host: BenchHost) throws {
        let name = MessageFileName(sender: host.key.fingerprint, sequence: host.last?.sequence ?? 1)
        try host.pad.medium.write(message, as: name.temporary, in: .incoming, durably: false)
        _ = try host.pad.medium.move(name.temporary, in: .incoming, to: name.name, in: .incoming)
    }

    /// Starts the controller, waits until each host has an answer that it did not have before, and stops it. Seconds from start to the last answer.
    func timeUntilAnswered(_ hosts: [BenchHost]) throws -> Double {
        let start = Date()
        let process = try ChildProcess(server[0], Array(server.dropFirst()))
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var waiting = hosts
        while !waiting.isEmpty {
            guard process.isRunning else { throw BenchError.serverEnded(process.terminationStatus) }
            guard Date().timeIntervalSince(start) < 900 else {
                throw BenchError.timedOut(answered: hosts.count - waiting.count, of: hosts.count)
            }
            // Looking costs the machine time that the controller needs: the first one that waits stands for the others.
            if newAnswers(to: waiting[0]).isEmpty {
                Thread.sleep(forTimeInterval: 0.05)
            } else {
                waiting.removeAll { !newAnswers(to: $0).isEmpty }
            }
        }
        let seconds = Date().timeIntervalSince(start)
        for host in hosts { latest[host.key.fingerprint] = newAnswers(to: host).max() }
        for host in hosts { answered[host.key.fingerprint] = names(of: host) }
        return seconds
    }

    /// The answer of the last round.
    func answer(to host: BenchHost) throws -> [UInt8] {
        let name = latest[host.key.fingerprint] ?? ""
        return try readFile(folder(of: host) + "/" + name)
    }

    private var latest: [Fingerprint: String] = [:]

    private func newAnswers(to host: BenchHost) -> Set<String> { names(of: host).subtracting(answered[host.key.fingerprint] ?? []) }

    private func names(of host: BenchHost) -> Set<String> {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder(of: host))) ?? []
        return Set(names.filter { !$0.hasPrefix(".") })
    }

    private func folder(of host: BenchHost) -> String {
        directories[host.number % directories.count] + "/out/" + host.key.fingerprint.hexadecimal
    }
}
