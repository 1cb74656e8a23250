import CLinux
import Files
import Glibc
import Inventory

/// Processes that have block devices open, whatever for: a database on a raw disk, a virtual machine's disk (proc(5), `/proc/PID/fd`).
///
/// What a descriptor is open on is asked without asking a file system, so that none that hangs holds this up.
struct OpenDevices {
    struct Opener: Hashable {
        var process: Int32
        /// `comm`: what the kernel calls it, at most 15 bytes.
        var name: String
        var device: DeviceNumber
    }

    /// The folder of processes: `/proc`.
    let processes: String
    /// They have each path open as long as it is there, or look at what has just come, and give it up by themselves.
    static let passedOver: Set<String> = ["multipathd", "systemd-udevd", "(udev-worker)"]

    init(_ processes: String = "/proc") { self.processes = processes }

    /// Those that have one of the devices open as long as this looks, which it does `looks` times: programs that look at a disk that has just come are
    /// none. Processes that cannot be looked at (another user's) and that end meanwhile are left out.
    func openers(of devices: Set<DeviceNumber>, looks: Int = 15, pause wait: Duration = .milliseconds(100)) -> Set<Opener> {
        var found = look(for: devices)
        for _ in 1..<looks where !found.isEmpty {
            pause(wait)
            found.formIntersection(look(for: devices))
        }
        return found
    }

    /// Whether somebody has a device for himself: a mount, also of another namespace, a pool, a target of this host that exports it (open(2), O_EXCL
    /// of block devices). Nothing is read or written, and what is open stays so; a mount that begins in that very moment would be refused.
    ///
    /// To be asked of devices alone whose sessions work: the kernel waits for one that is in error recovery.
    static func isClaimed(_ path: String, _ device: DeviceNumber, pause wait: Duration = .milliseconds(300)) -> Bool {
        guard isBusy(path, device) else { return false }
        Initiator.pause(wait)
        return isBusy(path, device)
    }

    private static func isBusy(_ path: String, _ device: DeviceNumber) -> Bool {
        var (major, minor) = (UInt32(0), UInt32(0))
        guard quartermaster_block_device(AT_FDCWD, path, &major, &minor) == 1, DeviceNumber(major: major, minor: minor) == device else {
            return false
        }
        let descriptor = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return errno == EBUSY }
        close(descriptor)
        return false
    }

    private func look(for devices: Set<DeviceNumber>) -> Set<Opener> {
        var found: Set<Opener> = []
        for entry in names(processes) {
            guard let process = Int32(entry), process != getpid() else { continue }
            var open: Set<DeviceNumber> = []
            do throws(FileError) {
                let folder = try FileDescriptor(directory: "\(processes)/\(entry)/fd")
                for name in try folder.names(limit: 1 << 20) {
                    var (major, minor) = (UInt32(0), UInt32(0))
                    guard quartermaster_block_device(folder.number, name, &major, &minor) == 1 else { continue }
                    open.insert(DeviceNumber(major: major, minor: minor))
                }
            } catch {
                // It has ended, or is another user's.
                continue
            }
            open.formIntersection(devices)
            guard !open.isEmpty, let name = comm(entry), !Self.passedOver.contains(name) else { continue }
            for device in open { found.insert(Opener(process: process, name: name, device: device)) }
        }
        return found
    }

    private func names(_ path: String) -> [String] {
        do throws(FileError) { return try FileDescriptor(directory: path).names(limit: 1 << 22) } catch { return [] }
    }

    private func comm(_ process: String) -> String? {
        do throws(FileError) {
            return String(decoding: try readFile("\(processes)/\(process)/comm", limit: 64).prefix { $0 != 0x0A }, as: UTF8.self)
        } catch {
            return nil
        }
    }
}
