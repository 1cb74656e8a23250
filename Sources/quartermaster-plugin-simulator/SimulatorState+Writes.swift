import Identifiers
import PluginProtocol
import StrictJSON

/// What each write does to the simulated system.
extension SimulatorState {
    /// The result, as on the wire; of masking and ports, the object alone. Nothing is to be kept when it throws.
    mutating func perform(_ method: PluginMethod, _ parameters: JSONValue) throws(PluginFault) -> JSONValue {
        do throws(JSONError) {
            let fields = try JSONFields(parameters)
            switch method {
            case .volumeCreate: return try perform(VolumeCreation(json: fields)) { state, request throws(PluginFault) in try state.create(request) }
            case .volumeResize: return try perform(VolumeResize(json: fields)) { state, request throws(PluginFault) in try state.resize(request) }
            case .volumeDelete: return try perform(VolumeChange(json: fields)) { state, request throws(PluginFault) in try state.delete(request) }
            case .maskingAdd: return try perform(MaskingChange(json: fields)) { state, request throws(PluginFault) in try state.mask(request) }
            case .maskingRemove: return try perform(MaskingChange(json: fields)) { state, request throws(PluginFault) in try state.unmask(request) }
            case .replicaCreate, .replicaSplit, .replicaRestore, .replicaDelete:
                return try perform(VolumeChange(json: fields)) { state, request throws(PluginFault) in try state.replicate(method, request) }
            case .authenticationSet:
                return try perform(AuthenticationChange(json: fields)) { state, request throws(PluginFault) in try state.authenticate(request) }
            case .portConfigure: return try perform(PortChange(json: fields)) { state, request throws(PluginFault) in try state.configure(request) }
            default: throw JSONError.invalid(path: "method", reason: "\(method.rawValue) is no write")
            }
        } catch {
            throw PluginFault(parameters: error)
        }
    }
}
