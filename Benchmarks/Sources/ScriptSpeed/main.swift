import Foundation

// script-speed [--php SCRIPT]: measures the sandbox and its competitors in the same run, and compares with the targets.

do {
    var table = Table()
    try Cases.calls(&table)
    try Cases.fields(&table)
    try Cases.limits(&table)
    try Cases.sizes(&table)
    try Cases.text(&table)
    let arguments = CommandLine.arguments
    if let index = arguments.firstIndex(of: "--php"), index + 1 < arguments.count {
        try PHP(script: arguments[index + 1]).compare(&table)
    }
    exit(table.end() == 0 ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("script-speed: \(error)\n".utf8))
    exit(2)
}
