import Testing

@testable import Storage

@Suite("Failing saves in the log") struct SaveFailuresTests {
    private typealias Report = SaveFailures.Report

    @Test("the first failure is reported at once, then one a minute, with how long it lasts; and the end")
    func lasting() {
        var failures = SaveFailures()
        #expect(failures.succeeded(at: .seconds(1)) == nil)
        let reported = stride(from: 100, through: 280, by: 6).compactMap { second in
            failures.failed(at: .seconds(second)).map { [second, Int($0.duration / .seconds(1)), $0.count] }
        }
        #expect(reported == [[100, 0, 1], [160, 60, 11], [220, 120, 21], [280, 180, 31]])
        #expect(failures.duration(at: .seconds(281)) == .seconds(181))
        #expect(failures.succeeded(at: .seconds(283)) == Report(duration: .seconds(183), count: 31))
        #expect(failures.duration(at: .seconds(284)) == nil)
        #expect(failures.succeeded(at: .seconds(284)) == nil)
    }

    @Test("a store that fails every other second is reported once a minute, and so is that it works")
    func flapping() {
        var failures = SaveFailures()
        var (failed, worked): ([Int], [Int]) = ([], [])
        for second in stride(from: 0, to: 130, by: 2) {
            if failures.failed(at: .seconds(second)) != nil { failed.append(second) }
            if failures.succeeded(at: .seconds(second + 1)) != nil { worked.append(second + 1) }
        }
        #expect(failed == [0, 60, 120])
        #expect(worked == [1, 61, 121])
    }

    @Test("a failure within a minute of the last report is reported a minute after that, if it lasts")
    func again() {
        var failures = SaveFailures()
        #expect(failures.failed(at: .seconds(0)) != nil)
        #expect(failures.succeeded(at: .seconds(1)) != nil)
        #expect(failures.failed(at: .seconds(10)) == nil)
        #expect(failures.failed(at: .seconds(59)) == nil)
        #expect(failures.failed(at: .seconds(60)) == Report(duration: .seconds(50), count: 3))
    }
}
