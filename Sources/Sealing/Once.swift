import Synchronization

/// A value that is made when it is first asked for, and then kept. Where two threads ask at once, one of the two values made is kept.
final class Once<Value: Sendable>: Sendable {
    private let state: Mutex<Value?>

    init(_ value: Value? = nil) { state = Mutex(value) }

    func value(_ make: () throws(SealingError) -> Value) throws(SealingError) -> Value {
        if let value = state.withLock({ $0 }) { return value }
        let made = try make()
        return state.withLock { value in
            if let value { return value }
            value = made
            return made
        }
    }
}
