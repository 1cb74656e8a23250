import Files

/// A process of the agent has its turn for a few steps; the next one waits for it. A child that was just started holds a copy of every
/// lock, too, until its own program begins.
enum Turn {
    static let usualPatience = Duration.seconds(10)

    /// Takes the lock in `file`, on the machine's own clock; throws `.busy` for `path` where another process keeps it.
    static func wait(for file: String, of path: String, patience: Duration = usualPatience) throws(AgentError) -> FileLock {
        let clock = HostClock.system
        let end = clock.uptime() + patience
        while true {
            do throws(FileError) {
                return try FileLock(file)
            } catch .locked {
                guard clock.uptime() < end else { throw .busy(path: path) }
                clock.pause(.milliseconds(5))
            } catch {
                throw .file(error)
            }
        }
    }
}
