import ControllerAPI
import Foundation
import StrictJSON
import TestPrograms
import Testing

@testable import Server

@Suite struct RouteTests {
    private static var recorded: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/openapi.json")
    }

    @Test func everyOperationHasOneRouteAndNoPlaceHasTwo() {
        #expect(Route.all.map(\.operation.rawValue).sorted() == ControllerAPI.Operation.allCases.map(\.rawValue).sorted())
        let places = Route.all.map { "\($0.method.rawValue) \($0.path)" }
        #expect(Set(places).count == places.count)
    }

    @Test func theDocumentSaysWhatTheRoutesDo() throws {
        let paths = try #require(OpenAPIDocument.json(version: ControllerVersion.text)["paths"]?.objectValue)
        var documented = Set<String>()
        for path in paths.members {
            for method in try #require(path.value.objectValue).members {
                documented.insert("\(method.value["operationId"]?.stringValue ?? "") \(method.key.uppercased()) \(path.key)")
            }
        }
        #expect(documented == Set(Route.all.map { "\($0.operation.rawValue) \($0.method.rawValue) \($0.path)" }))
    }

    /// `UPDATE_OPENAPI=1 swift test --filter RouteTests` records it anew.
    @Test func theRecordedDocumentIsTheOneThatIsServed() throws {
        let made = try JSONSerialization.data(
            withJSONObject: JSONSerialization.jsonObject(with: Data(OpenAPIDocument.json(version: ControllerVersion.text).jsonBytes)),
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        if ProcessInfo.processInfo.environment["UPDATE_OPENAPI"] == "1" { try made.write(to: Self.recorded) }
        #expect(
            try Data(contentsOf: Self.recorded) == made, "docs/openapi.json is not what the routes say: UPDATE_OPENAPI=1 records it anew")
    }

    /// Where `Tests/Tools/install-dependencies test` puts it, or where PATH leads.
    static let validator: String? = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let folders = [package.appendingPathComponent(".build/tools/bin").path] + path
        return folders.map { $0 + "/openapi-spec-validator" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    @Test(.enabled(if: validator != nil, "openapi-spec-validator is not installed: Tests/Tools/install-dependencies test"))
    func theDocumentIsOpenAPI() throws {
        let run = try ChildProcess.run(try #require(Self.validator), ["--schema", "3.1", Self.recorded.path])
        #expect(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
    }

    @Test func aPathIsMatchedBySegments() {
        #expect(RouteMatcher.match(method: "GET", path: "/v1/accounts") == .route(.listAccounts, parameters: [:]))
        #expect(RouteMatcher.match(method: "POST", path: "/v1/accounts") == .route(.createAccount, parameters: [:]))
        #expect(RouteMatcher.match(method: "GET", path: "/v1/accounts/a-1") == .route(.showAccount, parameters: ["accountID": "a-1"]))
        #expect(
            RouteMatcher.match(method: "GET", path: "/v1/systems/s/volumes/a%2Fb%20c")
                == .route(.showVolume, parameters: ["systemID": "s", "volumeID": "a/b c"]))
        #expect(RouteMatcher.match(method: "DELETE", path: "/v1/accounts") == .otherMethods(["GET", "POST"]))
        for path in [
            "/", "", "/v1/accounts/", "/v1/accounts//close", "/v2/accounts", "/v1/accounts/%", "/v1/accounts/%ff", "/v1/accounts/a/b/c",
        ] {
            #expect(RouteMatcher.match(method: "GET", path: path) == .nothing, "\(path)")
        }
    }

    @Test(arguments: ["plain", "a/b", "ü", "100%", "iqn.1993-08.org.debian:01:abc", "a b?c#d&e", "..", "%2F"])
    func whatIsEncodedComesBack(text: String) {
        #expect(percentDecoded(percentEncoded(text)) == text)
        #expect(
            RouteMatcher.match(method: "GET", path: "/v1/hosts/" + percentEncoded(text)) == .route(.showHost, parameters: ["hostID": text]))
    }

    @Test func customersMayReadTheirContractAndNobodyBelowTheProviderSetsOne() throws {
        #expect(try #require(Route.of(.showContract)).callers == .everybody)
        #expect(try #require(Route.of(.setContract)).callers == [.provider])
        for operation in [ControllerAPI.Operation.backup, .rotateKeys, .createPad, .addSystem, .assignInitiator, .verifyAudit] {
            #expect(try #require(Route.of(operation)).callers == [.provider])
        }
    }

    @Test func everyErrorCodeHasAStatusAndAnExitCode() {
        for code in ErrorCode.allCases {
            #expect((400...599).contains(code.row.httpStatus))
            #expect(code.row.exit != .done)
        }
        #expect(Set(ExitStatus.allCases.map(\.rawValue)) == [0, 1, 64, 65, 66, 69, 73, 74, 75, 77, 78])
    }
}
