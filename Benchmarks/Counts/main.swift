// Counts allocations exactly, in calls of malloc, and the bytes that entities keep, and fails when they differ from a
// case's limit. With `--times`, shows instead what the same ticks take of this thread's CPU time; words after it choose
// those whose name has them.

import Foundation

if CommandLine.arguments.dropFirst().first == "--times" {
    let wanted = CommandLine.arguments.dropFirst(2).joined(separator: " ")
    for time in Time.all where wanted.isEmpty || time.name.contains(wanted) {
        print(time.name.padding(toLength: 48, withPad: " ", startingAt: 0), try time.measure())
    }
    exit(0)
}

var failures = 0
for each in Case.scripts + Case.ticks + Case.memory {
    do {
        let count = (try each.count() * 100).rounded() / 100
        let verdict = each.verdict(count)
        if !verdict.isEmpty { failures += 1 }
        print(each.name.padding(toLength: 48, withPad: " ", startingAt: 0), count, verdict)
    } catch {
        failures += 1
        print(each.name.padding(toLength: 48, withPad: " ", startingAt: 0), "not counted: \(error)")
    }
}
exit(failures == 0 ? 0 : 1)
