import Storage

/// Files that operators upload: maps, music, images.
extension Endpoint {
    /// The page of files.
    package static let filesPage = Endpoint("pages.files", .get, "/admin/files", .viewer, "Maps, music and images")
    /// Listing the files.
    package static let listFiles = Endpoint(
        "files.list", .get, "/server/api/v1/files", .viewer,
        "The files in `maps`, `music` and `images`, with what each folder takes")
    /// Uploading a file.
    package static let uploadFile = Endpoint(
        "files.upload", .put, "/server/api/v1/files/:folder/:name", .editor,
        "Writes the body to a file; query: `replace=true` for a file that exists, `check=true` to check it only")
    /// Deleting a file.
    package static let deleteFile = Endpoint(
        "files.delete", .delete, "/server/api/v1/files/:folder/:name", .editor, "Deletes a file")
    /// The geometry of a running map.
    package static let showGeometry = Endpoint(
        "files.geometry", .get, "/server/api/v1/geometry/:map_id", .viewer,
        "The geometry of a running map, as players get it")

    static let files = [filesPage, listFiles, uploadFile, deleteFile, showGeometry]
}
