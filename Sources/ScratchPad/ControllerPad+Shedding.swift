extension ControllerPad {
    /// So many files are removed unread in one look, and so many looked at for their sizes.
    static let shedAtOnce = 8_192
    private static let sizedAtOnce = 1_024

    /// Removes unread what a lane has beyond the header's `pendingMessages` and `pendingBytes`, the latest names first: a host publishes again
    /// what is not answered. Names that no host gives share one such portion.
    mutating func shed(_ collection: inout Collection) {
        var left = Self.shedAtOnce
        let (odd, names) = queue.cut(to: limits.pendingMessages, taking: left)
        collection.excessOddNames = odd
        left -= names.count
        discard(names)
        // More than so many files may be too many bytes, each being as large as it may.
        var sized = Self.sizedAtOnce
        for lane in queue.lanes(above: limits.pendingBytes / max(1, limits.messageBytes)).keys.sorted() where left > 0 && sized > 0 {
            var bytes = 0
            var kept = 0
            for name in queue.waiting(in: lane) where sized > 0 {
                sized -= 1
                bytes += size(of: name)
                if bytes > limits.pendingBytes { break }
                kept += 1
            }
            guard bytes > limits.pendingBytes else { continue }
            let names = queue.cut(lane, to: max(1, kept), taking: left)
            guard !names.isEmpty else { continue }
            collection.flooding[lane] = names.count + max(1, kept)
            left -= names.count
            discard(names)
        }
    }

    /// In bytes; what is no regular file has none.
    private func size(of name: PadName) -> Int {
        do throws(PadError) {
            guard case .fault(.tooLarge(let bytes, _))? = try medium.read(name, in: .incoming, limit: 0) else { return 0 }
            return Int(clamping: min(bytes, 1 << 50))
        } catch {
            return 0
        }
    }

    /// What cannot be removed comes again with the next look.
    private func discard(_ names: [PadName]) {
        for name in names {
            do throws(PadError) { _ = try medium.remove(name, in: .incoming) } catch {}
        }
    }
}
