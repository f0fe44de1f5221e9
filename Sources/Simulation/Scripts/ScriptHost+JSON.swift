import JSONValues
import LuaSandbox
import World

/// Tables inside json components: they read and write like tables, in place [`2-lua-api.md` 4, M10.4].
extension ScriptHost {
    func answerJSON(_ call: HostCall) throws {
        let node = try readableTable(call.reference)
        switch call.operation {
        case .index:
            guard let key = try key(call, at: 0), let value = node[key] else { return }
            answer(call, value)
        case .newIndex:
            guard let key = try key(call, at: 0) else {
                throw ScriptFault(
                    "a key of a json component must be text or a whole number, got \(describe(call, at: 0))")
            }
            try write(node, key, try assignedValue(call, at: 1))
        case .length: call.returnValue(Double(node.count))
        case .next:
            guard let (key, value) = node.next(after: try key(call, at: 0)) else { return }
            switch key {
            case .index(let index): call.returnValue(Double(index))
            case .name(let name): call.returnValue(name)
            }
            answer(call, value)
        case .pack: call.returnPacked(PackedJSON.packed(node))
        case .toString: call.returnValue("table")
        default: throw ScriptFault("a table of a json component can't do this")
        }
    }

    private func write(_ node: JSONNode, _ key: JSONKey, _ value: AssignedValue) throws {
        let root = node.root
        guard let place = root.place else { throw WorldError.inNoComponent }
        if place.outsideOwner != nil { return try writeSocketData(node, key, value) }
        if value.isOnly(node.table(key)) { return }
        let watched = world.columns.all[place.column].flatMap { trigger(for: $0, slot: place.slot) }
        let old = watched == nil ? nil : root.json
        let shaped = value.json.keepingEmptyKinds(
            of: node.table(key), or: node.model(key, in: defaultValue(ofColumn: place.column)))
        try world.set(key, of: node, to: shaped, moving: value.moved(storedAs: shaped))
        if let old, old != root.json { try nodeChanged(root, old: old) }
    }

    private func answer(_ call: HostCall, _ value: JSONNode.Child) {
        switch value {
        case .scalar(.bool(let value)): call.returnValue(value)
        case .scalar(.number(let value)): call.returnValue(value)
        case .scalar(.string(let value)): call.returnValue(value)
        case .scalar: call.returnNil()
        case .node(let node): call.returnValue(reference(of: node))
        }
    }

    private func key(_ call: HostCall, at index: Int) throws -> JSONKey? {
        if let length = call.withBytes(at: index, \.count) {
            if length > JSONNode.maxWeight { throw WorldError.jsonTooLarge(limit: JSONNode.maxWeight) }
            return call.string(at: index).map { .name($0) }
        }
        return call.number(at: index).flatMap { Int(exactly: $0) }.map { .index($0) }
    }
}
