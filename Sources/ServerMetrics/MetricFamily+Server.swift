/// The server as a whole: the game folder, the store, the process.
extension MetricFamily {
    /// Readings of the changed game folder.
    package static let reloads = counter(
        "perigee_reloads_total", by: ["result"],
        "Times that the game folder was read again: `ok`, or `failed` when something in it could not be used")

    /// How long reads and writes of the store take.
    package static let storageDuration = histogram(
        "perigee_storage_duration_seconds", by: ["operation"],
        "Time of a `read` or a `write` of the store, waiting included",
        bounds: [250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000])
    /// Reads and writes of the store that failed.
    package static let storageFailures = counter(
        "perigee_storage_failures_total", by: ["operation"], "Those that failed")
    /// Reads and writes of the store that have not ended.
    package static let storageQueue = gauge(
        "perigee_storage_operations", by: ["operation"], "Those that have begun and not ended")
    /// Entities that wait to be written.
    package static let unsavedEntities = gauge("perigee_unsaved_entities", "Entities waiting for the store")
    /// How long what waits to be written could not be.
    package static let unsavedTime = gauge("perigee_unsaved_seconds", "How long saving has failed; 0 while it works")

    /// Series that were left out.
    package static let seriesLeftOut = counter(
        "perigee_metric_series_left_out_total", "Series left out because their family had too many")
    /// The version, as a label.
    package static let buildInfo = gauge(
        "perigee_build_info", by: ["version"], "Always 1; the label says which version runs")

    /// CPU time of the process.
    package static let processCPU = counter("process_cpu_seconds_total", "CPU time of the process")
    /// Memory of the process.
    package static let processMemory = gauge("process_resident_memory_bytes", "Memory of the process")
    /// Address space of the process.
    package static let processAddresses = gauge("process_virtual_memory_bytes", "Address space of the process")
    /// Open file descriptors.
    package static let processFiles = gauge("process_open_fds", "Open file descriptors, connections included")
    /// The most file descriptors.
    package static let processFileLimit = gauge("process_max_fds", "The most file descriptors that it may have")
    /// Threads of the process.
    package static let processThreads = gauge("process_threads", "Threads of the process")
    /// When the process started.
    package static let processStart = gauge(
        "process_start_time_seconds", "When the process started, Unix time")

    static let server = [
        reloads, storageDuration, storageFailures, storageQueue, unsavedEntities, unsavedTime, seriesLeftOut, buildInfo,
        processCPU, processMemory, processAddresses, processFiles, processFileLimit, processThreads, processStart,
    ]

    /// All families, in the order in which they are shown.
    package static let all = clients + webRTC + peerNetwork + maps + server
}
