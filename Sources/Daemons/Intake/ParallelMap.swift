import Dispatch

/// Computes on all cores what each element alone decides. Blocks the caller: never called from the cooperative threads.
func parallelMap<Input: Sendable, Output: Sendable>(_ inputs: [Input], _ body: @Sendable (Input) -> Output) -> [Output] {
    if inputs.count < 2 { return inputs.map(body) }
    return [Output](unsafeUninitializedCapacity: inputs.count) { buffer, count in
        // Each iteration writes the one element that is its own, and all have ended when concurrentPerform returns.
        nonisolated(unsafe) let base = buffer
        DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
            base.initializeElement(at: index, to: body(inputs[index]))
        }
        count = inputs.count
    }
}

/// The same, waited for without holding a cooperative thread.
func computed<Value: Sendable>(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
}
