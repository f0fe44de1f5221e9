package import JSONValues
package import World

extension EntityRecord {
    /// The entity as `perigee export` writes it.
    package var exported: JSON { .object(TransferLine.object(self)) }
}
