extension Route {
    static let pads: [Route] = [
        Route(.createPad, .post, "/v1/pads", "A scratch pad; it is polled from then on.", request: NewPad.self, response: PadDocument.self),
        Route(.listPads, .get, "/v1/pads", "Scratch pads.", query: QueryParameter.page, response: PadList.self),
        Route(.showPad, .get, "/v1/pads/{padID}", "One scratch pad.", response: PadDocument.self),
        Route(.checkPad, .get, "/v1/pads/{padID}/check", "Inspects a pad and tests it end to end.", response: PadReport.self),
        Route(
            .repairPad, .post, "/v1/pads/{padID}/repair", "Mends header, directories and modes.", query: [.dryRun, .recreate],
            response: PadReport.self),
        Route(
            .purgePad, .post, "/v1/pads/{padID}/purge", "Removes quarantined, foreign and left-over files.", query: [.dryRun],
            response: PadReport.self),
        Route(
            .removePad, .delete, "/v1/pads/{padID}", "Retires a pad: it is not polled any more, and its files go.", query: [.dryRun],
            response: PadReport.self),
    ]

    static let systems: [Route] = [
        Route(
            .addSystem, .post, "/v1/systems", "A storage system, through a plug-in.", request: NewSystem.self,
            response: SystemDocument.self),
        Route(.listSystems, .get, "/v1/systems", "Storage systems.", query: QueryParameter.page, response: SystemList.self),
        Route(.showSystem, .get, "/v1/systems/{systemID}", "One storage system.", response: SystemDocument.self),
        Route(
            .refreshSystem, .post, "/v1/systems/{systemID}/refresh", "Discovers now; answers when it is done.",
            response: SystemDocument.self),
        Route(
            .removeSystem, .delete, "/v1/systems/{systemID}", "Ends the plug-in; associations over this system go stale.",
            query: [.dryRun], response: SystemDocument.self),
        Route(
            .listVolumes, .get, "/v1/volumes", "Volumes.", query: [.system, .account, .limit, .after], response: VolumeList.self),
        Route(
            .showVolume, .get, "/v1/systems/{systemID}/volumes/{volumeID}", "One volume.", response: VolumeDocument.self),
        Route(.listPorts, .get, "/v1/ports", "Target ports.", query: [.system, .account, .limit, .after], response: PortList.self),
        Route(
            .listMasking, .get, "/v1/masking", "Which initiators see which volume.", query: [.system, .account, .limit, .after],
            response: MaskingList.self),
        Route(
            .listHistory, .get, "/v1/history", "What appeared, changed and went.", query: [.system, .account, .limit, .after],
            response: HistoryList.self),
    ]
}
