import Files
import Glibc
import Inventory
import TestPrograms
import Testing

@testable import HostFacts

/// The links of a path, followed one by one.
@Suite struct LinkResolverTests {
    private func tree() throws -> TreeBuilder {
        let tree = try TreeBuilder()
        try tree.directory("a/b/c")
        try tree.directory("x")
        try tree.file("a/file", "")
        try tree.link("a/link", to: "b/c")
        try tree.link("a/up", to: "../x")
        try tree.link("whole", to: "/a/b")
        try tree.link("above", to: "../../../x")
        try tree.link("circle", to: "circle")
        return tree
    }

    private func resolver(_ tree: TreeBuilder, looks: Int = LinkResolver.maximumLooks) throws -> LinkResolver {
        LinkResolver(tree: try Tree(sysroot: tree.root), mounts: MountLookup([]), looks: looks)
    }

    @Test(
        arguments: [
            ("/", "/"), ("/a/./b//", "/a/b"), ("/a/link", "/a/b/c"), ("/a/link/..", "/a/b"), ("/a/up", "/x"), ("/whole/c/../..", "/a"),
            ("/../../a", "/a"), ("/above", "/x"), ("/a/file", "/a/file"), ("/a/b/../../x/.", "/x"), ("/a/file/x", nil), ("/a/file/..", nil),
            ("/none/x", nil), ("/a/none", nil), ("/circle", nil), ("/circle/x", nil),
        ] as [(String, String?)])
    func aPathLeadsWhereTheKernelWouldGo(path: String, place: String?) throws {
        let tree = try tree()
        var resolver = try resolver(tree)
        #expect(resolver.resolve(path) == place.map { .found($0) } ?? .absent)
    }

    @Test func allPathsTogetherHaveSoManyComponents() throws {
        let tree = try tree()
        var resolver = try resolver(tree, looks: 5)
        // A path is gone through once.
        for _ in 0..<3 { #expect(resolver.resolve("/a/b/c") == .found("/a/b/c")) }
        #expect(resolver.resolve("/whole/c") == .tooLong)
        #expect(resolver.resolve("/x") == .tooLong && resolver.resolve("/a/b/c") == .found("/a/b/c"))
    }

    @Test func wayUpCostsWhatItIsLong() throws {
        let tree = try tree()
        let deep = String(repeating: "/d", count: 200)
        try tree.directory(String(deep.dropFirst()) + "/e")
        let path = deep + String(repeating: "/e/..", count: 20)
        var (enough, little) = (try resolver(tree, looks: 200 + 20 * (2 + 400 / 64)), try resolver(tree, looks: 250))
        #expect(enough.resolve(path) == .found(deep) && little.resolve(path) == .tooLong)
    }

    /// Anybody may mount a file system of his own below a directory of his, also between the reading of the mounts and the look.
    @Test(.enabled(if: HungMount.isPossible, "takes root and a kernel with FUSE"), .timeLimit(.minutes(1)))
    func whatWasMountedSinceTheTableWasReadIsNotGoneInto() throws {
        let tree = try tree()
        try tree.file("a/b/settings", "data = /x\n")
        let place = "\(tree.root)/a/b"
        var table = MountTable(.mountinfo)
        for line in try readFile("/proc/self/mountinfo", limit: 16 << 20).split(separator: 0x0A) { line.withUnsafeBytes { table.add($0) } }
        let hung = try HungMount(over: place)
        defer { hung.end() }
        var resolver = LinkResolver(tree: try Tree(), mounts: MountLookup(table.mounts))
        #expect(resolver.resolve("\(place)/c/d") == .assumed("\(place)/c/d"))
        #expect(resolver.file("\(place)/settings") < 0)
        #expect(!isListed("\(place)/c", by: resolver))
        hung.end()
        #expect(isListed("\(place)/c", by: resolver))
        let file = resolver.file("\(place)/settings")
        #expect(file >= 0)
        close(file)
    }

    private func isListed(_ path: String, by resolver: LinkResolver) -> Bool {
        guard let _ = resolver.listing(path) else { return false }
        return true
    }
}
