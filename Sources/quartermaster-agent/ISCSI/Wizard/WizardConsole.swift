import AgentCore
import Glibc
import Initiator

/// Where the wizard asks: plain lines on standard error, answers from standard input. No cursor is moved and nothing is overwritten.
struct WizardConsole {
    private let prompt = Prompt()
    /// Characters of a line: those of the terminal, at most 79, so that none is in the last column of 80.
    let width: Int
    /// Lines of the terminal.
    let height: Int
    var isTerminal: Bool { prompt.isTerminal }

    init() {
        var size = winsize()
        let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
        width = isKnown && size.ws_col >= 20 ? min(Int(size.ws_col), 80) - 1 : 79
        height = isKnown && size.ws_row >= 8 ? Int(size.ws_row) : 24
    }

    /// Messages of what is done meanwhile, in lines that fit.
    var log: Log {
        Log(level: .notice) { [self] _, text, _ in say(text) }
    }

    /// A paragraph, in lines that fit; what begins with blanks goes on below them.
    func say(_ text: String) {
        let blanks = String(text.prefix { $0 == " " })
        for line in text.printable.folded(width: width, rest: blanks + "    ") { write(line + "\n") }
    }

    func blankLine() { write("\n") }

    /// The next line of standard input, nil at its end. Where it is no terminal it is said too: nobody has seen it.
    ///
    /// - Parameter isHidden: It may be a secret, though it should be the name of a file: it is not shown, nor said.
    func answer(isHidden: Bool) -> String? {
        while true {
            if !isTerminal || !isHidden { write("> ") }
            guard let bytes = isTerminal && isHidden ? prompt.readHiddenLine("> ") : prompt.readLine() else {
                write("\n")
                return nil
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if !isTerminal { write((isHidden ? "" : text.printable.folded(width: width - 2).first ?? "") + "\n") }
            if bytes.count <= Prompt.maximumLineBytes { return text }
            say("That line is longer than \(Prompt.maximumLineBytes) bytes, and no answer.")
        }
    }

    /// A secret that is typed, and not shown. Nil where nothing was entered, or the input is at its end.
    func secret(_ question: String) throws(AgentError) -> Secret? {
        if isTerminal {
            do throws(AgentError) {
                return try prompt.askSecret("\(question) (not shown)", option: "")
            } catch {
                guard case .unanswered = error else { throw error }
                return nil
            }
        }
        write("\(question): (not shown)\n")
        guard var line = prompt.readLine(), !line.isEmpty else { return nil }
        return Secret(taking: &line)
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        // What cannot be shown has nobody to tell.
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
