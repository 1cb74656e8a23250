// Puts messages of many hosts on pads while the controller is down, starts it, and times it until every host has its answer.
//
//   quartermaster-bench DATA SOCKET ACCOUNT DOMAIN USERS PASSWORD-FILE KEY HOSTS PADS-FILE SERVER [ARGUMENT …]
//
// USERS is the number of users bench0, bench1, …; PADS-FILE has one directory a line; SERVER and what follows is the command that
// runs the controller. Prints, on one line: registrations per second, updates per second, mean bytes of a message.

import Files
import Foundation
import Identifiers
import ScratchPad

func now() -> Timestamp { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

let arguments = CommandLine.arguments
guard arguments.count >= 11, let account = AccountID(arguments[3]), let users = Int(arguments[5]), let key = Fingerprint(arguments[7]),
    let count = Int(arguments[8])
else { throw BenchError.usage }
let password = try readSecret(arguments[6])
let directories = try String(contentsOfFile: arguments[9], encoding: .utf8).split(separator: "\n").map(String.init)
let load = Load(directories: directories, server: Array(arguments[10...]))

let pads = try directories.map { try HostPad.open(DirectoryMedium(path: $0), trust: .pinned(key), known: nil, now: now()) }
var hosts = try (0..<count).map { try BenchHost(number: $0, pad: pads[$0 % pads.count], now: now()) }

var bytes = 0
for index in hosts.indices {
    let message = try hosts[index].registration(
        account: account, domain: arguments[4], user: "bench\(index % users)", password: password, now: now())
    bytes += message.count
    try load.publish(message, of: hosts[index])
}
let registrations = try load.timeUntilAnswered(hosts)
if ProcessInfo.processInfo.environment["ROUNDS"] == "1" {
    print(String(format: "%.1f", Double(count) / registrations))
    exit(0)
}
for index in hosts.indices { try hosts[index].read(load.answer(to: hosts[index])) }

for index in hosts.indices { try load.publish(hosts[index].update(now: now()), of: hosts[index]) }
let updates = try load.timeUntilAnswered(hosts)

print(String(format: "%.1f %.1f %d", Double(count) / registrations, Double(count) / updates, bytes / count))
