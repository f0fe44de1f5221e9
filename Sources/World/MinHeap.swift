/// What a ``MinHeap`` holds. The order is a part of the type, so that comparing two elements calls no closure.
protocol HeapElement {
    /// Whether `left` comes out before `right`.
    static func isBefore(_ left: Self, _ right: Self) -> Bool
}

/// A binary heap whose smallest element comes out first.
struct MinHeap<Element: HeapElement> {
    private(set) var elements: [Element] = []

    var first: Element? { elements.first }

    /// Adds an element in O(log n).
    mutating func push(_ element: Element) {
        elements.append(element)
        elements.withUnsafeMutableBufferPointer { Self.rise(element, from: $0.count - 1, to: 0, in: $0) }
    }

    /// Takes the smallest element in O(log n).
    mutating func pop() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty {
            elements.withUnsafeMutableBufferPointer { Self.sink(last, from: 0, in: $0) }
        }
        return first
    }

    /// Removes elements and restores the order in O(n).
    mutating func removeAll(where shouldRemove: (Element) -> Bool) {
        elements.removeAll(where: shouldRemove)
        elements.withUnsafeMutableBufferPointer { elements in
            for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) {
                Self.sink(elements[index], from: index, in: elements)
            }
        }
    }

    /// Puts an element at a free place or at one of its parents, down to `top`, which move down.
    private static func rise(
        _ element: Element, from free: Int, to top: Int, in elements: UnsafeMutableBufferPointer<Element>
    ) {
        var free = free
        while free > top {
            let parent = (free - 1) / 2
            guard Element.isBefore(element, elements[parent]) else { break }
            elements[free] = elements[parent]
            free = parent
        }
        elements[free] = element
    }

    /// Puts an element at a free place or below it.
    ///
    /// The free place first goes down to a leaf, then the element rises from there: it mostly was a leaf before, so
    /// this takes half the comparisons of a look at both children and the element in each step.
    private static func sink(
        _ element: Element, from top: Int, in elements: UnsafeMutableBufferPointer<Element>
    ) {
        var free = top
        while true {
            var child = 2 * free + 1
            guard child < elements.count else { break }
            if child + 1 < elements.count, Element.isBefore(elements[child + 1], elements[child]) { child += 1 }
            elements[free] = elements[child]
            free = child
        }
        rise(element, from: free, to: top, in: elements)
    }
}
