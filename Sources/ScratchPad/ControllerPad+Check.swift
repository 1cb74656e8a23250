import Identifiers
import Sealing

/// Something that `pad check` found, with what can be done.
package struct PadProblem: Equatable, Sendable, CustomStringConvertible {
    /// `directory`, `header`, `in`, `out` or `bad`.
    package var part: String
    package var reason: String
    package var remedy: String

    package var description: String { "\(part): \(reason); \(remedy)" }
}

extension ControllerPad {
    /// Tests a pad from end to end: reads and judges the header as a host would, then publishes, reads, renames and removes files of its own in
    /// every folder, forcing them out; and sees whether the modes let other machines' users do what hosts do. An empty answer means that all
    /// of it worked.
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
            problems.append(PadProblem(part: "header", reason: "\(error)", remedy: remedy(error)))
        }
        if let problem = checkModes(.root, part: "directory") { problems.append(problem) }
        for folder in PadFolder.fixed {
            if let problem = check(folder) ?? checkModes(folder, part: folder.path) { problems.append(problem) }
        }
        return problems
    }

    private func remedy(_ error: PadError) -> String {
        guard case .header(let fault) = error else { return "check the directory and its mount" }
        switch fault {
        case .otherPad, .otherController: return "see what is mounted there; another pad is not written over"
        case .missing:
            // Where nothing of the pad is there, its file system may be missing, and not the pad.
            do throws(PadError) {
                for folder in PadFolder.fixed where try medium.stamp(folder) != nil { return "run quartermaster pad repair" }
            } catch {}
            return "mount the pad's file system; if the pad is lost for good, run quartermaster pad repair with --recreate"
        default: return "run quartermaster pad repair"
        }
    }

    /// The controller may be root, whom no mode keeps out; hosts come as other users, where the storage maps root to nobody.
    private func checkModes(_ folder: PadFolder, part: String) -> PadProblem? {
        let wanted: (needs: UInt32, not: UInt32, what: String) =
            switch folder {
            case .root: (0o005, 0o002, "hosts must be able to look into it, and not to write there")
            case .incoming: (0o1007, 0, "hosts must be able to write there, and with the sticky bit not to remove each other's files")
            case .outgoing, .replies: (0o005, 0o002, "hosts must be able to look into it, and not to write there")
            case .quarantine: (0, 0o007, "nobody else must look into it")
            }
        func problem(_ mode: UInt32, _ what: String) -> PadProblem {
            PadProblem(
                part: part, reason: "its mode is \(String(mode, radix: 8)): \(what)",
                remedy: "run quartermaster pad repair, or as the owner chmod")
        }
        do throws(PadError) {
            if let mode = try medium.permissions(of: nil, in: folder), mode & wanted.needs != wanted.needs || mode & wanted.not != 0 {
                return problem(mode, wanted.what)
            }
            if folder == .root, let mode = try medium.permissions(of: PadHeader.fileName, in: .root), mode & 0o004 == 0 {
                return problem(mode, "hosts must be able to read pad.p7s")
            }
        } catch {
            return PadProblem(part: part, reason: "its mode cannot be seen: \(error)", remedy: "check the directory and its mount")
        }
        return nil
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
