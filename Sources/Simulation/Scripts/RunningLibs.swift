import GameFolder

/// The libs of a VM: those that scripts see, and those that were tried in their place and failed.
struct RunningLibs {
    /// The libs that ran, as they ran, by ascending path.
    var running: [GameScript] = []
    /// The libs that were tried last, when one of them failed: they are not tried again before one changes.
    var refused: [GameScript]?
    /// Whether libs were loaded before, so that there is a former state to keep.
    var areLoaded = false
}
