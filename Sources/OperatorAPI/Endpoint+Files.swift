import Storage

/// Files that operators upload: maps, music, images.
extension Endpoint {
    /// The page of files.
    package static let filesPage = Endpoint("pages.files", .get, "/admin/files", .viewer, "Maps, music and images")
    /// Listing the files.
    package static let listUploads = Endpoint(
        "uploads.list", .get, "/server/api/v1/files", .viewer,
        "The files in `maps`, `music` and `images`, with what each folder takes")
    /// Uploading a file.
    package static let uploadFile = Endpoint(
        "uploads.write", .put, "/server/api/v1/files/:folder/:name", .editor,
        "Writes the body to a file; query: `replace=true` for a file that exists, `check=true` to check it only")
    /// Deleting a file.
    package static let deleteUpload = Endpoint(
        "uploads.delete", .delete, "/server/api/v1/files/:folder/:name", .editor, "Deletes a file")

    static let files = [filesPage, listUploads, uploadFile, deleteUpload]
}
