import World

/// Reads the files that a map refers to: tilesets and templates, as JSON or as Tiled's XML.
struct TiledFiles {
    /// Reads a file by its path within `maps/`; `nil` when the file does not exist.
    let read: (String) -> [UInt8]?

    /// A file, and the folder within `maps/` that the paths in the file are relative to.
    struct Loaded {
        var content: TiledObject
        var folder: [Substring]
        /// The path within the game folder.
        var file: String
    }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - source: The path of the file, as the map or the template has it.
    ///   - folder: The folder within `maps/` that `source` is relative to.
    ///   - thing: `tileset` or `template`.
    /// - Returns: The file; XML is converted to the JSON that Tiled would have written.
    /// - Throws: A mistake when the file does not exist, is outside `maps/` or can't be read.
    func load(_ source: String, from folder: [Substring] = [], as thing: String) throws(TiledMap.Mistake) -> Loaded {
        // A map may come from an unknown author: it must not read files outside `maps/`.
        var path = folder
        var leaves = source.hasPrefix("/") || source.utf8.contains(0) || source.contains("\\") || source.contains(":")
        for part in source.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
            if part != ".." {
                path.append(part)
            } else if path.popLast() == nil {
                leaves = true
            }
        }
        if leaves { throw TiledMap.Mistake("the \(thing) \(source) is outside maps/; put it beside the map") }
        let name = path.joined(separator: "/")
        guard let bytes = read(name) else {
            throw TiledMap.Mistake("the \(thing) \(source) is not there, or can't be read; put it beside the map")
        }
        let file = "maps/\(name)"
        let what = "the \(thing) \(source)"
        let content: TiledObject
        if source.hasSuffix(".tsx") || source.hasSuffix(".tx") {
            content = try TiledObject(try TiledXML.json(bytes, root: thing, file: file), what)
        } else {
            content = try TiledObject(try TiledMap.json(bytes, file: file), what)
            guard try content.text("type", default: thing) == thing else {
                throw TiledMap.Mistake("not a \(thing) (type is not \"\(thing)\")", file: file)
            }
        }
        return Loaded(content: content, folder: path.dropLast(), file: file)
    }
}
