import StrictJSON

/// An answer on the wire: `{"jsonrpc":"2.0","id":7,"result":{…}}` or `{"jsonrpc":"2.0","id":7,"error":{…}}`.
package struct PluginResponse: Equatable, Sendable, JSONWritable, JSONReadable {
    /// Nil (null on the wire) answers a line whose ID could not be read.
    package var id: Int64?
    package var outcome: Result<JSONValue, PluginFault>

    package init(id: Int64?, outcome: Result<JSONValue, PluginFault>) {
        self.id = id
        self.outcome = outcome
    }

    package init(json: JSONFields) throws(JSONError) {
        guard json.object["jsonrpc"] == "2.0" else { throw .invalid(path: "jsonrpc", reason: "is not \"2.0\"") }
        id = try json.optionalInteger("id", in: Int64.min...Int64.max)
        switch (json.object["result"], json.object["error"]) {
        case (let result?, nil): outcome = .success(result)
        case (nil, .some): outcome = .failure(try PluginFault(json: json.fields("error")))
        case (nil, nil): throw .missing(path: "result")
        case (.some, .some): throw .invalid(path: "error", reason: "stands beside a result")
        }
    }

    package static func parse(line: some Sequence<UInt8>) throws(JSONError) -> PluginResponse {
        try PluginResponse(json: JSONFields(JSONValue.parse(line, limits: PluginProtocol.jsonLimits)))
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("jsonrpc", "2.0")
            writer.key("id")
            if let id { writer.integer(id) } else { writer.null() }
            switch outcome {
            case .success(let result): writer.member("result", result)
            case .failure(let fault): writer.member("error", fault)
            }
        }
    }
}
