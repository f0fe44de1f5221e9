import Testing

@testable import Bench

@Suite("Search for the largest number") struct LargestSearchTests {
    /// The numbers that are tried when all up to `limit` are held.
    private static func tried(
        from first: Int, limit: Int, most: Int = 1_000, precision: Int = 10
    ) -> (numbers: [Int], held: Int) {
        var search = LargestSearch(from: first, most: most, precisionPercent: precision)
        var numbers: [Int] = []
        while let next = search.next, numbers.count < 50 {
            numbers.append(next)
            search.record(isHeld: next <= limit)
        }
        return (numbers, search.held)
    }

    @Test("doubles while held, then halves the range")
    func upwards() {
        let (numbers, held) = Self.tried(from: 100, limit: 620)
        #expect(numbers == [100, 200, 400, 800, 600, 700, 650])
        #expect(held == 600)
    }

    @Test("halves while not held, then halves the range")
    func downwards() {
        let (numbers, held) = Self.tried(from: 100, limit: 33)
        #expect(numbers == [100, 50, 25, 37, 31, 34])
        #expect(held == 31)
    }

    @Test(
        "ends within the precision, at the most that is allowed, and at nothing",
        arguments: [0, 1, 2, 77, 999, 5_000])
    func ends(limit: Int) {
        for precision in [1, 10, 50] {
            for first in [1, 100, 1_000] {
                let (numbers, held) = Self.tried(from: first, limit: limit, precision: precision)
                #expect(numbers.count < 25)
                #expect(held <= limit && held <= 1_000)
                let next = held + max(1, held * precision / 100)
                #expect(held == 1_000 || next >= min(limit, 1_000))
            }
        }
    }

    @Test("says when the most that is allowed was held")
    func most() {
        var search = LargestSearch(from: 60, most: 100, precisionPercent: 10)
        search.record(isHeld: true)
        #expect(search.next == 100 && !search.isAtMost)
        search.record(isHeld: true)
        #expect(search.next == nil && search.isAtMost)
        search.record(isHeld: false)
        #expect(search.held == 100)
    }
}
