import StrictJSON

/// A request on the wire: `{"jsonrpc":"2.0","id":7,"method":"pool.list","params":{}}`.
package struct PluginRequest: Equatable, Sendable, JSONWritable {
    package var id: Int64
    package var method: String
    /// An object.
    package var parameters: JSONValue

    package init(id: Int64, method: String, parameters: JSONValue = .object([:])) {
        self.id = id
        self.method = method
        self.parameters = parameters
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("jsonrpc", "2.0")
            writer.member("id", id)
            writer.member("method", method)
            writer.member("params", parameters)
        }
    }

    /// Reads a line as a plug-in gets it. Where the line is no request, the fault to answer, with the ID if one could be read.
    package static func parse(line: some Sequence<UInt8>) -> Result<PluginRequest, Malformed> {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(line, limits: PluginProtocol.jsonLimits)
        } catch {
            return .failure(Malformed(id: nil, fault: PluginFault(.invalid, error.description, code: PluginFault.Code.parse)))
        }
        let id = value["id"]?.integerValue
        func refuse(_ reason: String) -> Result<PluginRequest, Malformed> {
            .failure(Malformed(id: id, fault: PluginFault(.invalid, reason, code: PluginFault.Code.request)))
        }
        guard value["jsonrpc"] == "2.0" else { return refuse("jsonrpc is not \"2.0\"") }
        guard let id else { return refuse("id is not an integer") }
        guard let method = value["method"]?.stringValue else { return refuse("method is not a string") }
        let parameters = value["params"] ?? .object([:])
        guard parameters.objectValue != nil else { return refuse("params is not an object") }
        return .success(PluginRequest(id: id, method: method, parameters: parameters))
    }

    /// A line that is no request, and what to answer.
    package struct Malformed: Error, Equatable, Sendable {
        package var id: Int64?
        package var fault: PluginFault
    }
}
