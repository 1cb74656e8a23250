import ScratchPad
import Synchronization
import Testing

@testable import Daemons

@Suite struct FileSystemFlushesTests {
    private final class Count: Sendable {
        let flushes = Mutex(0)
        func flush() { flushes.withLock { $0 += 1 } }
        var all: Int { flushes.withLock { $0 } }
    }

    @Test func padsOfOneFileSystemThatDeliverTogetherAreForcedOutOnce() async {
        let count = Count()
        let flushes = FileSystemFlushes(patience: .seconds(600))
        for _ in 0..<5 { await flushes.begin() }
        await withTaskGroup { group in
            for _ in 0..<5 {
                group.addTask {
                    let failure = await flushes.end(on: .shared(1)) {
                        count.flush()
                        return nil
                    }
                    #expect(failure == nil)
                }
            }
        }
        #expect(count.all == 1)
    }

    @Test func aPadThatHangsWhileItDeliversHoldsTheOthersOnlyForMoments() async {
        let count = Count()
        let flushes = FileSystemFlushes(patience: .milliseconds(1))
        await flushes.begin()
        await flushes.begin()
        _ = await flushes.end(on: .shared(1)) {
            count.flush()
            return nil
        }
        #expect(count.all == 1)
    }

    @Test func everyPadLearnsWhatWentWrong() async {
        let flushes = FileSystemFlushes(patience: .seconds(600))
        let fault = PadError.gone(path: "pad")
        for _ in 0..<3 { await flushes.begin() }
        await withTaskGroup { group in
            for _ in 0..<3 { group.addTask { #expect(await flushes.end(on: .shared(1)) { fault } == fault) } }
        }
    }

    @Test func padsWhoseFileSystemIsNotKnownAreForcedOutEachByItself() async {
        let count = Count()
        let flushes = FileSystemFlushes(patience: .seconds(600))
        for _ in 0..<3 { await flushes.begin() }
        for _ in 0..<2 {
            _ = await flushes.end(on: .own) {
                count.flush()
                return nil
            }
        }
        _ = await flushes.end(on: .nothing) {
            count.flush()
            return nil
        }
        #expect(count.all == 2)
    }
}
