import Foundation
import FoundationXML
import JSONValues

/// Converts tilesets (`.tsx`) and templates (`.tx`) in Tiled's XML to the JSON that Tiled would have written.
///
/// It reads only what the server needs: classes, properties, and the shape of a template's object.
enum TiledXML {
    /// The longest file, in bytes.
    static let maxBytes = 8 << 20
    /// How many elements a file may have.
    static let maxElements = 200_000
    /// How deep elements may nest.
    static let maxDepth = 32

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - source: The bytes of the file.
    ///   - root: The name that the root element must have, `tileset` or `template`.
    ///   - file: The file's path within the game folder.
    /// - Returns: The file's content as JSON.
    /// - Throws: The first mistake.
    static func json(_ source: [UInt8], root: String, file: String) throws(TiledMap.Mistake) -> JSON {
        func mistake(_ message: String, line: Int? = nil) -> TiledMap.Mistake {
            TiledMap.Mistake(message, file: file, line: line)
        }
        guard source.count <= maxBytes else { throw mistake("longer than \(maxBytes) bytes") }
        let source = try TiledMap.withoutMark(source, file: file)
        // A document type may define XML entities that expand to any length. Tiled has written none since version 0.9.
        if let found = source.firstRange(of: Array("<!DOCTYPE".utf8)) {
            throw mistake(
                "has a document type, which is not read; save it again in a newer Tiled",
                line: source[..<found.lowerBound].count { $0 == 0x0A } + 1)
        }
        let reader = XMLTreeReader()
        let parser = XMLParser(data: Data(source))
        parser.delegate = reader
        parser.shouldResolveExternalEntities = false
        guard parser.parse(), reader.problem == nil, let tree = reader.root else {
            throw mistake(
                "not XML (\(reader.problem ?? "the file ends too early, or is damaged")); save it from Tiled again",
                line: reader.problemLine ?? parser.lineNumber)
        }
        guard tree.name == root else { throw mistake("not a \(root) but a \(tree.name)", line: 1) }
        var content = JSONObject()
        if root == "tileset" {
            content = tileset(tree)
        } else {
            for child in tree.children {
                if child.name == "object" { content["object"] = .object(object(child)) }
                if child.name == "tileset" { content["tileset"] = .object(attributes(child)) }
            }
        }
        return .object(content)
    }

    private static func tileset(_ element: XMLTree) -> JSONObject {
        var tileset = attributes(element)
        let tiles = element.children.filter { $0.name == "tile" }
        tileset["tiles"] = .array(tiles.map { .object(withProperties($0)) })
        return tileset
    }

    /// Attributes that are numbers in JSON.
    private static let numbers: Set<String> = ["firstgid", "gid", "height", "id", "rotation", "width", "x", "y"]

    private static func attributes(_ element: XMLTree) -> JSONObject {
        var members = JSONObject()
        for (name, text) in element.attributes {
            if numbers.contains(name), let number = Double(text), number.isFinite {
                members[name] = .number(number)
            } else {
                members[name] = .string(text)
            }
        }
        return members
    }

    private static func withProperties(_ element: XMLTree) -> JSONObject {
        var members = attributes(element)
        if let list = element.children.first(where: { $0.name == "properties" }) {
            members["properties"] = .array(
                list.children.filter { $0.name == "property" }.map { property in
                    .object([
                        "name": .string(property.attributes["name"] ?? ""), "value": value(of: property),
                    ])
                })
        }
        return members
    }

    private static func value(of property: XMLTree) -> JSON {
        // Text of several lines is the content of the element, not an attribute.
        let text = property.attributes["value"] ?? property.text
        switch property.attributes["type"] ?? "string" {
        case "bool": return .bool(text == "true")
        case "int", "float", "object": return Double(text).map(JSON.number) ?? .string(text)
        case "class":
            var members = JSONObject()
            for list in property.children where list.name == "properties" {
                for inner in list.children { members[inner.attributes["name"] ?? ""] = value(of: inner) }
            }
            return .object(members)
        default: return .string(text)
        }
    }

    private static func object(_ element: XMLTree) -> JSONObject {
        var members = withProperties(element)
        for child in element.children {
            switch child.name {
            case "text": members["text"] = .object([:])
            case "polygon", "polyline":
                let corners = (child.attributes["points"] ?? "").split(separator: " ")
                members[child.name] = .array(
                    corners.map { corner in
                        let places = corner.split(separator: ",").compactMap { Double($0) }
                        return .object(["x": .number(places.first ?? 0), "y": .number(places.last ?? 0)])
                    })
            default: break
            }
        }
        return members
    }
}

/// One XML element with its attributes, child elements and text.
private final class XMLTree {
    let name: String
    let attributes: [String: String]
    var children: [XMLTree] = []
    var text = ""

    init(name: String, attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }
}

/// Builds the tree while Foundation's parser goes through the text.
private final class XMLTreeReader: XMLParserDelegate {
    private(set) var root: XMLTree?
    private(set) var problem: String?
    private(set) var problemLine: Int?
    private var open: [XMLTree] = []
    private var count = 0

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        count += 1
        guard count <= TiledXML.maxElements, open.count < TiledXML.maxDepth else {
            fail(
                parser, "more than \(TiledXML.maxElements) elements, or deeper than \(TiledXML.maxDepth)")
            return
        }
        let element = XMLTree(name: name, attributes: attributes)
        if let parent = open.last { parent.children.append(element) } else { root = element }
        open.append(element)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if !open.isEmpty { open.removeLast() }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { open.last?.text += string }

    func parser(_ parser: XMLParser, parseErrorOccurred parseError: any Error) {
        if problem == nil { fail(parser, "the file ends too early, or is damaged") }
    }

    private func fail(_ parser: XMLParser, _ message: String) {
        guard problem == nil else { return }
        problem = message
        problemLine = parser.lineNumber
        parser.abortParsing()
    }
}
