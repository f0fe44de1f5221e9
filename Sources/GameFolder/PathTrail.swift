import Glibc

/// The places that decide where a path leads: each of its elements, and each element of the links among them.
enum PathTrail {
    /// How many links are followed, as in the kernel (path_resolution(7)).
    private static let maxLinks = 40

    /// Visits the places of a path in order, as far as it exists.
    ///
    /// - Parameters:
    ///   - path: The path; its elements are taken from `folder` on unless it begins with `/`.
    ///   - folder: The folder that the path is relative to.
    ///   - visit: Called for each place, before the place is looked at.
    static func walk(_ path: String, from folder: String = ".", visit: (_ folder: String, _ name: String) -> Void) {
        var folder = path.hasPrefix("/") ? "/" : folder
        var rest: [Substring] = path.split(separator: "/").reversed()
        var links = 0
        while let element = rest.popLast() {
            let name = String(element)
            if name == "." { continue }
            let place = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
            // The kernel goes to the real parent, also when `folder` was reached through a link.
            guard name != ".." else {
                folder = place
                continue
            }
            visit(folder, name)
            if let target = target(of: place) {
                links += 1
                guard links <= maxLinks else { return }
                if target.hasPrefix("/") { folder = "/" }
                rest.append(contentsOf: target.split(separator: "/").reversed())
            } else {
                guard access(place, F_OK) == 0 else { return }
                folder = place
            }
        }
    }

    /// Where a link points; `nil` for what is no link.
    static func target(of path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
