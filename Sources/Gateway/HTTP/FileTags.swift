import NIOCore
import Synchronization

/// The entity tags of files by version, so that a file is read for its tag only when it has changed. Any thread may
/// call it.
final class FileTags: Sendable {
    /// The most tags that are kept; a full table is emptied.
    private static let maxTags = 4096
    private let tags = Mutex<[ServedFile.Version: String]>([:])

    /// A strong entity tag of a file's content, in its quotes. It blocks on the disk.
    ///
    /// - Parameter file: The file.
    /// - Returns: The tag; `nil` for a file that changed since it was found.
    /// - Complexity: O(1) for a known version, else O(size).
    func tag(of file: ServedFile) -> String? {
        if let tag = tags.withLock({ $0[file.version] }) { return tag }
        let hash = Sodium.StreamHash()
        var offset = 0
        while offset < file.size {
            guard let part = try? file.read(at: offset, StreamedBody.window) else { return nil }
            part.withUnsafeReadableBytes { hash.update($0) }
            offset += part.readableBytes
        }
        let tag = "\"\(hex(hash.digest().prefix(16)))\""
        tags.withLock { tags in
            if tags.count >= Self.maxTags { tags = [:] }
            tags[file.version] = tag
        }
        return tag
    }
}
