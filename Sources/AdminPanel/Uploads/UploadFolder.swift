/// A folder of the game into which operators upload files.
enum UploadFolder: String, CaseIterable, Sendable {
    /// Tiled's maps with their tilesets, templates and worlds, which only the server reads.
    case maps
    /// Served under `/music/`.
    case music
    /// Pictures for the game's own client, served under `/play/images/`.
    case images

    /// Where it is in the game folder.
    var path: String { self == .images ? "client/images" : rawValue }

    /// Where players get its files.
    var served: String? {
        switch self {
        case .maps: nil
        case .music: "/music/"
        case .images: "/play/images/"
        }
    }

    /// What it takes. No browser runs any of it: HTML, SVG and scripts are not among them.
    var contents: [UploadContent] {
        let pictures: [UploadContent] = [.png, .jpeg, .gif, .webp]
        return switch self {
        case .maps: [.tiledJSON, .tiledXML, .world] + pictures
        case .music: [.mp3, .ogg, .wav, .m4a]
        case .images: pictures
        }
    }

    /// The endings of names that it takes, without the dot.
    var endings: [String] { contents.flatMap(\.endings) }

    /// The largest file of any kind that it takes, in bytes.
    var maxBytes: Int { contents.map(\.maxBytes).max() ?? 0 }
}
