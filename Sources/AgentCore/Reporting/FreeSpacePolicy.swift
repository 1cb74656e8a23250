import Identifiers

/// When free space is told: at its interval, as a sign of life even where nothing changed, and sooner where much changed.
package struct FreeSpacePolicy: Equatable, Sendable {
    package var interval: Duration
    /// Hundredths of a file system's size.
    package var threshold: Int

    package init(interval: Duration, threshold: Int) {
        self.interval = interval
        self.threshold = threshold
    }

    package func isDue(_ marks: [FreeSpaceMark], told: Told, now: Timestamp) -> Bool {
        guard let last = told.freeSpaceAt, now >= last else { return true }
        return now - last >= interval || hasChangedMuch(from: told.freeSpace, to: marks)
    }

    /// A file system came, went or has another size; or its free space changed by `threshold` of its size.
    package func hasChangedMuch(from old: [FreeSpaceMark], to new: [FreeSpaceMark]) -> Bool {
        guard old.count == new.count else { return true }
        return zip(old, new).contains { old, new in
            guard old.mountPoint == new.mountPoint, old.sizeBytes == new.sizeBytes else { return true }
            let difference = (new.availableBytes - old.availableBytes).magnitude
            return difference > 0 && Double(difference) >= Double(new.sizeBytes) / 100 * Double(threshold)
        }
    }
}
