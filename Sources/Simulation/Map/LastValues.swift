/// The last values that were noted, in memory that is taken at the first one: when it is full, each
/// overwrites the oldest.
package struct LastValues<Element> {
    private let capacity: Int
    /// When it is full, `next` is the oldest one.
    private var values: [Element] = []
    private var next = 0

    /// Makes an empty list.
    ///
    /// - Parameter capacity: The most values.
    package init(_ capacity: Int) { self.capacity = capacity }

    /// Notes a value.
    package mutating func note(_ value: Element) {
        if values.count < capacity {
            if values.isEmpty { values.reserveCapacity(capacity) }
            values.append(value)
        } else {
            values[next] = value
            next = next + 1 == capacity ? 0 : next + 1
        }
    }

    /// The values in no order.
    package var unordered: [Element] { values }

    /// The values, oldest first.
    package var all: ArraySlice<Element> { values[next...] + values[..<next] }

    /// The latest value; `nil` before the first one.
    package var latest: Element? {
        values.isEmpty ? nil : values[(next + values.count - 1) % values.count]
    }
}

extension LastValues: Sendable where Element: Sendable {}
