import Glibc

/// Reads passwords.
enum PasswordInput {
    /// Asks for a new password twice on a terminal, without showing it; else takes the first line of standard input.
    ///
    /// - Parameter login: Whose password it is.
    /// - Returns: The password.
    /// - Throws: ``WrongArgument`` when there is none, or when both are not the same.
    static func read(for login: String) throws(WrongArgument) -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine(), !line.isEmpty else {
                throw WrongArgument("the standard input has no line with a password for \(login)")
            }
            return line
        }
        let password = prompt("New password for \(login): ")
        guard !password.isEmpty else { throw WrongArgument("no password was typed; nothing was changed") }
        guard prompt("The same again: ") == password else {
            throw WrongArgument("the two passwords differ; nothing was changed")
        }
        return password
    }

    private static func prompt(_ text: String) -> String {
        var shown = termios()
        let isKnown = tcgetattr(STDIN_FILENO, &shown) == 0
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        if isKnown { tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) }
        StandardError.write(text)
        let line = readLine() ?? ""
        if isKnown { tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown) }
        StandardError.write("\n")
        return line
    }
}
