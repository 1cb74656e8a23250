import Glibc
import Store

/// Where no pad may be: hosts write there, and a pad's folders are emptied.
enum PadPlace {
    /// The directory, and what it is without links. Throws for one in the controller's own directory, and for one that holds it.
    static func places(of directory: String, dataDirectory: String) throws(RequestError) -> [String] {
        let places = [directory, real(directory)]
        for place in places where [dataDirectory, real(dataDirectory)].contains(where: { isInside(place, $0) }) {
            throw .invalid(field: "directory", reason: "\(directory) is in the controller's data directory; give the pad one of its own")
        }
        for place in places where [dataDirectory, real(dataDirectory)].contains(where: { isInside($0, place) }) {
            throw .invalid(field: "directory", reason: "\(directory) holds the controller's data directory; give the pad one of its own")
        }
        return places
    }

    /// Throws for a directory in another pad, and for one that holds one. The other pads are not touched, whose file systems may hang.
    static func check(_ directory: String, _ places: [String], in transaction: ReadTransaction) throws {
        for place in places {
            if let pad = try transaction.padBelow(place) {
                throw RequestError.invalid(
                    field: "directory", reason: "\(directory) holds the pad \(pad.id), \(pad.directory); give the pad one of its own")
            }
            if let pad = try transaction.padAbove(place) {
                throw RequestError.invalid(
                    field: "directory", reason: "\(directory) is in the pad \(pad.id), \(pad.directory); give the pad one of its own")
            }
        }
    }

    private static func isInside(_ path: String, _ directory: String) -> Bool {
        path == directory || path.hasPrefix(directory == "/" ? directory : directory + "/")
    }

    /// Without links, as far as it is there: the last name of a path may be one that is to be made.
    private static func real(_ path: String) -> String {
        if let found = realpath(path, nil) {
            defer { free(found) }
            return String(cString: found)
        }
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex, let parent = realpath(String(path[..<slash]), nil) else {
            return path
        }
        defer { free(parent) }
        return String(cString: parent) + path[slash...]
    }
}
