import Identifiers
import Sealing

/// Something that `pad check` found, with what can be done.
package struct PadProblem: Equatable, Sendable, CustomStringConvertible {
    /// `header`, `in`, `out`, `bad`, `write`, …
    package var part: String
    package var reason: String
    package var remedy: String

    package var description: String { "\(part): \(reason); \(remedy)" }
}

extension ControllerPad {
    /// Tests a pad from end to end: reads and judges the header as a host would, then publishes, reads, renames and removes files of its own in
    /// every folder, forcing them out. An empty answer means that all of it worked.
    package func check(keys: ControllerKeys, expected: KnownPad?, now: Timestamp) -> [PadProblem] {
        var problems: [PadProblem] = []
        do throws(PadError) {
            let host = try HostPad.open(medium, trust: .pinned(keys.fingerprint), known: expected, now: now)
            if host.verified.decryption.fingerprint != keys.decryption.certificate.fingerprint,
                keys.recipientKeys[host.verified.decryption.fingerprint] == nil
            {
                problems.append(
                    PadProblem(
                        part: "header", reason: "it asks hosts to seal for a key that this controller does not have",
                        remedy: "run quartermaster pad repair"))
            }
        } catch {
            let isHeader = if case .header = error { true } else { false }
            problems.append(
                PadProblem(
                    part: "header", reason: "\(error)",
                    remedy: isHeader ? "run quartermaster pad repair" : "check the directory and its mount"))
        }
        for folder in [PadFolder.incoming, .outgoing, .quarantine] {
            if let problem = check(folder) { problems.append(problem) }
        }
        return problems
    }

    private func check(_ folder: PadFolder) -> PadProblem? {
        var step = "look at it"
        let probe = PadName(known: ".check-\(MessageFileName.digits(.random(in: 0 ... .max))).tmp")
        let renamed = PadName(known: ".check-\(MessageFileName.digits(.random(in: 0 ... .max))).tmp")
        let contents = Secrets.random(8192)
        do throws(PadError) {
            guard try medium.stamp(folder) != nil else {
                return PadProblem(part: folder.path, reason: "there is no such directory", remedy: "run quartermaster pad repair")
            }
            step = "write and force out a file"
            try medium.write(contents, as: probe, in: folder, durably: true)
            step = "rename a file"
            guard try medium.move(probe, in: folder, to: renamed, in: folder) else { return lost(folder, "before it was renamed") }
            step = "force out the directory"
            try medium.synchronize(folder)
            step = "list the directory"
            guard try medium.names(in: folder, limit: Self.maximumNames).contains(renamed) else { return lost(folder, "from the list") }
            step = "read the file back"
            guard try medium.read(renamed, in: folder, limit: contents.count) == .content(contents) else {
                return lost(folder, "or was altered before it was read back")
            }
            step = "remove the file"
            guard try medium.remove(renamed, in: folder) else { return lost(folder, "before it was removed") }
            return nil
        } catch {
            for name in [probe, renamed] {
                // What is left has a temporary name, and is swept later.
                do throws(PadError) { _ = try medium.remove(name, in: folder) } catch {}
            }
            return PadProblem(
                part: folder.path, reason: "cannot \(step): \(error)",
                remedy: "check permissions, free space and the mount's options, then run quartermaster pad check again")
        }
    }

    private func lost(_ folder: PadFolder, _ when: String) -> PadProblem {
        PadProblem(
            part: folder.path, reason: "a test file vanished \(when)",
            remedy: "see who else writes here; a shared pad's neighbours can")
    }
}
