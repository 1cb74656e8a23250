import Files
import Glibc
import Hummingbird
import NIOCore

/// Sends a file in pieces, and removes it when the last was sent or the connection broke.
enum FileAnswer {
    static func response(_ path: String, contentType: String) throws(FileError) -> Response {
        let file = try Files.FileDescriptor(opening: path, flags: O_RDONLY)
        // Open, it stays readable without its name: whatever happens from here on, no copy is left behind.
        unlink(path)
        let size = Int(try file.status().st_size)
        let body = ResponseBody(contentLength: size) { writer in
            while let piece = try file.readPiece(limit: 256 << 10) { try await writer.write(ByteBuffer(bytes: piece)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: contentType], body: body)
    }
}

extension Files.FileDescriptor {
    /// The next bytes; nil at the end of the file.
    fileprivate func readPiece(limit: Int) throws(FileError) -> [UInt8]? {
        var piece = [UInt8](repeating: 0, count: limit)
        while true {
            let count = read(number, &piece, limit)
            if count > 0 { return Array(piece[..<count]) }
            if count == 0 { return nil }
            guard errno == EINTR else { throw .system(operation: "read", path: path, errno: errno) }
        }
    }
}
