import CoreMetrics
import Foundation
import Testing

@testable import ServerMetrics

@Suite("The registry of metrics, through the API of swift-metrics") struct MetricRegistryTests {
    let registry = MetricRegistry()

    private func lines(_ samples: [MetricSample] = []) -> [String] {
        registry.text(with: samples).split(separator: "\n").map(String.init)
    }

    @Test("a counter counts, a gauge keeps the last value")
    func values() {
        let counter = MetricFamily.sessionsOpened.counter(in: registry)
        counter.increment()
        counter.increment(by: 41)
        let gauge = MetricFamily.sendMemory.meter(in: registry)
        gauge.set(7)
        gauge.increment(by: 1.5)
        gauge.decrement()
        #expect(registry.value(.sessionsOpened) == 42)
        #expect(registry.value(.sendMemory) == 7.5)
        #expect(
            lines() == [
                "# HELP perigee_sessions_opened_total Sessions opened",
                "# TYPE perigee_sessions_opened_total counter",
                "perigee_sessions_opened_total 42",
                "# HELP perigee_send_memory_bytes Bytes that wait for clients which are behind",
                "# TYPE perigee_send_memory_bytes gauge",
                "perigee_send_memory_bytes 7.5",
                "# HELP perigee_metric_series_left_out_total Series left out because their family had too many",
                "# TYPE perigee_metric_series_left_out_total counter",
                "perigee_metric_series_left_out_total 0",
            ])
    }

    @Test("a histogram counts each duration in all buckets that it fits into; a bound belongs to its bucket")
    func histogram() {
        let timer = MetricFamily.mapTickDuration.timer("1", in: registry)
        for microseconds in [100, 250, 251, 16_000, 2_000_000] { timer.recordMicroseconds(microseconds) }
        let text = lines()
        for (bound, count) in [("0.00025", 2), ("0.0005", 3), ("0.008", 3), ("0.016", 4), ("1", 4), ("+Inf", 5)] {
            #expect(text.contains("perigee_map_tick_duration_seconds_bucket{map=\"1\",le=\"\(bound)\"} \(count)"))
        }
        #expect(text.contains("perigee_map_tick_duration_seconds_sum{map=\"1\"} 2.016601"))
        #expect(text.contains("perigee_map_tick_duration_seconds_count{map=\"1\"} 5"))
    }

    @Test("CPU time is counted in nanoseconds and shown in seconds")
    func time() {
        MetricFamily.scriptCPU.counter("1", "events/move/to.lua", in: registry).increment(by: 1_500_000_000)
        #expect(registry.value(.scriptCPU, "1", "events/move/to.lua") == 1.5)
    }

    @Test("quotes, backslashes and line ends in labels are escaped")
    func labels() {
        MetricFamily.scriptCalls.counter("1", "a\"b\\c\nd", in: registry).increment()
        #expect(lines().contains(#"perigee_script_calls_total{map="1",script="a\"b\\c\nd"} 1"#))
    }

    @Test("series come in the order of their labels, looked up values with their family")
    func order() {
        for script in ["b.lua", "a.lua"] { _ = MetricFamily.scriptCalls.counter("1", script, in: registry) }
        let text = lines([.init(family: .mapPlayers, labels: ["2"], value: 3)])
        #expect(text.filter { $0.hasPrefix("perigee_script") }.map { $0.contains("a.lua") } == [true, false])
        #expect(text.contains("perigee_map_players{map=\"2\"} 3"))
    }

    @Test("the same labels are one series, which ends with its last use")
    func shared() {
        let (first, second) = (
            MetricFamily.scriptCalls.counter("1", "a.lua", in: registry),
            MetricFamily.scriptCalls.counter("1", "a.lua", in: registry)
        )
        first.increment()
        second.increment()
        #expect(registry.value(.scriptCalls, "1", "a.lua") == 2)
        first.destroy()
        #expect(registry.value(.scriptCalls, "1", "a.lua") == 2)
        second.destroy()
        #expect(registry.value(.scriptCalls, "1", "a.lua") == nil)
        // Destroyed once more, it must not end the series that came after it.
        _ = MetricFamily.scriptCalls.counter("1", "a.lua", in: registry)
        second.destroy()
        #expect(registry.value(.scriptCalls, "1", "a.lua") == 0)
    }

    @Test("what is of no family, of another kind or has other labels records nothing")
    func unknown() {
        Counter(label: "somebody_elses_total", factory: registry).increment()
        Counter(label: MetricFamily.sessions.name, factory: registry).increment()
        Counter(label: MetricFamily.scriptCalls.name, dimensions: [("map", "1")], factory: registry).increment()
        Recorder(label: MetricFamily.sessions.name, factory: registry).record(1)
        #expect(lines().count == 3, "only the series left out are shown")
    }

    @Test("a family has at most its number of series; more record nothing and are counted")
    func bound() {
        let counters = (0..<MetricRegistry.maxSeries + 2).map {
            MetricFamily.scriptCalls.counter("1", "\($0).lua", in: registry)
        }
        counters.last?.increment()
        #expect(registry.value(.scriptCalls, "1", "\(MetricRegistry.maxSeries - 1).lua") == 0)
        #expect(registry.value(.scriptCalls, "1", "\(MetricRegistry.maxSeries).lua") == nil)
        #expect(lines().contains("perigee_metric_series_left_out_total 2"))
    }

    @Test("threads count together without losing anything")
    func threads() async {
        let counter = MetricFamily.sessionsOpened.counter(in: registry)
        let gauge = MetricFamily.sessions.meter(in: registry)
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        gauge.increment()
                    }
                }
            }
        }
        #expect(registry.value(.sessionsOpened) == 40_000)
        #expect(registry.value(.sessions) == 40_000)
    }
}
