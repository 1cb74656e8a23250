import Identifiers
import Inventory
import Messages
import ScratchPad
import Sealing

/// A host that exists in memory alone: a key, a place in its sequence, and facts like those of a usual host with two Fibre Channel
/// ports, eight logical units on two paths each, and LVM on top.
struct BenchHost {
    let key: PrivateKey
    let number: Int
    let pad: HostPad
    var certificate: Certificate
    var last: Envelope?
    var inventory: Inventory

    init(number: Int, pad: HostPad, now: Timestamp) throws {
        self.number = number
        self.pad = pad
        key = try PrivateKey.generate()
        certificate = try CertificateAuthority.selfSigned(key: key, subjectName: "host", now: now, lifetime: .seconds(3 * 86_400))
        inventory = Self.facts(number)
    }

    mutating func registration(account: AccountID, domain: String, user: String, password: [UInt8], now: Timestamp) throws -> [UInt8] {
        let request = try CertificateRequest(key: key, subjectName: "host")
        return try seal(
            .registration(
                Registration(
                    accountID: account, domain: domain, credential: .password(user: user, password: password),
                    certificateRequest: request.der,
                    level: 3, cluster: nil, agentVersion: "bench", inventory: inventory)), now: now)
    }

    /// A report of one changed field, with the whole inventory.
    mutating func update(now: Timestamp) throws -> [UInt8] {
        inventory.host.kernel = "6.1.0-99-amd64"
        let report = InventoryReport(digest: inventory.digest, contents: .full(inventory), agentVersion: "bench")
        return try seal(.inventory(report), now: now)
    }

    /// Takes the certificate out of the registration's answer.
    mutating func read(_ answer: [UInt8]) throws {
        let opened = try Sealing.open(answer, with: RecipientKeys([key]))
        guard case .reply(let reply) = try Message.parse(opened.payload).body, case .accepted(let acceptance) = reply.outcome,
            let der = acceptance.certificates.first
        else { throw BenchError.notAccepted(host: number) }
        certificate = try Certificate(der: der)
    }

    private mutating func seal(_ body: MessageBody, now: Timestamp) throws -> [UInt8] {
        let envelope = Envelope(
            messageID: .random(), padID: pad.header.padID, epoch: pad.header.epoch, sender: key.fingerprint,
            recipient: pad.verified.authority.fingerprint, previous: last?.messageID,
            previousSequence: last?.sequence, sequence: Envelope.sequence(after: last?.sequence, at: now), at: now)
        last = envelope
        let payload = Message(envelope: envelope, body: body).jsonBytes
        return try Sealing.seal(payload, signer: Signer(key: key, certificate: certificate), recipient: pad.verified.decryption)
    }

    private static func facts(_ number: Int) -> Inventory {
        let ports = (0..<2).map { WWN(0x2100_0024_FF00_0000 + UInt64(number) * 2 + UInt64($0)) }
        var devices: [Inventory.BlockDevice] = []
        for unit in 0..<8 {
            for path in 0..<2 {
                let name = "sd\(Unicode.Scalar(UInt8(97 + unit * 2 + path)))"
                var disk = Inventory.BlockDevice(name: name, kind: "disk", sizeBytes: 107_374_182_400)
                disk.wwid = WWID("naa.6001405\(String(number * 8 + unit + 0x1000_0000, radix: 16))00000000000000000")
                (disk.vendor, disk.model, disk.transport) = ("BENCH", "VOLUME", "fc")
                devices.append(disk)
            }
            let paths = [unit * 2, unit * 2 + 1].map { "sd\(Unicode.Scalar(UInt8(97 + $0)))" }
            devices.append(Inventory.BlockDevice(name: "dm-\(unit)", kind: "multipath", sizeBytes: 107_374_182_400, parents: paths))
        }
        return Inventory(
            host: Inventory.Host(
                hostName: "host\(number).example", machineID: String(number + 0x1000_0000, radix: 16) + "000000000000000000000000",
                operatingSystem: Inventory.OperatingSystem(name: "Debian GNU/Linux", version: "12"), kernel: "6.1.0-50-amd64",
                architecture: "x86_64"),
            initiators: ports.enumerated().map { Inventory.Initiator(transport: .fc, name: "host\($0)", wwpn: $1, portState: "Online") },
            blockDevices: devices,
            fileSystems: [Inventory.FileSystem(mountPoint: "/", type: "ext4", source: "/dev/dm-0", devices: ["dm-0"])])
    }
}

enum BenchError: Error {
    case usage
    case notAccepted(host: Int)
    case serverEnded(Int32)
    case notReady
    case timedOut(answered: Int, of: Int)
}
