import Gateway
import HTTPTypes

/// A page that says why there is nothing else to show.
enum MessagePage {
    /// A request for a page that was refused.
    static func refusal(_ error: GatewayError) -> Page {
        Page(
            title: error.status == .notFound ? "Not here" : "Not allowed",
            content: """
                <p class="notice bad">\(error.message)</p><p><a class="button" href="/admin/">Back to the maps</a></p>
                """)
    }
}
