import PluginProtocol

TgtPlugin.run()
