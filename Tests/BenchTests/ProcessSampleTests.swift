import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Bench

@Suite("Figures from /proc") struct ProcessSampleTests {
    @Test("reads the CPU time after a process name with spaces and brackets")
    func cpu() {
        let stat = "42 (a ) (b c) S 1 2 3 4 5 6 7 8 9 10 250 150 0 0 20 0 1 0 100"
        #expect(ProcessSample.cpuSeconds(stat: stat, ticksPerSecond: 100) == 4)
        #expect(ProcessSample.cpuSeconds(stat: "42 (x) S 1", ticksPerSecond: 100) == nil)
        #expect(ProcessSample.cpuSeconds(stat: "", ticksPerSecond: 100) == nil)
    }

    @Test("reads one line of a status file")
    func status() {
        let text = "VmPeak:\t  900 kB\nVmRSS:\t   123 kB\n"
        #expect(ProcessSample.kibibytes("VmRSS:", in: text) == 123)
        #expect(ProcessSample.kibibytes("Pss:", in: text) == nil)
    }

    @Test("reads this process, and nothing for a process that does not exist")
    func live() throws {
        let sample = try #require(ProcessSample(pid: getpid()))
        #expect(sample.residentBytes > 0)
        #expect(ProcessSample(pid: -1) == nil)
    }

    @Test("counts idle time and waiting for disks as not busy")
    func machine() throws {
        let before = try #require(MachineSample(stat: "cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1"))
        let after = try #require(MachineSample(stat: "cpu  40 0 20 120 20 0 0 0 0 0\n"))
        #expect(after.busyShare(since: before) == 0.4)
        #expect(MachineSample(stat: "intr 5") == nil)
    }

    @Test("finds the listening sockets of a port, not its connections")
    func listeners() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1
               1: 0100007F:1F90 0100007F:A0A0 01 00000000:00000000 00:00000000 00000000     0        0 222 1
               2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 333 1
            """
        #expect(ListeningProcess.listeningInodes(table: table, port: 8_080) == [111])
    }

    @Test("finds the process that listens on a port")
    func ownListener() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        #expect(ListeningProcess.pid(port: port) == getpid())
        try await server.close()
    }
}
