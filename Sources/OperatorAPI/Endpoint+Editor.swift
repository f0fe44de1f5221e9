import Storage

/// The texts of the game folder: reading, checking, saving, their former versions.
extension Endpoint {
    /// The page of the editor.
    package static let editorPage = Endpoint(
        "pages.editor", .get, "/admin/editor", .viewer,
        "The editor of the game folder; query: `file`, `line`")

    /// Listing the files.
    package static let listFiles = Endpoint(
        "files.list", .get, "/server/api/v1/game/files", .viewer,
        "The texts of the game folder, and deleted files of which there are versions")
    /// Reading a file.
    package static let showFile = Endpoint(
        "files.show", .get, "/server/api/v1/game/files/text", .viewer,
        "The text of `file` (query), its `version`, and its annotations as the fields of a form")
    /// Saving a file.
    package static let saveFile = Endpoint(
        "files.save", .put, "/server/api/v1/game/files/text", .editor,
        "Writes `file` with `text`, if its version is still `base` (null for a new file), and reloads the game folder; 409 with the `current` text if it is not. Files in `client/` and `music/` need an owner"
    )
    /// Deleting a file.
    package static let deleteFile = Endpoint(
        "files.delete", .delete, "/server/api/v1/game/files/text", .editor,
        "Deletes `file` (query), if its version is still `base` (query), and reloads the game folder")
    /// Renaming a file.
    package static let renameFile = Endpoint(
        "files.rename", .post, "/server/api/v1/game/files/rename", .editor,
        "Gives `file` the path `to`, if its version is still `base`, and reloads the game folder")
    /// Checking a text before it is saved.
    package static let checkFile = Endpoint(
        "files.check", .post, "/server/api/v1/game/files/check", .editor,
        "What `perigee check` finds in the game folder if `file` had the `text`; changes nothing", isQuestion: true)
    /// Changing the annotations of a text.
    package static let formFile = Endpoint(
        "files.form", .post, "/server/api/v1/game/files/form", .editor,
        "The `text` of `file` with its annotations changed to what `form` says; changes nothing", isQuestion: true)
    /// Running the game's tests.
    package static let testFiles = Endpoint(
        "files.test", .post, "/server/api/v1/game/files/tests", .editor,
        "Runs the game's own tests, those whose name contains `filter` if it is given, for at most 60 s; changes nothing",
        isQuestion: true)
    /// The versions of a file.
    package static let listVersions = Endpoint(
        "files.versions", .get, "/server/api/v1/game/files/versions", .viewer,
        "The versions of `file` (query), latest first: commits, and those that the panel kept")
    /// One version of a file.
    package static let showVersion = Endpoint(
        "files.version", .get, "/server/api/v1/game/files/versions/:id", .viewer,
        "A version with its text; a commit needs `file` (query)")
    /// The names that scripts can use.
    package static let listNames = Endpoint(
        "files.names", .get, "/server/api/v1/game/names", .viewer,
        "What an editor completes: the script API, and the game's components, events, types and prefabs")

    static let editor = [
        editorPage, listFiles, showFile, saveFile, deleteFile, renameFile, checkFile, formFile, testFiles,
        listVersions, showVersion, listNames,
    ]
}
