import Glibc

/// Asks at a terminal for what an option left out. Without one nothing is asked: `ask` throws `.missing`.
package struct Prompt: Sendable {
    private let input: Int32
    private let output: Int32
    package let isTerminal: Bool

    /// `isTerminal` is looked up unless a test says otherwise.
    package init(input: Int32 = STDIN_FILENO, output: Int32 = STDERR_FILENO, isTerminal: Bool? = nil) {
        self.input = input
        self.output = output
        self.isTerminal = isTerminal ?? (isatty(input) == 1)
    }

    /// A line. An empty one is asked for again, three times in all.
    package func ask(_ question: String, option: String) throws(AgentError) -> String {
        guard isTerminal else {
            throw .missing(option: option, what: "\(question) (standard input is no terminal, so it is not asked for)")
        }
        for _ in 0..<3 {
            say("\(question): ")
            guard let line = readLine() else { break }
            if !line.isEmpty, line.count <= Self.maximumLineBytes { return String(decoding: line, as: UTF8.self) }
        }
        throw .unanswered(question: question, option: option)
    }

    /// A line that is not shown while it is typed. The terminal's setting is put back whatever happens but a kill.
    package func askSecret(_ question: String, option: String) throws(AgentError) -> Secret {
        guard isTerminal else {
            throw .missing(option: option, what: "\(question) (standard input is no terminal, so it is not asked for)")
        }
        guard var line = readHiddenLine("\(question): "), !line.isEmpty else { throw .unanswered(question: question, option: option) }
        return Secret(taking: &line)
    }

    /// As `readLine`, of a terminal, while nothing that is typed is shown. `prompt` is said when that has begun.
    package func readHiddenLine(_ prompt: String) -> [UInt8]? {
        // A signal must not leave the terminal silent: it ends the reading, and takes its course when all is put back.
        let interruptions = Interruptions()
        defer { interruptions.end() }
        var before = termios()
        let hasSettings = tcgetattr(input, &before) == 0
        if hasSettings {
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(input, TCSAFLUSH, &silent)
        }
        defer {
            if hasSettings { tcsetattr(input, TCSAFLUSH, &before) }
            say("\n")
        }
        say(prompt)
        return interruptions.waitForInput(input) ? readLine() : nil
    }

    private func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
    }

    /// What is longer is no answer.
    package static let maximumLineBytes = 4096

    /// Up to a newline or the end; nil at the end of input. Of a line that is too long `maximumLineBytes` and one more, and none of it is left for the next.
    package func readLine() -> [UInt8]? {
        var line: [UInt8] = []
        line.reserveCapacity(Self.maximumLineBytes + 1)
        while true {
            var byte: UInt8 = 0
            let count = read(input, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return line.isEmpty ? nil : line }
            if byte == 0x0A { return line }
            if line.count <= Self.maximumLineBytes { line.append(byte) }
        }
    }
}
