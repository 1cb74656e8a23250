import PluginProtocol

let serving = SimulatorServing()
PluginLoop.run { serving.answer($0) }
