import ISCSI
import Identifiers

extension Wizard {
    /// Credentials as they were answered: secrets by the name of their file, `-` for one that was typed.
    package struct Credentials: Hashable, Sendable {
        package var user: String
        package var secretFile: String
        package var mutualUser: String?
        package var mutualSecretFile: String?
    }

    /// A discovery to be made.
    package struct Search: Hashable, Sendable {
        package enum Place: Hashable, Sendable {
            case subnets([String])
            case portal(PortalAddress)
            case server(PortalAddress)
            case listed
        }
        package var place: Place
        package var isLarge = false
        package var credentials: Credentials?
    }

    /// A connection to be planned and made.
    package struct Connection: Hashable, Sendable {
        package var target: ISCSIName
        package var portals: [PortalAddress]
        package var interface: String
        package var credentials: Credentials?
        package var discoveryCredentials: Credentials?
        /// Nil leaves records as they are.
        package var startup: ConnectRequest.Startup?
        package var expectedWWIDs: [WWID]
        package var installs: Bool
    }

    /// What is to be done next.
    package enum Step: Equatable, Sendable {
        case ask(Question)
        case rescan
        case discover(Search)
        case plan(Connection)
        case connect(Connection)
        case finished(End)
    }

    package enum End: Equatable, Sendable {
        /// Fibre Channel was looked at.
        case looked
        /// The plan stands, and that was all that was wanted.
        case planned
        case connected
        /// The plan was not wanted.
        case declined
    }
}
