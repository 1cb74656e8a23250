import Files
import Glibc
import Identifiers
import Sealing

/// A pad as the controller sees it: one value for each pad, used by one worker at a time. Blocks as long as the storage does.
///
/// A pass is: `collect`, then (after what was collected is committed) `delete` and `quarantine`, `deliver`, and at the end `flush`.
package struct ControllerPad: Sendable {
    package let medium: any PadMedium
    package let limits: PadLimits

    var rule: PollingRule
    var queue = LaneQueue()
    /// Temporary files of others, and when they were first seen by the monotonic clock.
    var temporaries: [PadName: Duration] = [:]
    var watch: HeaderWatch
    /// Names in `in` that can neither be removed nor renamed: they are left alone.
    var immovable: Set<PadName> = []
    /// Something was delivered since the last flush.
    var needsFlush = false

    /// `header` is the signed header that the pad should have; without one, any is taken for right. `phase` moves full looks apart.
    package init(medium: any PadMedium, limits: PadLimits = PadLimits(), header: [UInt8]? = nil, phase: Duration = .zero) {
        self.medium = medium
        self.limits = limits
        watch = HeaderWatch(header: header)
        rule = PollingRule(phase: phase)
    }

    /// How much one pass takes.
    package struct Budget: Equatable, Sendable {
        package var files: Int
        package var bytes: Int
        /// Names that are read of the directory.
        package var names: Int

        package init(files: Int = 512, bytes: Int = 32 << 20, names: Int = 100_000) {
            self.files = files
            self.bytes = bytes
            self.names = names
        }
    }

    /// What a pass found.
    package struct Collection: Sendable {
        package var files: [CollectedFile] = []
        /// More waits than was taken: come again without waiting for the interval.
        package var hasMore = false
        /// Lanes with more waiting than one sender may have, and how many files.
        package var flooding: [Lane: Int] = [:]
        /// Files under names that no host gives, beyond the one portion that they share.
        package var excessOddNames = 0
        /// The folder held more names than are read at once.
        package var isOverfull = false
        /// False where the folder's times saved the look.
        package var looked = false
        /// Where the look was saved: until when the next ones are.
        package var quiet: Quiet?
        /// What was wrong with the header in the pad's own directory; it has been put back.
        package var mendedHeader: PadHeaderFault?
    }

    /// A folder whose times save the looks into it: as long as it bears this stamp, and up to a time of the monotonic clock.
    package struct Quiet: Equatable, Sendable {
        let stamp: FolderStamp
        let until: Duration

        /// Whether `collect` would find now that the look is saved. False where the folder cannot be looked at: `collect` says why.
        package func holds(elapsed: Duration, on medium: any PadMedium) -> Bool {
            guard elapsed < until else { return false }
            do throws(PadError) { return try medium.stamp(.incoming) == stamp } catch { return false }
        }
    }
}

extension ControllerPad {
    /// Reads what waits, in an order that gives each lane its turn. Files stay until `delete` or `quarantine`; call `lookAgain` where what was
    /// collected could not be committed, and the next pass brings it again. `prefers` tells lanes of hosts that are known here: they get half of each pass where there is enough of both.
    ///
    /// Throws `.gone` where the pad is not there, `.header` where it has become another pad.
    package mutating func collect(
        _ budget: Budget, elapsed: Duration, now: Timestamp, prefers: (Lane) -> Bool = { _ in true }
    ) throws(PadError) -> Collection {
        guard let stamp = try medium.stamp(.incoming) else { return try absent(elapsed: elapsed) }
        var collection = Collection()
        guard rule.mustLook(stamp, elapsed: elapsed, now: now) || !queue.isEmpty else {
            collection.quiet = rule.quietUntil.map { Quiet(stamp: stamp, until: $0) }
            return collection
        }
        collection.mendedHeader = try watch.check(medium, folder: stamp, elapsed: elapsed)
        var names = try medium.names(in: .incoming, limit: budget.names)
        collection.looked = true
        collection.isOverfull = names.count >= budget.names
        sweep(names, elapsed: elapsed, isOverfull: collection.isOverfull)
        if !immovable.isEmpty {
            immovable.formIntersection(names)
            names.removeAll { immovable.contains($0) }
        }
        queue.replace(with: names.filter { !$0.isHidden })
        collection.flooding = queue.lanes(above: limits.pendingMessages)
        shed(&collection)
        var bytes = 0
        while collection.files.count < budget.files, bytes < budget.bytes, let name = queue.next(prefers: prefers) {
            guard let content = try content(of: name) else { continue }
            if case .content(let read) = content { bytes += read.count }
            collection.files.append(CollectedFile(name: name, content: content))
        }
        collection.hasMore = !queue.isEmpty
        rule.looked(at: elapsed)
        return collection
    }

    /// The next pass looks, whatever the folder's times say.
    package mutating func lookAgain() { rule.forget() }

    /// Removes what was handled and committed. What is gone already is no fault; what cannot be removed is left alone from here on.
    package mutating func delete(_ name: PadName) throws(PadError) {
        do throws(PadError) { _ = try medium.remove(name, in: .incoming) } catch {
            leaveAlone(name, error)
            throw error
        }
    }

    /// A name whose owner has seen to it that it stays (immutable, a mount point, another user's directory) must not stop the pad.
    mutating func leaveAlone(_ name: PadName, _ error: PadError) {
        guard case .file(.system(_, _, let errno)) = error, [EPERM, EACCES, EBUSY, EXDEV, ENOTEMPTY, ELOOP].contains(errno) else { return }
        // Bounded by what is listed at once: each look forgets the names that are gone.
        immovable.insert(name)
    }

    private func content(of name: PadName) throws(PadError) -> PadFile? {
        guard MessageFileName(name) != nil else {
            // Whatever it is, it goes to the quarantine unread.
            return .fault(.oddName)
        }
        return try medium.read(name, in: .incoming, limit: limits.messageBytes)
    }

    /// `in` is missing, or no directory: where the pad itself is there, it is made again.
    private mutating func absent(elapsed: Duration) throws(PadError) -> Collection {
        guard try medium.stamp(.root) != nil else { throw .gone(path: PadFolder.incoming.path) }
        var collection = Collection()
        collection.mendedHeader = try watch.check(medium, folder: nil, elapsed: elapsed)
        try medium.make(.incoming)
        rule.forget()
        return collection
    }

    /// Temporary files that have been there for a day belong to nobody any more; where they may hide messages, those of ten minutes.
    private mutating func sweep(_ names: [PadName], elapsed: Duration, isOverfull: Bool) {
        let lifetime = isOverfull ? Self.crowdedTemporaryLifetime : Self.temporaryLifetime
        var seen: [PadName: Duration] = [:]
        for name in names where name.isHidden && seen.count < Self.maximumTemporaries {
            let since = temporaries[name] ?? elapsed
            if elapsed - since >= lifetime {
                // Stays in the list, and is tried again, where it cannot be removed now.
                do throws(PadError) { if try medium.remove(name, in: .incoming) { continue } } catch {}
            }
            seen[name] = since
        }
        temporaries = seen
    }

    package static let temporaryLifetime = Duration.seconds(86_400)
    static let crowdedTemporaryLifetime = Duration.seconds(600)
    static let maximumTemporaries = 10_000
}
