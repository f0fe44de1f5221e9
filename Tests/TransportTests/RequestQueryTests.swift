import Testing

@testable import Transport

@Suite("The query of a request") struct RequestQueryTests {
    @Test("values are decoded; of two with one name the first counts")
    func values() {
        let query = RequestQuery(of: "/x/?sid=a%2Bb+c&EIO=4&EIO=3&flag&&=x&e=&two=1=2&%zz=%zz&bad=%C3&q=a?b#z=1")
        #expect(query["sid"] == "a+b c")
        #expect(query["EIO"] == "4" && query.values(of: "EIO") == ["4", "3"])
        #expect(query["flag"] == "" && query["e"] == "" && query[""] == "x")
        #expect(query["two"] == "1=2" && query["q"] == "a?b")
        #expect(query["%zz"] == "%zz" && query["bad"] == "%C3")
        #expect(query["z"] == nil && query["none"] == nil && query["eio"] == nil && query["si"] == nil)
    }

    @Test("a target without a query has no parameters", arguments: ["", "/x/", "/x/?", "/x/#a?b=1", "/x/&b=1"])
    func empty(uri: String) { #expect(RequestQuery(of: uri)["b"] == nil && RequestQuery(of: uri)[""] == nil) }
}
