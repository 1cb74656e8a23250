extension Wizard {
    /// A question's choices as they are shown: pages of so many lines, shortened by what was typed. Numbers stay those of the whole list.
    package struct Listing: Equatable, Sendable {
        private let choices: [HostChoices.Item]
        private let width: Int
        private let height: Int
        /// Places in the list.
        private var shown: [Int]
        private var offset = 0

        /// `height` lines are there for the choices.
        package init(_ question: Question, width: Int, height: Int) {
            choices = question.choices
            self.width = width
            self.height = max(height, 2)
            shown = Array(question.choices.indices)
        }

        /// The choices of this page, from the offset on.
        private var page: (lines: [String], count: Int) {
            var lines: [String] = []
            var count = 0
            for index in shown[offset...] {
                let next = self.lines(index)
                if count > 0, lines.count + next.count > height { break }
                lines += next
                count += 1
            }
            return (lines, count)
        }

        private func lines(_ index: Int) -> [String] {
            let number = "\(index + 1)"
            let text = choices[index].text.isEmpty ? choices[index].value : "\(choices[index].value)  \(choices[index].text)"
            return text.folded(width: width, first: "  \(number)  ", rest: "     ")
        }

        package var lines: [String] {
            let page = page
            guard hasMore || shown.count < choices.count else { return page.lines }
            let place = "\(offset + 1) to \(offset + page.count) of \(shown.count)"
            let more = hasMore ? "; Enter for more, or type a part of a name" : ""
            let all = shown.count < choices.count ? " (of \(choices.count) in all)" : ""
            return page.lines + "\(place)\(all)\(more).".folded(width: width)
        }

        /// There is another page.
        package var hasMore: Bool { offset + page.count < shown.count }

        package mutating func more() { offset += page.count }

        package mutating func narrow(to places: [Int]) {
            shown = places
            offset = 0
        }
    }
}
