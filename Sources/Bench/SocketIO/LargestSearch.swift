/// Finds the largest number that is held, if each smaller number is held too.
///
/// It doubles the number while it is held, or halves it while it is not, and then halves the range between the largest
/// that was held and the smallest that was not.
package struct LargestSearch: Sendable, Equatable {
    /// The largest number of players that was held; 0 until one is held.
    package private(set) var held = 0
    /// The number to try next; `nil` when the search is over.
    package private(set) var next: Int?
    /// The smallest number that was not held, or the first one that is not allowed.
    private var lost: Int
    private let most: Int
    private let precisionPercent: Int

    /// Begins a search.
    ///
    /// - Parameters:
    ///   - first: The number to try first, from 1 to `most`.
    ///   - most: The largest number that is tried.
    ///   - precisionPercent: The search ends when it is as close as this part of the result, in percent.
    package init(from first: Int, most: Int, precisionPercent: Int) {
        (next, self.most, lost, self.precisionPercent) = (first, most, most + 1, precisionPercent)
    }

    /// Whether nothing that was tried was too large: the result is the largest number that is allowed.
    package var isAtMost: Bool { held == most }

    /// Takes the result of the number that was to be tried.
    ///
    /// - Parameter isHeld: Whether it was held.
    package mutating func record(isHeld: Bool) {
        guard let tried = next else { return }
        if isHeld { held = tried } else { lost = tried }
        if lost > most {
            next = held < most ? min(held * 2, most) : nil
        } else if held == 0 {
            next = lost > 1 ? lost / 2 : nil
        } else {
            next = lost - held > max(1, held * precisionPercent / 100) ? (held + lost) / 2 : nil
        }
    }
}
