import Files
import ISCSI
import Testing

@testable import Initiator

/// docs/iscsi.md, held to the program.
@Suite struct DocumentTests {
    private func lines() throws -> [String] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return String(decoding: try readFile("/\(root)/docs/iscsi.md"), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The table's rows are those of the enumeration, in its order: word, exit code, meaning, next step.
    @Test func theTableOfOutcomesIsTheProgramsOwn() throws {
        let rows = try lines().filter { $0.hasPrefix("| `") }.map { row in
            row.split(separator: "|").map { $0.drop { $0 == " " }.description }.map { String($0.reversed().drop { $0 == " " }.reversed()) }
        }
        let outcomes = rows.filter { row in row.count == 4 && ISCSIOutcome(rawValue: String(row[0].dropFirst().dropLast())) != nil }
        #expect(outcomes.map { $0[0] } == ISCSIOutcome.allCases.map { "`\($0.rawValue)`" })
        for (row, outcome) in zip(outcomes, ISCSIOutcome.allCases) {
            #expect(row[1] == "\(outcome.exitCode)", "\(outcome)")
            #expect(!row[2].isEmpty, "\(outcome)")
            #expect(row[3] == outcome.nextStep ?? "-", "\(outcome)")
        }
    }

    @Test func theFilesAndBoundsAreTheProgramsOwn() throws {
        let text = try lines().joined(separator: "\n")
        for kind in AddressList.Kind.allCases { #expect(text.contains("/etc/quartermaster/\(kind.fileName)")) }
        #expect(text.contains("`\(SeenTargets.format)`") && text.contains("`\(SetupJournal.format)`"))
        #expect(text.contains("At most \(AddressList.maximumCount) addresses"))
        #expect(text.contains("up to \(DiscoveryRequest.automaticChecks) targets"))
    }
}
