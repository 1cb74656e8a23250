import Files
import Identifiers
import Sealing

/// What went wrong with a pad.
package enum PadError: Error, Equatable, Sendable {
    case file(FileError)
    /// The pad's directory, or a folder of it, is not there.
    case gone(path: String)
    case exists(path: String)
    /// Something of somebody else's is where a pad is to be made.
    case taken(path: String)
    /// The pad's directory cannot be made.
    case notMade(FileError)
    /// The directory holds nothing of the pad that is to be mended.
    case noTrace(path: String)
    case header(PadHeaderFault)
    /// Nothing of a message survived three attempts.
    case notPublished(FileError)
    /// A call was given up: the file system under the pad does not answer.
    case silent(path: String)
}

/// Why a header is not believed.
package enum PadHeaderFault: Error, Equatable, Sendable {
    case missing
    case unsafeFile(PadFileFault)
    case sealing(SealingError)
    case certificate(CertificateFault)
    case malformed(String)
    case unknownFormat(String)
    case expired(at: Timestamp)
    case otherPad(expected: PadID, found: PadID)
    case otherController(expected: Fingerprint, found: Fingerprint)
    case lowerGeneration(known: Int64, found: Int64)
    case lowerEpoch(known: Int64, found: Int64)
}

extension PadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let error): "\(error)"
        case .gone(let path): "\(path) is not there; is the file system mounted?"
        case .exists(let path): "\(path) is a pad already"
        case .taken(let path): "\(path) is there already, and is no empty directory: nothing is taken over; give the pad another directory"
        case .notMade(let error): "the pad's directory cannot be made (the one that it is in must be there): \(error)"
        case .noTrace(let path):
            "\(path) holds nothing of this pad: is its file system mounted? To make the pad anew there, say --recreate"
        case .header(let fault): "the pad's header is not believed: \(fault)"
        case .silent(let path): "\(path) does not answer: the file system under it hangs"
        case .notPublished(let error): "the message could not be written: \(error)"
        }
    }
}

extension PadHeaderFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing: "pad.p7s is not there; is this a pad, and is the file system mounted?"
        case .unsafeFile(let fault): "pad.p7s is \(fault)"
        case .sealing(let error): "pad.p7s, \(error)"
        case .certificate(let fault): "the signer's certificate: \(fault)"
        case .malformed(let reason): reason
        case .unknownFormat(let found): "its format is \"\(found)\", \(PadHeader.format) is understood; update the agent"
        case .expired(let end): "it ended at \(end); the provider must renew it (quartermaster pad repair), or compare the clocks"
        case .otherPad(let expected, let found): "it is of \(found), and this host is registered on \(expected)"
        case .otherController(let expected, let found): "it is signed by the controller \(found), not by \(expected)"
        case .lowerGeneration(let known, let found): "its generation is \(found), and \(known) was seen before: an old header was put back"
        case .lowerEpoch(let known, let found): "its epoch is \(found), and \(known) was seen before: an old header was put back"
        }
    }
}
