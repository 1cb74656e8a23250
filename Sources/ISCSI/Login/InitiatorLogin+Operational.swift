extension InitiatorLogin {
    /// Keys that do not matter in a discovery session (RFC 7143 chapter 13, "Irrelevant when: SessionType=Discovery").
    private static let irrelevant: Set<String> = [
        "DataPDUInOrder", "DataSequenceInOrder", "FirstBurstLength", "ImmediateData", "InitialR2T", "MaxBurstLength", "MaxConnections",
        "MaxOutstandingR2T", "TaskReporting", "IFMarker", "OFMarker", "IFMarkInt", "OFMarkInt",
    ]
    /// Keys by which the target declares something, which is not answered.
    private static let declarations: Set<String> = [
        "MaxRecvDataSegmentLength", "TargetAlias", "TargetAddress", "TargetPortalGroupTag", "TargetName",
    ]

    mutating func operationalKeys() -> [UInt8] {
        let offers = [
            ("HeaderDigest", options.headerDigest ? "CRC32C,None" : "None"),
            ("DataDigest", options.dataDigest ? "CRC32C,None" : "None"),
            ("MaxRecvDataSegmentLength", "\(options.receiveLength)"),
            ("DefaultTime2Wait", "0"),
            ("DefaultTime2Retain", "0"),
            ("ErrorRecoveryLevel", "0"),
        ]
        var keys: [UInt8] = []
        for (key, value) in offers {
            offered[key] = value
            TextKeys.append(key, value, to: &keys)
        }
        return keys
    }

    mutating func receiveOperational(_ keys: [String: String], transits: Bool, _ output: inout [UInt8]) throws(ISCSIFault) -> Result? {
        var answers: [UInt8] = []
        for (key, value) in keys.sorted(by: { $0.key < $1.key }) { try receive(key, value, &answers) }
        guard transits else {
            send(answers, next: true, &output)
            return nil
        }
        stage = .fullFeature
        return .established(parameters)
    }

    private mutating func receive(_ key: String, _ value: String, _ answers: inout [UInt8]) throws(ISCSIFault) {
        switch key {
        case "HeaderDigest", "DataDigest":
            let isOn = try digest(key, value)
            if key == "HeaderDigest" { parameters.headerDigest = isOn } else { parameters.dataDigest = isOn }
        case "MaxRecvDataSegmentLength":
            guard let length = TextValue.number(value, limit: 0xFF_FFFF), length >= 512 else {
                throw .violation(expected: "MaxRecvDataSegmentLength of 512 to 16777215", found: WireText.excerpt(value))
            }
            parameters.sendLength = Int(length)
        case "ErrorRecoveryLevel":
            guard value == "0" || Self.isRefusal(value) else {
                throw .violation(expected: "ErrorRecoveryLevel 0", found: WireText.excerpt(value))
            }
        case "TargetAlias" where !value.isEmpty: parameters.alias = WireText.excerpt(value, limit: 255)
        case _ where offered[key] != nil || Self.declarations.contains(key): break
        case _ where Self.isRefusal(value): break
        // An offer of the target's.
        default: TextKeys.append(key, Self.irrelevant.contains(key) ? "Irrelevant" : "NotUnderstood", to: &answers)
        }
    }

    /// Whether CRC32C was chosen. A refusal of the key leaves what holds without it: none.
    private func digest(_ key: String, _ value: String) throws(ISCSIFault) -> Bool {
        switch value {
        case "None": return false
        case "CRC32C" where offered[key]?.hasPrefix("CRC32C") == true: return true
        case _ where Self.isRefusal(value): return false
        default: throw .violation(expected: "\(key) of \(offered[key] ?? "None")", found: WireText.excerpt(value))
        }
    }

    private static func isRefusal(_ value: String) -> Bool { value == "Reject" || value == "Irrelevant" || value == "NotUnderstood" }
}
