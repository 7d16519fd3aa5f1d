-- report.lua: for wrk: sends METHOD, BODY and IDEMPOTENCY-KEY given after the URL (empty: none), and
-- ends with one line of figures: requests per second, median and 99th percentile in microseconds, and
-- how many answers failed.

function init(args)
    wrk.method = args[1] or "GET"
    if args[2] ~= "" then
        wrk.body = args[2]
        wrk.headers["Content-Type"] = "application/json"
    end
    if args[3] ~= "" then
        wrk.headers["Idempotency-Key"] = args[3]
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("figures %.1f %.0f %.0f %d\n", summary.requests / (summary.duration / 1e6),
        latency:percentile(50), latency:percentile(99),
        errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
