import Foundation

/// The form of a login that must be unique: all spellings of a name that look the same or differ only in case have the
/// same one.
///
/// It has the classes of Unicode's NFKC_Casefold, except that an i without its dot counts as an i.
///
/// - Parameter login: The login.
/// - Returns: Its key; empty for a login of nothing but invisible characters.
package func loginKey(_ login: String) -> String {
    // Twice: what is composed after the first fold may have a case again.
    folded(folded(login.precomposedStringWithCompatibilityMapping))
}

/// Removes the differences of case, letter by letter, so that a sigma at a word's end is folded like any other; and
/// what shows nothing.
private func folded(_ text: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
        // By way of upper case: some letters, such as ß and ς, have others that are the same in upper case only.
        for lower in scalar.properties.lowercaseMapping.unicodeScalars {
            for upper in lower.properties.uppercaseMapping.unicodeScalars {
                folded.append(contentsOf: upper.properties.lowercaseMapping.unicodeScalars)
            }
        }
    }
    return String(folded).precomposedStringWithCompatibilityMapping
}

/// The key of a login in versions before this one: a final sigma, ß and invisible characters made a difference.
func formerLoginKey(_ login: String) -> String {
    login.precomposedStringWithCompatibilityMapping.lowercased().precomposedStringWithCompatibilityMapping
}

/// The key of an account whose login was different from another account's in a version before this one, and is not
/// any more. Such an account is found by its own spelling, as it was then. No login has this first character.
func separateLoginKey(_ login: String) -> String { "\u{1F}" + formerLoginKey(login) }

/// The form in which a password is hashed: Unicode's NFC, so that keyboards and systems that compose letters in
/// different ways write the same password.
///
/// - Parameter password: The password as it was sent.
/// - Returns: The password in NFC.
package func passwordForm(_ password: String) -> String { password.precomposedStringWithCanonicalMapping }
