import Foundation
import Testing

@testable import ServerMetrics

@Suite("The table of metrics") struct MetricFamilyTests {
    @Test("each name occurs once, and follows Prometheus' conventions", arguments: MetricFamily.all)
    func names(family: MetricFamily) throws {
        #expect(MetricFamily.all.count { $0.name == family.name } == 1)
        #expect(family.name.wholeMatch(of: /(perigee|process)_[a-z0-9_]+/) != nil)
        #expect(family.name.hasSuffix("_total") == (family.kind == .counter))
        #expect(!family.help.isEmpty)
        #expect(family.bounds == family.bounds.sorted())
        #expect(family.bounds.isEmpty == (family.kind != .histogram))
        let series = HistogramSeries(family, [])
        #expect(series.value == 0)
    }

    @Test("all bounds of a histogram have a place")
    func bounds() {
        for family in MetricFamily.all where family.kind == .histogram {
            let registry = MetricRegistry()
            _ = family.timer("1", in: registry)
            let buckets = registry.text().split(separator: "\n").count { $0.hasPrefix("\(family.name)_bucket") }
            #expect(buckets == family.bounds.count + 1)
        }
    }

    @Test("docs/metrics.md has the same rows in the same order")
    func documented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/metrics.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| `") }
        #expect(rows == MetricFamily.all.map(\.documentation))
    }
}
