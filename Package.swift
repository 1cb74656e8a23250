// swift-tools-version: 6.2
import PackageDescription

// With QUARTERMASTER_PART=agent the manifest holds only what the host agent needs: no database, no HTTP server.
// A server administrator who builds the agent alone then resolves and compiles one dependency in place of twenty.
let agentOnly = Context.environment["QUARTERMASTER_PART"] == "agent"
// With QUARTERMASTER_PART=bench it holds the benchmarks' programs too, which `swift test` would otherwise build each time.
let withBenchmarks = Context.environment["QUARTERMASTER_PART"] == "bench"

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]
/// Of what runs once for each command or message: code of half the size is worth more there than code that is a little faster. The package's size is limited.
let compact = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]
/// Of what the agent's package runs once for each message, and the controller for thousands: only the agent's build makes it small.
let compactInAgent = agentOnly ? compact : strict
let strictC: [CSetting] = [.treatAllWarnings(as: .error), .define("_GNU_SOURCE")]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

/// What the agent links. Each row may import what it names and what those may import (Tests/LayeringTests).
let agentTargets: [Target] = [
    .target(name: "CLinux", cSettings: strictC),
    // libcrypto, libudev and libsqlite3 (RPM's database) are loaded when they are first needed: docs/decisions/0007-libraries-when-needed.md.
    .target(name: "CCrypto", cSettings: strictC),
    .target(name: "CUdev", cSettings: strictC),
    .target(name: "CSQLite", cSettings: strictC),
    library("StrictJSON"),
    library("Files", ["CLinux"]),
    library("Identifiers"),
    library("Inventory", ["Identifiers", "StrictJSON", "CCrypto"]),
    library("Messages", ["Inventory", "Identifiers", "StrictJSON"], settings: compactInAgent),
    library("Sealing", ["Identifiers", "Files", "CCrypto"], settings: compactInAgent),
    library("ScratchPad", ["Sealing", "Messages", "Identifiers", "Files", "StrictJSON", "CLinux"], settings: compactInAgent),
    library("HostFacts", ["Inventory", "Identifiers", "Files", "CLinux", "CSQLite"], settings: compact),
    library("ISCSI", ["Identifiers", "CCrypto"], settings: compact),
    library("Initiator", ["ISCSI", "HostFacts", "Inventory", "Identifiers", "Files", "StrictJSON", "CLinux"], settings: compact),
    library(
        "AgentCore", ["Initiator", "ScratchPad", "HostFacts", "Messages", "Sealing", "Files", "StrictJSON", "CUdev", "CLinux"],
        settings: compact),
    .executableTarget(
        name: "quartermaster-agent", dependencies: ["AgentCore", "Initiator", argumentParser], exclude: ["Linking"], swiftSettings: compact,
        // A fifth less of the time to start, measured: no C++ library to load, no symbols to export, packed relocations.
        linkerSettings: [
            .unsafeFlags(
                [
                    "-L", "\(Context.packageDirectory)/Sources/quartermaster-agent/Linking", "-use-ld=lld", "-Xlinker",
                    "--no-export-dynamic",
                    "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
                ], .when(configuration: .release))
        ]),

    tests("StrictJSONTests", ["StrictJSON"]),
    tests("FilesTests", ["Files"]),
    tests("IdentifiersTests", ["Identifiers"]),
    tests("InventoryTests", ["Inventory"]),
    tests("MessagesTests", ["Messages", "Files"], resources: [.copy("Vectors")]),
    .target(name: "TestPrograms", dependencies: ["CLinux", "Files"], path: "Tests/TestPrograms", swiftSettings: strict),
    tests("SealingTests", ["Sealing", "PadSimulation", "TestPrograms"], resources: [.copy("Vectors")]),
    .target(name: "PadSimulation", dependencies: ["ScratchPad"], path: "Tests/PadSimulation", swiftSettings: strict),
    tests("ScratchPadTests", ["ScratchPad", "PadSimulation"], resources: [.copy("Vectors")]),
    tests("HostFactsTests", ["HostFacts", "TestPrograms"], exclude: ["capture-host"]),
    tests("ISCSITests", ["ISCSI"]),
    tests("InitiatorTests", ["Initiator", "TestPrograms"], exclude: ["Records"]),
    tests("AgentCoreTests", ["AgentCore", "TestPrograms", "quartermaster-agent", argumentParser]),
]

let controllerTargets: [Target] = [
    library("PluginProtocol", ["Identifiers", "StrictJSON", "Files", "CLinux"]),
    library("Provider", ["Identifiers", "Inventory", "StrictJSON"]),
    library("Store", ["Provider", "Sealing", "StrictJSON", "Files", grdb]),
    library("Daemons", ["Store", "ScratchPad", "PluginProtocol", "Messages", "Sealing", "Files", logging, metrics, serviceLifecycle]),
    library("ControllerAPI", ["Identifiers", "Inventory", "StrictJSON"]),
    library("Server", ["Daemons", "ControllerAPI", hummingbird, yams]),
    program("quartermaster", ["Server", argumentParser, asyncHTTPClient]),
    program("quartermaster-plugin-simulator", ["PluginProtocol"]),
    program("quartermaster-plugin-tgt", ["PluginProtocol"]),

    .target(
        name: "TestSupport",
        dependencies: ["Server", "AgentCore", "PadSimulation"],
        path: "Tests/TestSupport", swiftSettings: strict),
    tests("LayeringTests", []),
    tests("PluginProtocolTests", ["PluginProtocol", "quartermaster-plugin-tgt", "TestSupport", "TestPrograms"]),
    tests("ProviderTests", ["Provider"]),
    tests("StoreTests", ["Store", "TestSupport", "TestPrograms"]),
    tests("DaemonsTests", ["Daemons", "AgentCore", "TestSupport"]),
    tests("ServerTests", ["Server", "TestSupport", "TestPrograms"]),
    tests("IntegrationTests", ["Server", "AgentCore", "TestSupport", "TestPrograms"]),
]

let benchmarkTargets: [Target] = [
    .executableTarget(
        name: "quartermaster-bench", dependencies: ["ScratchPad", "Files", "TestPrograms"],
        path: "Tests/Benchmarks/quartermaster-bench", swiftSettings: strict)
]

let package = Package(
    name: "quartermaster",
    products: agentOnly
        ? [.executable(name: "quartermaster-agent", targets: ["quartermaster-agent"])]
        : [
            .executable(name: "quartermaster-agent", targets: ["quartermaster-agent"]),
            .executable(name: "quartermaster", targets: ["quartermaster"]),
            .executable(name: "quartermaster-plugin-simulator", targets: ["quartermaster-plugin-simulator"]),
            .executable(name: "quartermaster-plugin-tgt", targets: ["quartermaster-plugin-tgt"]),
        ],
    dependencies: [.package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")]
        + (agentOnly
            ? []
            : [
                .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
                .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
                .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
                .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
                .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
                .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
                .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
            ]),
    targets: agentOnly ? agentTargets : agentTargets + controllerTargets + (withBenchmarks ? benchmarkTargets : []),
    swiftLanguageModes: [.v6]
)
