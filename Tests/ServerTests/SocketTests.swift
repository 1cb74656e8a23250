import ControllerAPI
import Foundation
import Glibc
import Store
import Testing

@testable import Server

@Suite struct SocketTests {
    @Test func everybodyMayConnectToTheSocket() async throws {
        try await RunningController.run { controller in
            var status = stat()
            #expect(lstat(controller.socket, &status) == 0)
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
            #expect(status.st_mode & 0o777 == 0o666)
        }
    }

    @Test func theDocumentIsServed() async throws {
        try await RunningController.run { controller in
            let document = try await controller.done("GET", "/openapi.json")
            #expect(document["openapi"].string == "3.1.0")
            #expect(document["paths"].names == Set(Route.all.map(\.path)))
            let shown = try await controller.done("GET", "/v1/controller")
            #expect(shown["version"].string == ControllerVersion.text)
            #expect(shown["fingerprint"].string?.hasPrefix("SHA256:") == true)
        }
    }

    @Test func aRequestForNothingIsAnswered() async throws {
        try await RunningController.run { controller in
            try await controller.refused("GET", "/", nil, "not-found", "/openapi.json")
            try await controller.refused("DELETE", "/v1/accounts", nil, "method-not-allowed", "GET and POST")
            try await controller.refused("GET", "/v1/accounts/%zz", nil, "not-found", "nothing at")
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\u{0} HTTP/1.1\r\n\r\n", "\r\n\r\n\r\n",
        "POST /v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/accounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "b", count: 200_000) + "\r\nConnection: close\r\n\r\n",
    ])
    func whatIsNoRequestHarmsNobody(text: String) async throws {
        try await RunningController.run { controller in
            let answer = try await controller.send(raw: text, halfClosed: true)
            #expect(answer.status == 0 || (400...599).contains(answer.status))
            #expect(try await controller.done("GET", "/v1/accounts")["accounts"].count == 0)
        }
    }

    @Test func aRequestThatIsTooLargeIsRefused() async throws {
        try await RunningController.run { controller in
            let answer = try await controller.send(
                raw: "POST /v1/accounts HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2000000\r\n\r\n", halfClosed: true)
            #expect(answer.status == 413)
            #expect(JSONObject(bytes: answer.body)["error"]["code"].string == "too-large")
            let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
            try await controller.refused("POST", "/v1/accounts", deep, "bad-input", "deeper than 32")
        }
    }

    @Test func aSecondControllerOnTheDirectoryIsRefused() async throws {
        try await RunningController.run { controller in
            await #expect(throws: DataDirectoryError.inUse(path: controller.directory + "/data")) {
                try await RunningController.serve(controller.directory, { $0.socket = controller.directory + "/other" }) { _ in }
            }
            let accounts = try await controller.done("GET", "/v1/accounts")["accounts"]
            #expect(accounts.count == 0)
        }
    }

    @Test func aStaleSocketIsReplacedAndALiveOneIsNot() async throws {
        try await RunningController.run { controller in
            #expect(throws: SocketPath.Failure.live(path: controller.socket)) { try SocketPath.clear(controller.socket) }
            let file = controller.directory + "/file"
            #expect(FileManager.default.createFile(atPath: file, contents: nil))
            #expect(throws: SocketPath.Failure.notASocket(path: file)) { try SocketPath.clear(file) }
            let long = "/" + String(repeating: "x", count: 107)
            #expect(throws: SocketPath.Failure.tooLong(path: long)) { try SocketPath.clear(long) }

            let stale = controller.directory + "/stale"
            let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: stale.utf8) }
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
            #expect(bound == 0)
            close(number)
            try SocketPath.clear(stale)
            #expect(!FileManager.default.fileExists(atPath: stale))
        }
    }

    @Test func aControllerComesBackWithWhatItHad() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/qm-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let made = try await Initialization(directory: DataDirectory(directory + "/data")).run()
        try await RunningController.serve(directory) { _ = try await $0.done("POST", "/v1/accounts", #"{"name":"Example"}"#) }
        #expect(!FileManager.default.fileExists(atPath: directory + "/s"))
        try await RunningController.serve(directory) { controller in
            let (accounts, keys) = (try await controller.done("GET", "/v1/accounts"), try await controller.done("GET", "/v1/keys"))
            #expect(accounts["accounts"][0]["name"].string == "Example")
            #expect(keys["controllerID"].string == made.controllerID.text)
        }
    }

    @Test func aGroupThatIsNotThereIsSaidSo() async throws {
        try await RunningController.run { controller in
            await #expect(throws: CompositionError.noSuchGroup("no-such-group-here")) {
                try await RunningController.serve(controller.directory, { $0.providerGroup = "no-such-group-here" }) { _ in }
            }
        }
    }
}
