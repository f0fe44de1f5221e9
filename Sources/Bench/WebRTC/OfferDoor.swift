import JSONValues
import NIOCore
import WebRTC

/// Where clients send their offers: `POST /rtc/offer` of a server on 127.0.0.1.
struct OfferDoor: Sendable {
    let http: SignClient

    /// Sends a client's offer, and waits until the client is connected.
    ///
    /// - Parameters:
    ///   - client: The client.
    ///   - login: The client's name, for messages.
    ///   - query: The query of the request, with its `?`.
    /// - Throws: ``BenchError``. The client has ended then.
    func connect(_ client: RTCClient, login: String, query: String = "") async throws {
        do {
            let body = JSON.object(["type": .string("offer"), "sdp": .string(client.offer)]).bytes
            let answer = try await http.post("/rtc/offer" + query, body)
            guard answer.status == 200, let sdp = (try? JSON(parsing: answer.body))?.object?["sdp"]?.string else {
                throw BenchError.loginRefused(
                    login: login, status: answer.status, message: SignClient.words(answer.body))
            }
            do {
                try await client.connect(answer: sdp)
            } catch let error as RTCClientError {
                throw BenchError.notAdmitted(login: login, reason: "\(error)")
            }
        } catch {
            RTCClient.eventLoop.execute { client.close() }
            throw error
        }
    }
}
