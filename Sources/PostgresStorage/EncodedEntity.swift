import JSONValues
import Storage
import World

/// A record with its JSON texts, ready to be written.
struct EncodedEntity {
    let record: EntityRecord
    let components: [UInt8]
    let events: [UInt8]

    init(_ record: EntityRecord) {
        self.record = record
        components = JSON.object(EntityRow.components(record)).bytes
        events = JSON.object(EntityRow.events(record)).bytes
    }

    /// How many bytes of a statement it takes, about: its texts, and the numbers and lengths.
    var byteCount: Int {
        let names = record.prefab.utf8.count + record.side.utf8.count + record.action.utf8.count
        return components.count + events.count + names + (record.login?.utf8.count ?? 0) + 160
    }
}
