import Inventory

/// Reads what a port's driver says of its adapter. There is no common place: newer drivers fill the FDMI attributes of `fc_host`, lpfc,
/// qla2xxx and bfa have attributes of their own below `scsi_host`, and others have it in the port's symbolic name alone.
struct FibreChannelAdapter {
    let reader: FactReader

    func read(_ initiator: inout Inventory.Initiator, host: String, in port: borrowing Directory) {
        let adapter = "sys/class/scsi_host/\(host)"
        switch initiator.driver {
        case "lpfc":
            initiator.model = reader.text(file: "\(adapter)/modelname", "model")
            initiator.firmware = reader.text(file: "\(adapter)/fwrev", "firmware")
            initiator.driverVersion = reader.text(file: "\(adapter)/lpfc_drvr_version", "driverVersion")
        case "qla2xxx":
            initiator.model = reader.text(file: "\(adapter)/model_name", "model")
            initiator.firmware = reader.text(file: "\(adapter)/fw_version", "firmware")
            initiator.driverVersion = reader.text(file: "\(adapter)/driver_version", "driverVersion")
        case "bfa":
            initiator.model = reader.text(file: "\(adapter)/model", "model")
            initiator.firmware = reader.text(file: "\(adapter)/firmware_version", "firmware")
            initiator.driverVersion = reader.text(file: "\(adapter)/driver_version", "driverVersion")
        default:
            initiator.model = reader.text("model", "model", in: port)
            initiator.firmware = reader.text("firmware_version", "firmware", in: port)
            initiator.driverVersion = reader.text("driver_version", "driverVersion", in: port)
        }
        guard initiator.model == nil || initiator.firmware == nil, let name = initiator.symbolicName else { return }
        let told = Self.told(by: name)
        initiator.model = initiator.model ?? told.model
        initiator.firmware = initiator.firmware ?? told.firmware
        if told.model != nil { reader.trace?.add("model", "\(port.path)/symbolic_name", name) }
        if told.firmware != nil { reader.trace?.add("firmware", "\(port.path)/symbolic_name", name) }
    }

    /// `Emulex LPe16002B FV11.2 DV11.4 …` and `QLE2692 FW:v8.08.05 DVR:v10.00`: the word before the firmware's is the model.
    static func told(by symbolicName: String) -> (model: String?, firmware: String?) {
        let words = symbolicName.split(separator: " ")
        for (index, word) in words.enumerated() where index > 0 {
            for prefix in ["FW:v", "FW:", "FV"] where word.hasPrefix(prefix) && word.utf8.count > prefix.utf8.count {
                return (String(words[index - 1]), String(word.dropFirst(prefix.count)))
            }
        }
        return (nil, nil)
    }
}
