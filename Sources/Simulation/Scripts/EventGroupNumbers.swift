/// Numbers of event groups in references; never reused, so that a proxy that a script keeps over a reload still means
/// the same group.
struct EventGroupNumbers {
    private var numbers: [String: UInt32] = [:]
    private var names: [String] = []

    /// Gives numbers to groups that have none.
    mutating func add(_ groups: [String]) {
        for name in groups where numbers[name] == nil {
            numbers[name] = UInt32(names.count)
            names.append(name)
        }
    }

    /// The number of a group; `.max` for one that never was declared.
    func number(of group: String) -> UInt32 { numbers[group] ?? .max }

    /// The group of a number.
    func name(of number: Int) -> String? { names.indices.contains(number) ? names[number] : nil }
}
