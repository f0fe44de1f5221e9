/// What a node tells the others of itself when it joins.
package struct NodeDescription: Sendable, Equatable {
    /// Its name.
    package var name: NodeName
    /// Where clients reach it, as `host` or `host:port`.
    package var publicAddress: String
    /// Where other nodes reach it, as `host:port`.
    package var internalAddress: String

    /// Makes the description of a node.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - publicAddress: Where clients reach it, as `host` or `host:port`.
    ///   - internalAddress: Where other nodes reach it, as `host:port`.
    package init(name: NodeName, publicAddress: String, internalAddress: String) {
        self.name = name
        self.publicAddress = publicAddress
        self.internalAddress = internalAddress
    }
}
