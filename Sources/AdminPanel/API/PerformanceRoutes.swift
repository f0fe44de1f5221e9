import Gateway
import HTTPTypes
import Hummingbird
import OperatorAPI
import Simulation

/// What scripts and ticks cost, for operators and their programs [M7.5, M7.6].
struct PerformanceRoutes: Sendable {
    let maps: MapRoutes

    func add(to routes: inout PanelRoutes) {
        routes.on(.performance) { try await performance($0) }
        routes.on(.costHistory) { call in
            Response(operatorJSON: try await maps.answer(call) { await $0.costHistory() })
        }
        routes.on(.slowTicks) { call in
            let ticks = try await maps.answer(call) { await $0.slowestTicks() }
            return call.wantsHTML ? .html(PerformanceView.slowTicks(ticks)) : Response(operatorJSON: ticks)
        }
        routes.on(.sampleStacks) { try await sample($0) }
    }

    private func performance(_ call: PanelCall) async throws -> Response {
        let window = try PerformanceView.Window(call)
        let performance = try await maps.answer(call) { await $0.performance() }
        guard call.wantsHTML else { return Response(operatorJSON: performance) }
        return .html(
            "\(raw: PerformanceView.summary(performance))\(raw: PerformanceView.scripts(performance, window))")
    }

    private func sample(_ call: PanelCall) async throws -> Response {
        let (seconds, samples) = try await maps.samples(call, usual: 10)
        return Response(operatorJSON: StackSamples(seconds: seconds, samples: samples))
    }
}

/// Samples of a map's scripts, in answers.
private struct StackSamples: Encodable {
    /// One stack and how often it was seen.
    struct Stack: Encodable {
        /// `FILE:FUNCTION:LINE`, the outermost call first.
        var frames: [String]
        var samples: Int
    }

    var seconds: Int
    /// How much CPU time a sample stands for, in milliseconds.
    var sampleMs = 0.25
    /// By descending number of samples.
    var stacks: [Stack]

    init(seconds: Int, samples: [String: Int]) {
        self.seconds = seconds
        stacks = samples.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { stack, count in
            Stack(frames: stack.split(separator: ";").map(String.init), samples: count)
        }
    }
}
