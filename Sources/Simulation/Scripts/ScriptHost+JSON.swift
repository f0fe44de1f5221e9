import JSONValues
import LuaSandbox
import World

/// Tables inside json components: they read and write like tables, in place [`2-lua-api.md` 4, M10.4].
extension ScriptHost {
    func answerJSON(_ call: HostCall) throws {
        guard let node = table(call.reference) else {
            throw ScriptFault("this table is no longer part of a component; read it again or keep a copy(t)")
        }
        if let entity = node.removedOwner { throw ScriptFault("entity \(entity) was removed") }
        switch call.operation {
        case .index:
            guard let key = try key(call, at: 0), let value = node[key] else { return }
            answer(call, value)
        case .newIndex:
            guard let key = try key(call, at: 0) else {
                throw ScriptFault(
                    "a key of a json component must be text or a whole number, got \(describe(call, at: 0))")
            }
            try write(node, key, try json(call, at: 1))
        case .length: call.returnValue(Double(node.count))
        case .next:
            guard let (key, value) = node.next(after: try key(call, at: 0)) else { return }
            switch key {
            case .index(let index): call.returnValue(Double(index))
            case .name(let name): call.returnValue(name)
            }
            answer(call, value)
        case .pack: call.returnPacked(PackedJSON.packed(node.json))
        case .toString: call.returnValue("table")
        default: throw ScriptFault("a table of a json component can't do this")
        }
    }

    private func write(_ node: JSONNode, _ key: JSONKey, _ value: JSON) throws {
        let root = node.root
        let place = root.place
        let watched = place.flatMap { world.columns.all[$0.column] }.flatMap { column in
            place.flatMap { trigger(for: column, slot: $0.slot) }
        }
        let old = watched == nil ? nil : root.json
        let shaped = value.keepingEmptyKinds(
            of: node.table(key), or: node.model(key, in: place.flatMap { defaultValue(ofColumn: $0.column) }))
        try world.set(key, of: node, to: shaped)
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
