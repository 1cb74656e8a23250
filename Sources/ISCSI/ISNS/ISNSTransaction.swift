/// Requests and responses of one connection to an iSNS server: a request out, its response in.
struct ISNSTransaction: Sendable {
    private var assembler = ISNSAssembler()
    private(set) var number: UInt16
    private var function: UInt16 = 0
    private var strangers = 0

    init(random: RandomSource) {
        let bytes = random.bytes(2)
        number = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    /// A request (RFC 4171 section 5.6.1): source, key, delimiter, operating attributes.
    mutating func send(_ function: UInt16, source: String, key: [ISNSAttribute], operating: [ISNSAttribute], _ output: inout [UInt8]) {
        self.function = function
        number &+= 1
        var payload: [UInt8] = []
        let source = ISNSAttribute(ISNSAttribute.Tag.iscsiName, text: source)
        for attribute in [source] + key + [ISNSAttribute(ISNSAttribute.Tag.delimiter)] + operating { attribute.append(to: &payload) }
        ISNSMessage(function: function, transaction: number, payload: payload).append(to: &output)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) { assembler.append(bytes) }

    /// The response to a request.
    struct Response {
        /// RFC 4171 section 5.4.
        var status: UInt32
        var attributes: [ISNSAttribute]
        /// There were more.
        var bound: ReachedBound?
    }

    /// The response to the last request. Nil where more bytes are needed.
    mutating func next() throws(ISCSIFault) -> Response? {
        while let message = try assembler.next() {
            // A server may ask or tell something of its own (entity status inquiry, state change): it is not answered, and forgets us if it must.
            guard message.function & ISNSMessage.Function.response != 0 else {
                strangers += 1
                guard strangers <= 64 else { throw .tooMuch(of: "messages beside the answer", limit: 64) }
                continue
            }
            guard message.function == function | ISNSMessage.Function.response, message.transaction == number else {
                throw .violation(expected: "the response to transaction \(number)", found: "one to \(message.transaction)")
            }
            guard message.payload.count >= 4 else { throw .violation(expected: "a status", found: "\(message.payload.count) bytes") }
            let status = message.payload.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
            let (attributes, isWhole) = try ISNSAttribute.read(message.payload.dropFirst(4), cut: message.isCut)
            var response = Response(status: status, attributes: attributes)
            if message.isCut { response.bound = ReachedBound("bytes of one iSNS message", limit: ISNSAssembler.longestMessage) }
            if !isWhole { response.bound = ReachedBound("attributes of one message", limit: ISNSAttribute.mostAttributes) }
            return response
        }
        return nil
    }

    /// The fault of a connection that ended now.
    var ended: ISCSIFault {
        assembler.hasNone && assembler.isEmpty ? .notISCSI(found: "the connection ended without an answer") : .ended(during: .isns)
    }
}
