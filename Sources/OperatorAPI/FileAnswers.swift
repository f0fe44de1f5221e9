/// The files that operators can upload, by folder.
package struct FilesAnswer: Sendable, Codable, Equatable {
    /// One folder.
    package struct Folder: Sendable, Codable, Equatable {
        /// Its name in requests: `maps`, `music` or `images`.
        package var name: String
        /// Where it is in the game folder.
        package var path: String
        /// The endings of names that it takes.
        package var endings: [String]
        /// The largest file, in bytes.
        package var maxBytes: Int
        /// Where players get the files; `nil` for files that only the server reads.
        package var served: String?
        /// Why nothing can be uploaded into it; `nil` when it takes files.
        package var closed: String?
        /// The files, by ascending name.
        package var files: [File]

        /// Makes one from its parts.
        package init(
            name: String, path: String, endings: [String], maxBytes: Int, served: String?, closed: String?,
            files: [File]
        ) {
            self.name = name
            self.path = path
            self.endings = endings
            self.maxBytes = maxBytes
            self.served = served
            self.closed = closed
            self.files = files
        }
    }

    /// One file.
    package struct File: Sendable, Codable, Equatable {
        /// Its name.
        package var name: String
        /// Its size in bytes.
        package var size: Int
        /// When it was written, as Unix seconds.
        package var changed: Double

        /// Makes one from its parts.
        package init(name: String, size: Int, changed: Double) {
            self.name = name
            self.size = size
            self.changed = changed
        }
    }

    /// The folders.
    package var folders: [Folder]

    /// Makes an answer.
    package init(folders: [Folder]) { self.folders = folders }
}
