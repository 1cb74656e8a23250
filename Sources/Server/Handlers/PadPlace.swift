import Glibc
import Provider

/// Where no pad may be: hosts write there, and a pad's folders are emptied.
enum PadPlace {
    /// Throws for a directory in the controller's own, or in another pad, and for one that holds them. Links to it are followed; the other pads
    /// are not touched, whose file systems may hang.
    static func check(_ directory: String, dataDirectory: String, pads: [PadRecord]) throws(RequestError) {
        let places = [directory, real(directory)]
        for place in places where [dataDirectory, real(dataDirectory)].contains(where: { isInside(place, $0) }) {
            throw .invalid(field: "directory", reason: "\(directory) is in the controller's data directory; give the pad one of its own")
        }
        for place in places where [dataDirectory, real(dataDirectory)].contains(where: { isInside($0, place) }) {
            throw .invalid(field: "directory", reason: "\(directory) holds the controller's data directory; give the pad one of its own")
        }
        for pad in pads where places.contains(where: { $0 != pad.directory && isInside(pad.directory, $0) }) {
            throw .invalid(
                field: "directory", reason: "\(directory) holds the pad \(pad.id), \(pad.directory); give the pad one of its own")
        }
        for pad in pads where places.contains(where: { $0 != pad.directory && isInside($0, pad.directory) }) {
            throw .invalid(
                field: "directory", reason: "\(directory) is in the pad \(pad.id), \(pad.directory); give the pad one of its own")
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
