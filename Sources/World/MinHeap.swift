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
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Element.isBefore(elements[child], elements[parent]) else { return }
            elements.swapAt(parent, child)
            child = parent
        }
    }

    /// Takes the smallest element in O(log n).
    mutating func pop() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        if !elements.isEmpty {
            elements[0] = last
            sink(0)
        }
        return first
    }

    /// Removes elements and restores the order in O(n).
    mutating func removeAll(where shouldRemove: (Element) -> Bool) {
        elements.removeAll(where: shouldRemove)
        for index in stride(from: elements.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var smallest = parent
            let left = 2 * parent + 1
            if left < elements.count, Element.isBefore(elements[left], elements[smallest]) { smallest = left }
            let right = left + 1
            if right < elements.count, Element.isBefore(elements[right], elements[smallest]) { smallest = right }
            if smallest == parent { return }
            elements.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
