import Testing

@testable import PostgresStorage

@Suite("PostgreSQL: how large a statement of a save may be") struct PostgresSaveBoundTests {
    private typealias Size = PostgresSaveBound.Size

    @Test("the time limit grows with the rows and with their bytes, so it is bounded as they are")
    func limits() {
        let bound = PostgresSaveBound()
        #expect(bound.limit(Size()) == .seconds(5))
        #expect(bound.limit(Size(rows: 1000)) == .milliseconds(5200))
        #expect(bound.limit(Size(bytes: 10_000_000)) == .seconds(6))
        #expect(bound.limit(bound.now) < .seconds(7))
        // PostgreSQL ends a statement after 60 s.
        #expect(bound.limit(Size(rows: 1, bytes: bound.largestRecord)) < .seconds(60))
    }

    @Test("a statement that is too much halves the bound, down to one row, and fast ones double it again")
    func follows() {
        var bound = PostgresSaveBound(rows: 100, bytes: 10_000)
        bound.wasTooMuch(Size(rows: 80, bytes: 4000), isFirst: true)
        #expect(bound.now == Size(rows: 40, bytes: 2000))
        for rows in [20, 10, 5, 2, 1] {
            bound.wasTooMuch(bound.now, isFirst: true)
            #expect(bound.now.rows == rows)
        }
        let least = bound.now
        bound.wasTooMuch(Size(rows: 1, bytes: 5000), isFirst: true)
        bound.wasTooMuch(Size(), isFirst: false)
        #expect(bound.now == least, "neither can be divided")
        for rows in [2, 4, 8, 16, 32, 64, 100, 100] {
            bound.took(.milliseconds(10), bound.now)
            #expect(bound.now.rows == rows)
        }
        for _ in 0..<10 { bound.took(.milliseconds(10), bound.now) }
        #expect(bound.now == Size(rows: 100, bytes: 10_000))
    }

    @Test("a statement that took long, or a small one, leaves the bound as it is")
    func stays() {
        var bound = PostgresSaveBound(rows: 100, bytes: 10_000)
        bound.wasTooMuch(Size(rows: 20, bytes: 2000), isFirst: true)
        bound.took(.seconds(2), bound.now)
        bound.took(.milliseconds(1), Size(rows: 3, bytes: 300))
        #expect(bound.now == Size(rows: 10, bytes: 1000))
    }

    @Test("within a save the bound does not grow again to what was too much after other statements were not")
    func ends() {
        var bound = PostgresSaveBound(rows: 100, bytes: 10_000)
        bound.wasTooMuch(Size(rows: 60, bytes: 6000), isFirst: false)
        for _ in 0..<3 { bound.took(.milliseconds(10), bound.now) }
        #expect(bound.now == Size(rows: 50, bytes: 5000))
        for _ in 0..<20 { bound.wasTooMuch(Size(rows: 2, bytes: 200), isFirst: false) }
        #expect(bound.now == Size(rows: 1, bytes: 1), "in the end a save of single rows")
        bound.saveEnded()
        #expect(bound.now == Size(rows: 1, bytes: 1))
        for _ in 0..<20 { bound.took(.milliseconds(10), Size(rows: bound.now.rows, bytes: 100 * bound.now.rows)) }
        #expect(bound.now == Size(rows: 100, bytes: 10_000))
    }

    @Test("a database that stands still for a moment at a small statement makes no save of single rows")
    func smallStatement() {
        var bound = PostgresSaveBound(rows: 4096, bytes: 8 << 20)
        bound.wasTooMuch(Size(rows: 2, bytes: 1400), isFirst: false)
        #expect(bound.now == Size(rows: 2048, bytes: 4 << 20))
        // A statement that only deletes has no bytes.
        bound = PostgresSaveBound(rows: 4096, bytes: 8 << 20)
        bound.wasTooMuch(Size(rows: 3000), isFirst: false)
        #expect(bound.now == Size(rows: 2048, bytes: 4 << 20))
        bound = PostgresSaveBound(rows: 4096, bytes: 8 << 20)
        bound.wasTooMuch(Size(rows: 3000), isFirst: true)
        #expect(bound.now == Size(rows: 1500, bytes: 8 << 20))
    }
}
