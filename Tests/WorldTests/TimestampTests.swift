import Testing
import World

@Suite("Timestamps") struct TimestampTests {
    @Test(
        "`created` is the UTC date and time, as in the sample 2022-11-10 18:53:53 [M3.5]",
        arguments: [
            (0.0, "1970-01-01 00:00:00"), (1_668_106_433.9, "2022-11-10 18:53:53"),
            (951_782_399, "2000-02-28 23:59:59"), (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"), (4_107_542_399, "2100-02-28 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"), (253_402_300_799, "9999-12-31 23:59:59"),
        ])
    func dates(seconds: Double, text: String) {
        #expect(Timestamp(unixTime: seconds).description == text)
    }

    @Test(
        "a time before 1970, after 9999 or not finite still gives a date",
        arguments: [
            (-1.0, "1970-01-01 00:00:00"), (-.infinity, "1970-01-01 00:00:00"), (.nan, "1970-01-01 00:00:00"),
            (1e18, "9999-12-31 23:59:59"),
        ])
    func extremes(seconds: Double, text: String) {
        #expect(Timestamp(unixTime: seconds).description == text)
    }
}
