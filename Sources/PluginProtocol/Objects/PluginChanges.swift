import Identifiers
import StrictJSON

/// The parameters of `volume.create`.
package struct VolumeCreation: Equatable, Sendable, JSONReadable, JSONWritable {
    package var name: String
    package var sizeBytes: Int64
    package var poolID: StoragePoolID?
    package var requestID: StorageRequestID

    package init(name: String, sizeBytes: Int64, poolID: StoragePoolID? = nil, requestID: StorageRequestID) {
        self.name = name
        self.sizeBytes = sizeBytes
        self.poolID = poolID
        self.requestID = requestID
    }

    package init(json: JSONFields) throws(JSONError) {
        name = try json.text("name")
        guard !name.isEmpty else { throw .invalid(path: json.path("name"), reason: "is empty") }
        sizeBytes = try json.integer("sizeBytes", in: 1...Int64.max)
        poolID = try json.optionalID("poolID")
        requestID = try json.id("requestID")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("sizeBytes", sizeBytes)
            writer.member("poolID", poolID?.text)
            writer.member("requestID", requestID.text)
        }
    }
}

/// The parameters of `volume.resize`.
package struct VolumeResize: Equatable, Sendable, JSONReadable, JSONWritable {
    package var volumeID: VolumeID
    package var sizeBytes: Int64
    package var allowShrink: Bool
    package var requestID: StorageRequestID

    package init(volumeID: VolumeID, sizeBytes: Int64, allowShrink: Bool = false, requestID: StorageRequestID) {
        self.volumeID = volumeID
        self.sizeBytes = sizeBytes
        self.allowShrink = allowShrink
        self.requestID = requestID
    }

    package init(json: JSONFields) throws(JSONError) {
        volumeID = try json.id("volumeID")
        sizeBytes = try json.integer("sizeBytes", in: 1...Int64.max)
        allowShrink = try json.optionalBool("allowShrink") ?? false
        requestID = try json.id("requestID")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("volumeID", volumeID.text)
            writer.member("sizeBytes", sizeBytes)
            if allowShrink { writer.member("allowShrink", true) }
            writer.member("requestID", requestID.text)
        }
    }
}

/// The parameters of `volume.delete` and of the replica methods.
package struct VolumeChange: Equatable, Sendable, JSONReadable, JSONWritable {
    /// For `replica.create` the source; for the other replica methods the replica.
    package var volumeID: VolumeID
    /// For `replica.create`: the replica's name.
    package var name: String?
    package var requestID: StorageRequestID

    package init(volumeID: VolumeID, name: String? = nil, requestID: StorageRequestID) {
        self.volumeID = volumeID
        self.name = name
        self.requestID = requestID
    }

    package init(json: JSONFields) throws(JSONError) {
        volumeID = try json.id("volumeID")
        name = try json.optionalText("name")
        requestID = try json.id("requestID")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("volumeID", volumeID.text)
            writer.member("name", name)
            writer.member("requestID", requestID.text)
        }
    }
}

/// The parameters of `masking.add` and `masking.remove`.
package struct MaskingChange: Equatable, Sendable, JSONReadable, JSONWritable {
    package var volumeID: VolumeID
    package var initiator: MaskedInitiator
    /// Absent: the system picks a free one, or the entry of any number is meant.
    package var lun: Int64?
    /// Empty: every port.
    package var portIDs: [PortID]
    package var access: MaskingAccess?
    package var requestID: StorageRequestID

    package init(
        volumeID: VolumeID, initiator: MaskedInitiator, lun: Int64? = nil, portIDs: [PortID] = [], access: MaskingAccess? = nil,
        requestID: StorageRequestID
    ) {
        self.volumeID = volumeID
        self.initiator = initiator
        self.lun = lun
        self.portIDs = portIDs
        self.access = access
        self.requestID = requestID
    }

    package init(json: JSONFields) throws(JSONError) {
        volumeID = try json.id("volumeID")
        initiator = try json.maskedInitiator("initiator")
        lun = try json.optionalInteger("lun", in: PluginMasking.luns)
        portIDs = try json.ids("portIDs")
        access = try json.optionalParsed("access", expected: "rw or ro") { MaskingAccess(rawValue: $0) }
        requestID = try json.id("requestID")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("volumeID", volumeID.text)
            writer.member("initiator", initiator.description)
            writer.member("lun", lun)
            if !portIDs.isEmpty { writer.member("portIDs", ids: portIDs) }
            writer.member("access", access?.rawValue)
            writer.member("requestID", requestID.text)
        }
    }
}

/// The parameters of `authentication.set`: CHAP names and secrets.
package struct AuthenticationChange: Equatable, Sendable, JSONReadable, JSONWritable {
    package var initiator: InitiatorName
    package var userName: String
    package var secret: String
    package var mutualUserName: String?
    package var mutualSecret: String?
    package var requestID: StorageRequestID

    package init(
        initiator: InitiatorName, userName: String, secret: String, mutualUserName: String? = nil, mutualSecret: String? = nil,
        requestID: StorageRequestID
    ) {
        self.initiator = initiator
        self.userName = userName
        self.secret = secret
        self.mutualUserName = mutualUserName
        self.mutualSecret = mutualSecret
        self.requestID = requestID
    }

    package init(json: JSONFields) throws(JSONError) {
        initiator = try json.parsed("initiator", expected: "a WWPN, an IQN or an NQN") { InitiatorName($0) }
        userName = try json.text("userName")
        secret = try json.text("secret")
        mutualUserName = try json.optionalText("mutualUserName")
        mutualSecret = try json.optionalText("mutualSecret")
        guard (mutualUserName == nil) == (mutualSecret == nil) else {
            throw .invalid(path: json.path("mutualSecret"), reason: "and mutualUserName come together")
        }
        requestID = try json.id("requestID")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("initiator", initiator.description)
            writer.member("userName", userName)
            writer.member("secret", secret)
            writer.member("mutualUserName", mutualUserName)
            writer.member("mutualSecret", mutualSecret)
            writer.member("requestID", requestID.text)
        }
    }
}

/// The parameters of `port.configure`; what is absent stays as it is.
package struct PortChange: Equatable, Sendable, JSONReadable, JSONWritable {
    package var portID: PortID
    package var portals: [String]?
    package var portalGroupTag: Int64?
    package var requestID: StorageRequestID

    package init(portID: PortID, portals: [String]? = nil, portalGroupTag: Int64? = nil, requestID: StorageRequestID) {
        self.portID = portID
        self.portals = portals
        self.portalGroupTag = portalGroupTag
        self.requestID = requestID
    }

    package init(json: JSONFields) throws(JSONError) {
        portID = try json.id("portID")
        portals = json.has("portals") ? try json.strings("portals", maximumCount: 4096, maximumLength: 256) : nil
        for (index, portal) in (portals ?? []).enumerated() where !PluginPort.isPortal(portal) {
            throw .wrongType(path: "\(json.path("portals"))[\(index)]", expected: "address:port, an IPv6 address in brackets")
        }
        portalGroupTag = try json.optionalInteger("portalGroupTag", in: 0...65535)
        requestID = try json.id("requestID")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("portID", portID.text)
            if let portals { writer.member("portals", strings: portals) }
            writer.member("portalGroupTag", portalGroupTag)
            writer.member("requestID", requestID.text)
        }
    }
}
