import JSONValues
import World

/// The json components of one record that changed inside, for clients that take patches [`1-protocol.md` 7].
final class ComponentPatches {
    private let members = ByteWriter()
    private let path = ByteWriter()
    /// By how many bytes the members are shorter than the whole components.
    private var saved = 0
    /// The noted components, in their order.
    private(set) var columns: [Column] = []

    /// Begins a record.
    func begin() {
        members.truncate(to: 0)
        columns.removeAll(keepingCapacity: true)
        saved = 0
    }

    /// Notes a component that differs from what clients have.
    ///
    /// - Returns: Whether it was noted; if not, it must be written whole.
    func note(_ column: Column, slot: Int) -> Bool {
        guard column.storage == .json, let sent = column.sentJSON[slot], let new = column.nodes[slot]?.bytes else {
            return false
        }
        let start = members.count
        if start > 0 { members.write(UInt8(ascii: ",")) }
        members.write(column.jsonKey)
        let patch = members.count
        guard TablePatch.write(from: sent, to: new, into: members, path: path) else {
            members.truncate(to: start)
            return false
        }
        saved += new.count - (members.count - patch)
        columns.append(column)
        return true
    }

    /// Whether the record becomes shorter when the noted components are sent as patches.
    ///
    /// - Parameter hasWhole: Whether other components of the record are written whole, in a member of their own.
    /// - Returns: `false` also when none was noted.
    func areShorter(hasWhole: Bool) -> Bool {
        let instead: StaticString = ",\"components\":{"
        return saved > Self.head.utf8CodeUnitCount - (hasWhole ? 0 : instead.utf8CodeUnitCount)
    }

    /// Writes the record's member with the patches, with a comma before it.
    func write(to out: ByteWriter) {
        out.write(Self.head)
        out.write(members.bytes)
        out.write(UInt8(ascii: "}"))
    }

    private static let head: StaticString = ",\"component_patches\":{"
}
