import JSONValues

extension CountedMap {
    /// What the entities of a map have.
    enum Components {
        /// A number and an empty table.
        case two
        /// Two numbers, a text, a boolean and a table with four members, each with a value of its own.
        case five

        /// The files that declare them.
        var files: [String: String] {
            switch self {
            case .two:
                [
                    "components/hp.lua": "--@type number\n--@default 5\n",
                    "components/bag.lua": "--@type json\n--@default {}\n",
                ]
            case .five:
                [
                    "components/strength.lua": "--@type number\n", "components/energy.lua": "--@type number\n",
                    "components/clan.lua": "--@type string\n", "components/awake.lua": "--@type boolean\n",
                    "components/pack.lua": "--@type json\n",
                ]
            }
        }

        /// The values of one entity that are not the default.
        func values(_ index: Int) -> [String: JSON] {
            switch self {
            case .two: [:]
            case .five:
                [
                    "strength": .number(Double(index)), "energy": .number(Double(index) / 8),
                    "clan": .string("clan \(index % 20)"), "awake": .bool(index % 2 == 0),
                    "pack": .object([
                        "gold": .number(Double(index)), "arrows": .number(30), "title": .string("archer"),
                        "open": .bool(true),
                    ]),
                ]
            }
        }
    }
}
