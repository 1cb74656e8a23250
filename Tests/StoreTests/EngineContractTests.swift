import Foundation
import Store
import TestSupport
import Testing

/// What every engine must hold to (`DatabaseEngine`).
@Suite struct EngineContract {
    enum Engine: String, CaseIterable, Sendable {
        case pool, singleFile

        func create(at path: String, timeout: Duration = .milliseconds(50)) throws -> any DatabaseEngine {
            try SQLiteEngine.create(path: path, options: options(timeout))
        }

        func open(at path: String) throws -> any DatabaseEngine { try SQLiteEngine.open(path: path, options: options(.milliseconds(50))) }

        private func options(_ timeout: Duration) -> SQLiteEngine.Options {
            var options = SQLiteEngine.Options()
            options.singleFile = self == .singleFile
            options.busyTimeout = timeout
            return options
        }
    }

    private func withEngine(_ kind: Engine, _ body: (any DatabaseEngine, String) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/database"
            let engine = try kind.create(at: path)
            try await engine.write { connection in
                try connection.executeScript(
                    """
                    CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE CHECK (length(name) < 10)) STRICT;
                    CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id), bytes BLOB) STRICT;
                    """)
            }
            try await body(engine, path)
            try engine.close()
        }
    }

    private static func count(_ connection: any EngineConnection) throws -> Int {
        var count = 0
        try connection.forEachRow("SELECT id FROM parents", []) { _ in
            count += 1
            return true
        }
        return count
    }

    @Test(arguments: Engine.allCases) func `values come back as they were put in`(kind: Engine) async throws {
        try await withEngine(kind) { engine, _ in
            let values: [[SQLValue]] = [
                [.integer(1), .null, .blob([0, 255, 1])], [.integer(Int64.max), .null, .null], [.integer(Int64.min), .null, .blob([])],
            ]
            try await engine.write { connection in
                for value in values { try connection.execute("INSERT INTO children VALUES (?, ?, ?)", value) }
            }
            let found = try await engine.read { connection in
                var rows: [[SQLValue]] = []
                try connection.forEachRow("SELECT * FROM children ORDER BY rowid = 1 DESC, id DESC", []) { row in
                    rows.append([try row.value("id"), try row.value("parent"), try row.value("bytes")])
                    return true
                }
                return rows
            }
            #expect(found == values)
        }
    }

    @Test(arguments: Engine.allCases) func `text of any script comes back, and is not cut at a zero byte`(kind: Engine) async throws {
        try await withEngine(kind) { engine, _ in
            for text in ["", "é", "日本", "a\u{FFFD}b"] {
                let found = try await engine.read { connection in
                    var found = SQLValue.null
                    let given = text.replacing("\u{FFFD}", with: "\u{0}")
                    try connection.forEachRow("SELECT ? AS text", [.text(given)]) { row in
                        found = try row.value("text")
                        return true
                    }
                    return found
                }
                #expect(found == .text(text))
            }
        }
    }

    @Test(arguments: Engine.allCases) func `a body that throws leaves nothing behind, and its error passes`(kind: Engine) async throws {
        struct Stop: Error {}
        try await withEngine(kind) { engine, _ in
            await #expect(throws: Stop.self) {
                try await engine.write { connection in
                    try connection.execute("INSERT INTO parents VALUES (1, 'a')", [])
                    throw Stop()
                }
            }
            let kept = try await engine.read(Self.count)
            #expect(kept == 0)
        }
    }

    @Test(arguments: Engine.allCases) func `each broken constraint is told apart and named`(kind: Engine) async throws {
        let cases: [(String, StoreError)] = [
            ("INSERT INTO parents VALUES (2, 'a')", .constraint(.unique, subject: "parents.name")),
            ("INSERT INTO parents VALUES (1, 'b')", .constraint(.unique, subject: "parents.id")),
            ("INSERT INTO parents VALUES (2, NULL)", .constraint(.notNull, subject: "parents.name")),
            ("INSERT INTO parents VALUES (2, 'aaaaaaaaaaaa')", .constraint(.check, subject: "length(name) < 10")),
            ("INSERT INTO children VALUES (1, 7, NULL)", .constraint(.foreignKey, subject: "FOREIGN KEY constraint failed")),
        ]
        try await withEngine(kind) { engine, _ in
            try await engine.write { try $0.execute("INSERT INTO parents VALUES (1, 'a')", []) }
            for (statement, expected) in cases {
                await #expect(throws: expected) { try await engine.write { try $0.execute(statement, []) } }
            }
            let kept = try await engine.read(Self.count)
            #expect(kept == 1)
        }
    }

    @Test(arguments: Engine.allCases) func `how many rows a statement changed is returned`(kind: Engine) async throws {
        try await withEngine(kind) { engine, _ in
            let changed = try await engine.write { connection in
                [
                    try connection.execute("INSERT INTO parents VALUES (1, 'a'), (2, 'b')", []),
                    try connection.execute("UPDATE parents SET name = 'c' WHERE id = 7", []),
                    try connection.execute("DELETE FROM parents", []),
                ]
            }
            #expect(changed == [2, 0, 2])
        }
    }

    @Test(arguments: Engine.allCases) func `writes do not run into one another`(kind: Engine) async throws {
        try await withEngine(kind) { engine, _ in
            try await engine.write { try $0.execute("INSERT INTO parents VALUES (0, '0')", []) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await engine.write { connection in
                            var number: Int64 = 0
                            try connection.forEachRow("SELECT name FROM parents WHERE id = 0", []) { row in
                                number = Int64(try row.text("name")) ?? -1
                                return true
                            }
                            try connection.execute("UPDATE parents SET name = ? WHERE id = 0", [.text(String(number + 1))])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let name = try await engine.read { connection in
                var name = ""
                try connection.forEachRow("SELECT name FROM parents", []) { row in
                    name = try row.text("name")
                    return true
                }
                return name
            }
            #expect(name == "50")
        }
    }

    @Test(arguments: Engine.allCases) func `a copy is whole, of mode 0600, and never over another file`(kind: Engine) async throws {
        guard kind == .pool else { return }
        try await withEngine(kind) { engine, path in
            try await engine.write { try $0.execute("INSERT INTO parents VALUES (1, 'a')", []) }
            try await engine.copy(to: path + ".copy")
            #expect(try FileManager.default.attributesOfItem(atPath: path + ".copy")[.posixPermissions] as? Int == 0o600)
            await #expect(throws: StoreError.alreadyExists(path: path + ".copy")) { try await engine.copy(to: path + ".copy") }
            let copy = try kind.open(at: path + ".copy")
            #expect(try await copy.read(Self.count) == 1)
            #expect(try await copy.check() == [])
            try copy.close()
            // The connection that copied serves reads again.
            for _ in 0..<8 { #expect(try await engine.read(Self.count) == 1) }
        }
    }

    @Test func `a read goes on beside a write, and sees the state before it`() async throws {
        try await withEngine(.pool) { engine, _ in
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            let gate = DispatchSemaphore(value: 0)
            async let write: Void = engine.write { connection in
                try connection.execute("INSERT INTO parents VALUES (1, 'a')", [])
                begin.yield()
                gate.wait()
            }
            for await _ in begun { break }
            #expect(try await engine.read(Self.count) == 0)
            gate.signal()
            try await write
            #expect(try await engine.read(Self.count) == 1)
        }
    }

    @Test(arguments: Engine.allCases) func `a reader cannot write`(kind: Engine) async throws {
        try await withEngine(kind) { engine, path in
            await #expect(throws: StoreError.readOnly(path: path)) {
                try await engine.read { try $0.execute("INSERT INTO parents VALUES (1, 'a')", []) }
            }
        }
    }
}
