extension Route {
    static let hosts: [Route] = [
        Route(.listHosts, .get, "/v1/hosts", "Hosts.", callers: .hostAdministrators, query: QueryParameter.page, response: HostList.self),
        Route(
            .showHost, .get, "/v1/hosts/{hostID}", "One host with its facts.", callers: .hostAdministrators, response: HostDocument.self),
        Route(
            .suspendHost, .post, "/v1/hosts/{hostID}/suspend", "Its messages are refused until it is resumed.", request: Reason.self,
            response: HostDocument.self),
        Route(
            .resumeHost, .post, "/v1/hosts/{hostID}/resume", "Undoes suspend.", request: Reason.self, response: HostDocument.self),
        Route(
            .releaseHost, .post, "/v1/hosts/{hostID}/release", "Lets a new key register this host at once.",
            callers: .hostAdministrators, request: Reason.self, response: HostDocument.self),
        Route(
            .removeHost, .post, "/v1/hosts/{hostID}/remove", "Revokes its keys and ends what it uses; the record stays.",
            callers: .hostAdministrators, query: [.dryRun], request: Reason.self, response: HostDocument.self),
    ]

    static let instructions: [Route] = [
        Route(
            .sendInstruction, .post, "/v1/hosts/{hostID}/instructions", "Asks a host to do something; answers when that waits for its pad.",
            request: NewInstruction.self, response: InstructionDocument.self),
        Route(
            .listInstructions, .get, "/v1/hosts/{hostID}/instructions", "What a host was asked to do, the oldest first.",
            callers: .hostAdministrators, query: QueryParameter.page, response: InstructionList.self),
        Route(
            .showInstruction, .get, "/v1/instructions/{instructionID}", "One instruction, and what became of it.",
            callers: .hostAdministrators, response: InstructionDocument.self),
    ]

    static let initiators: [Route] = [
        Route(
            .listInitiators, .get, "/v1/initiators", "Initiators that hosts claim or the provider assigned.",
            query: QueryParameter.page, response: InitiatorList.self),
        Route(
            .assignInitiator, .put, "/v1/initiators/{initiator}/assignment", "Ties an initiator to an account by the provider's word.",
            request: InitiatorAssignment.self, response: InitiatorDocument.self),
        Route(
            .releaseInitiator, .delete, "/v1/initiators/{initiator}/assignment", "Undoes assign.", response: InitiatorDocument.self),
    ]

    static let associations: [Route] = [
        Route(
            .listAssociations, .get, "/v1/associations", "Which account uses what, on what evidence.", callers: .everybody,
            query: QueryParameter.page, response: AssociationList.self),
        Route(
            .showAssociation, .get, "/v1/associations/{associationID}", "One association.", callers: .everybody,
            response: AssociationDocument.self),
        Route(
            .confirmAssociation, .post, "/v1/associations/{associationID}/confirm", "The provider's word for it.",
            request: Reason.self, response: AssociationDocument.self),
        Route(
            .rejectAssociation, .post, "/v1/associations/{associationID}/reject", "The provider's word against the host's claim.",
            query: [.dryRun], request: Reason.self, response: AssociationDocument.self),
    ]
}
