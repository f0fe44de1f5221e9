/// The version that `perigee --version` prints.
enum Version {
    /// It ends in `-dev` while the changelog's first heading is "Unreleased".
    static let text = "0.1.0-dev"
}
