import ArgumentParser
import ControllerAPI
import Identifiers

struct AssociationList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists associations.",
        discussion: """
            EXAMPLES
              quartermaster association list --format json
            """)

    @OptionGroup var list: ListOptions

    @OptionGroup var client: ClientOptions

    func run() async throws {
        try await client.list(list.request(.listAssociations), as: ControllerAPI.AssociationList.self, next: \.next) { page in
            var table = Table("ASSOCIATION", "ACCOUNT", "HOST", "INITIATOR", "VOLUME", "SIZE", "STATE", "EVIDENCE")
            for association in page.associations {
                table.row(
                    association.associationID, association.accountID.text, association.hostName ?? association.hostID?.text,
                    association.initiator.description, association.volumeName ?? association.volumeID,
                    association.sizeBytes.map { ByteCount($0).description }, association.state.rawValue,
                    association.evidence.map(\.kind.rawValue).joined(separator: " "))
            }
            return table
        }
    }
}
