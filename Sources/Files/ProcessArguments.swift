/// What this process was called with.
package enum ProcessArguments {
    /// The number of the first argument that is no UTF-8 (the program's name is 0); nil where all are. `CommandLine.arguments` puts replacement
    /// characters in the place of what it cannot read, and another name or file would be meant than was given.
    package static var firstUnreadable: Int? {
        (0..<Int(CommandLine.argc)).first { index in
            CommandLine.unsafeArgv[index].map { String(validatingCString: $0) == nil } ?? false
        }
    }
}
