import StrictJSON

extension DiscoveryReport: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("targets", array: targets)
            writer.member("problems", array: problems)
            if !notes.isEmpty { writer.member("notes", strings: notes) }
            if progress.addresses > 0 {
                writer.member(
                    "scan",
                    object: { writer in
                        writer.member("addresses", progress.addresses)
                        writer.member("tried", progress.tried)
                    })
            }
            writer.member("complete", end == .finished)
        }
    }
}

extension FoundTarget: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", spelling)
            writer.member("alias", alias)
            writer.member("portals", array: portals)
            writer.member("sources", strings: sources.map(\.rawValue))
            writer.member("authentication", authentication.rawValue)
            writer.member("connected", isConnected)
            writer.member("recorded", isRecorded)
            writer.member("vendor", maker?.vendor)
            writer.member("product", maker?.product)
            writer.member("serial", maker?.serial)
        }
    }
}

extension FoundTarget.Portal: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("address", address.host.description)
            writer.member("port", address.port)
            writer.member("portalGroupTag", groupTag)
            writer.member("interface", interface)
        }
    }
}

extension DiscoveryProblem: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("address", address)
            writer.member("outcome", outcome.rawValue)
            writer.member("detail", detail)
        }
    }
}
