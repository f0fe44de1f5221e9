/// A moment as `created` shows it: `2022-11-10 18:53:53`, in UTC [M3.5].
package struct Timestamp: CustomStringConvertible {
    private let seconds: Int

    /// Makes a timestamp of Unix time in seconds.
    ///
    /// A time outside the years 1970 to 9999 becomes the nearest one in them; a number that is not finite counts as 0.
    package init(unixTime: Double) {
        seconds = unixTime.isFinite ? Int(min(max(unixTime, 0), 253_402_300_799)) : 0
    }

    package var description: String {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = Self.civil(days)
        func padded(_ value: Int, _ width: Int = 2) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(width - text.count, 0)) + text
        }
        return "\(padded(year, 4))-\(padded(month))-\(padded(day)) "
            + "\(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60))"
    }

    /// The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar, by eras of 400 years that begin
    /// in March, so that the leap day is the last of its year.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
