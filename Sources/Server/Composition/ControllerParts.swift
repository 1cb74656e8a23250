import Daemons
import Identifiers
import Logging
import Sealing
import Store

/// What a running controller is made of, for the handlers of requests.
struct ControllerParts: Sendable {
    let configuration: ControllerConfiguration
    let directory: DataDirectory
    let store: Store
    let authentication: Authentication
    let keys: KeyHolder
    let rotation: KeyRotation
    let intake: Intake
    let discovery: Discovery
    let blocking: BlockingWork
    let refusals: RefusalAudit
    let metrics: MetricRegistry
    let startedAt: Timestamp
    let logger: Logger
}
