// needs: StrictJSON Identifiers Inventory Messages
// corpus: Tests/MessagesTests/Vectors
import Messages

/// Whatever is read as a message is written, and read again as the same message.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMessage(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let message: Message
    do throws(MessageError) { message = try Message.parse(bytes) } catch { return 0 }
    do throws(MessageError) {
        let again = try Message.parse(message.jsonBytes)
        precondition(again.jsonBytes == message.jsonBytes, "a message changes when it is written and read")
    } catch {
        preconditionFailure("what was written is not read: \(error)")
    }
    return 0
}
