import GameFolder
import World

extension Schema {
    /// This schema, with the old declarations of the scripts in `kept`: a file whose code does not compile changes
    /// nothing, so its annotations must not change anything either.
    func keeping(_ kept: Set<GameScript.Role>, of old: Schema) -> Schema {
        var components = components
        var groups = groups
        for role in kept {
            switch role {
            case .component(let name):
                let before = old.components.first { $0.name == name }
                guard let index = components.firstIndex(where: { $0.name == name }) else { continue }
                // A new component whose trigger does not compile exists without a trigger.
                if let before { components[index] = before } else { components[index].hasTrigger = false }
            case .event(let group, let name):
                let before = old.groups.first { $0.name == group }?.events.first { $0.name == name }
                guard let index = groups.firstIndex(where: { $0.name == group }) else { continue }
                groups[index].events.removeAll { $0.name == name }
                if let before { groups[index].events.append(before) }
            case .timeout(let group):
                guard let before = old.groups.first(where: { $0.name == group }),
                    let index = groups.firstIndex(where: { $0.name == group })
                else { continue }
                groups[index].order = before.order
                groups[index].hasTimeoutFormula = before.hasTimeoutFormula
                groups[index].lifeRadius = before.lifeRadius
                groups[index].share = before.share
            case .lib, .spawn, .leave, .socket:
                break
            }
        }
        groups.removeAll { $0.events.isEmpty }
        return Schema(
            components: components,
            groups: groups.map {
                EventGroupDefinition(
                    name: $0.name, order: $0.order, hasTimeoutFormula: $0.hasTimeoutFormula,
                    lifeRadius: $0.lifeRadius, share: $0.share, events: $0.events)
            })
    }
}
