// needs: StrictJSON Identifiers Files Inventory ControllerAPI
// sources: Sources/Server/HTTP/RouteMatcher.swift
import ControllerAPI
import StrictJSON

/// What anybody on the controller's machine may send to its socket: the path of a request, and its body as each document that a route takes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAPIBody(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let path = String(decoding: bytes.prefix(256), as: UTF8.self)
    for method in ["GET", "POST"] {
        if case .route(_, let parameters) = RouteMatcher.match(method: method, path: path) {
            precondition(parameters.values.allSatisfy { !$0.isEmpty }, "a parameter that says nothing")
        }
    }
    for type in bodies { check(type, bytes) }
    return 0
}

/// Of all routes that take one.
private let bodies = Route.all.compactMap(\.request)
private let limit = 1 << 16

/// What is taken is written, taken again, and written as the same bytes.
private func check<Document: APIDocument>(_ type: Document.Type, _ bytes: [UInt8]) {
    do { try APICoding.refuseUnknown(in: bytes, type, limit: limit) } catch { return }
    let document: Document
    do { document = try APICoding.decode(type, from: bytes, limit: limit) } catch {
        precondition(!"\(error)".isEmpty, "a refusal that says nothing")
        return
    }
    do {
        let written = try APICoding.encode(document)
        let again = try APICoding.encode(try APICoding.decode(type, from: written, limit: limit))
        precondition(again == written, "\(type) changes when it is written and read")
    } catch {
        preconditionFailure("what was written as \(type) is not read: \(error)")
    }
}
