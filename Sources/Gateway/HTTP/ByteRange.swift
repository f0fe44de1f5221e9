import HTTPTypes
import Hummingbird

/// The part of a file that a request asks for (RFC 9110, section 14).
///
/// One range of bytes is served. A request for several ranges, in another unit, or with a field that is no range gets
/// the whole file, as the RFC allows.
enum ByteRange: Equatable {
    /// The whole file, with status 200.
    case whole
    /// A part that is not empty, with status 206.
    case part(Range<Int>)
    /// No byte of the file is in the range: status 416.
    case unsatisfiable

    /// Reads the fields of a request.
    ///
    /// - Parameters:
    ///   - request: The request; only GET has ranges.
    ///   - tag: The file's strong entity tag, in its quotes. A request that names another one in `If-Range` gets the
    ///     whole file; so does one with a date, because files have no dates here.
    ///   - size: The size of the file in bytes.
    init(_ request: Request, tag: String, size: Int) {
        guard request.method == .get, let text = request.headers[.range] else {
            self = .whole
            return
        }
        if let condition = request.headers[.ifRange], condition != tag {
            self = .whole
            return
        }
        self.init(text, size: size)
    }

    /// Reads the field `Range`.
    ///
    /// - Parameters:
    ///   - text: The value of the field.
    ///   - size: The size of the file in bytes.
    init(_ text: String, size: Int) {
        self = .whole
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, sides[0].lowercased() == "bytes" else { return }
        let ends = sides[1].split(separator: "-", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        guard ends.count == 2 else { return }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (let first?, _) where ends[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (let first?, let last?) where first <= last:
            self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        case (nil, let count?) where ends[0].isEmpty:
            self = count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
        default: return
        }
    }

    /// A number of digits alone; one that is too large for `Int` is larger than every file.
    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(text) ?? Int.max
    }
}
