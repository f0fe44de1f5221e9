import Foundation
import Testing

@testable import Cluster

@Suite("Leases under random faults: frozen nodes, lost lines, late statements, crashes") struct LeaseScheduleTests {
    /// How many schedules are tried: `PERIGEE_FUZZ=1` tries more.
    private static let schedules: UInt64 =
        ProcessInfo.processInfo.environment["PERIGEE_FUZZ"] == nil ? 10_000 : 200_000

    @Test("no map ever runs on two nodes, and after all faults each one runs again")
    func safety() {
        for seed in 0..<Self.schedules {
            var simulation = LeaseSimulation(seed: seed)
            guard simulation.run(until: 9_000) else {
                Issue.record("schedule \(seed):\n\(simulation.trace.joined(separator: "\n"))")
                return
            }
            guard seed % 10 == 0 else { continue }
            simulation.mend()
            let isSafe = simulation.run(until: 18_000)
            #expect(isSafe && simulation.allRun, "schedule \(seed):\n\(simulation.trace.joined(separator: "\n"))")
        }
    }

    @Test("each rule is needed: without it a map runs on two nodes in some schedule", arguments: LeaseMutant.allCases)
    func mutants(_ mutant: LeaseMutant) {
        let found = (0..<Self.schedules).first { seed in
            var simulation = LeaseSimulation(seed: seed, mutant: mutant)
            return !simulation.run(until: 9_000)
        }
        #expect(found != nil)
    }
}
