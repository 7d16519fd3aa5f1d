# demo.sh: the main job, played through the public API with curl and jq. Sourced by ./quickstart,
# which sets AMP_BASE_URL and AMP_TEST_KEY. It is the shortest client that one can write: read it as
# an example.
# shellcheck shell=bash

# api METHOD PATH [JSON]: prints the answer; fails, and says why, if it is an error.
api() {
    local answer status body=()
    [ $# -lt 3 ] || body=(-H 'Content-Type: application/json' -d "$3")
    answer=$(curl -sS -m 60 -X "$1" -w '\n%{http_code}' -H "Authorization: Bearer $AMP_TEST_KEY" \
        "${body[@]}" "$AMP_BASE_URL$2") || return 1
    status=${answer##*$'\n'}
    answer=${answer%$'\n'*}
    if [ "$status" -ge 400 ]; then
        echo "$1 $2 answered $status: $(jq -r '.error.message' <<<"$answer" 2>/dev/null)" >&2
        return 1
    fi
    printf '%s' "$answer"
}

# table HEADING…: tab-separated lines from standard input under headings, in columns.
table() {
    local IFS=$'\t'
    { echo "$*" && cat; } | awk -F '\t' '
        { rows[NR] = $0; for (i = 1; i <= NF; i++) if (length($i) > w[i]) w[i] = length($i) }
        END {
            for (r = 1; r <= NR; r++) {
                n = split(rows[r], cell, "\t")
                line = " "
                for (i = 1; i < n; i++) line = line sprintf(" %-" w[i] "s ", cell[i])
                print line " " cell[n]
            }
        }'
}

# bar DONE TOTAL LABEL: a bar that is drawn over; without a terminal, nothing until it is complete.
bar() {
    local width=32 full
    full=$((width * ($1 < $2 ? $1 : $2) / $2))
    [ -t 1 ] || return 0
    printf '\r  [%s%s] %d of about %d %s ' "$(printf '%*s' $full '' | tr ' ' '#')" \
        "$(printf '%*s' $((width - full)) '' | tr ' ' '.')" "$1" "$2" "$3"
}

count() { api GET "/content?limit=1&$1" | jq .total; }

# Texts are written in the background: wait until their number stands still.
wait_for_content() {
    local expected=$1 total=0 before=-1 still=0 rounds
    for ((rounds = 0; rounds < 240 && still < 10; rounds++)); do
        total=$(($(count "mission_id=$2") + $(count "mission_id=$3")))
        bar "$total" "$expected" "posts written"
        if [ "$total" -eq 0 ] || [ "$total" -ne "$before" ]; then still=0; else still=$((still + 1)); fi
        [ "$total" -lt "$expected" ] || still=10
        before=$total
        sleep 0.25
    done
    [ ! -t 1 ] || echo
    echo "  $total posts are written."
    [ "$total" -gt 0 ]
}

# What has become due is published by the worker.
wait_for_publishing() {
    local now=$1 due rounds
    for ((rounds = 0; rounds < 160; rounds++)); do
        due=$(($(count "status=scheduled&scheduled_before=$now") + $(count "status=publishing")))
        [ "$due" -gt 0 ] || return 0
        sleep 0.25
    done
    echo "  $due posts are still on their way."
}

wait_for_figures() {
    local rounds
    for ((rounds = 0; rounds < 80; rounds++)); do
        api GET /analytics | jq -e '.summary.total_impressions > 0' >/dev/null && return
        sleep 0.25
    done
    echo "  No figures have come in yet."
}

# pick STATUS MISSION N: the id of the nth content of a mission in that state.
pick() {
    api GET "/content?status=$1&mission_id=$2&limit=10" |
        jq -re --argjson n "$3" '.data[$n].id // error("too little content in that state")'
}

demo_missions() {
    small=$(api POST /missions \
        '{"name":"My Mission","objectives":["Drive awareness"],"platforms":["twitter"]}' | jq -re .id)
    large=$(api POST /missions '{
        "name": "API launch",
        "description": "Our public API leaves beta; win developers for it.",
        "objectives": ["Win developers for our public API", "Show how little code a first integration takes"],
        "platforms": ["twitter", "linkedin", "bluesky"],
        "constraints": {"tone": "professional yet approachable", "posts_per_day": 2,
                        "posting_times": ["09:00", "14:00"], "timezone": "America/New_York",
                        "require_approval": true, "budget_cents": 100000, "excluded_topics": ["pricing"]},
        "kpis": [{"metric": "engagement_rate", "target": 4.0, "platform": "all"}],
        "duration_days": 30}' | jq -re .id)
    for id in "$small" "$large"; do
        api GET "/missions/$id" |
            jq -r '[.id, .status, .name, (.platforms | join(", ")),
                    (if .constraints.require_approval then "by a person" else "automatic" end)] | @tsv'
    done | table MISSION STATUS NAME PLATFORMS APPROVAL
}

demo_content() {
    for id in "$small" "$large"; do
        api GET "/content?mission_id=$id&limit=5" | jq -r '.data[] | [.id, .platform, .status,
            (.scheduling.scheduled_for // "-"), (.copy.primary | gsub("\\s+"; " ") | .[0:58])] | @tsv'
    done | table CONTENT PLATFORM STATUS SCHEDULED TEXT
}

demo_preview() {
    api GET "/content/$1/preview" | jq -r '
        "  \(.platform), \(.length.used) of \(.length.limit) \(.length.unit), " +
        (if .valid then "fit to be sent:" else "not fit to be sent:" end) + "\n",
        (.rendered.text | split("\n")[] | "    | " + .)'
}

# Into the future and back: one is scheduled by hand, and taken off again.
demo_schedule() {
    local id=$1 at
    if [ "$(api GET "/content/$id" | jq -r .status)" = scheduled ]; then
        api DELETE "/publish/$id" >/dev/null
    fi
    at=$(api GET /test/clock | jq -r '.now | fromdate + 7200 | todate')
    api POST /publish/schedule "{\"content_id\":\"$id\",\"scheduled_for\":\"$at\"}" |
        jq -r '"  scheduled  \(.content_id) for \(.scheduled_for)"'
    api DELETE "/publish/$id" | jq -r '"  cancelled  \(.content_id), \(.status) again"'
}

demo_review() {
    local first second third
    first=$(pick pending_review "$large" 0)
    second=$(pick pending_review "$large" 1)
    third=$(pick pending_review "$large" 2)
    step "Preview of $first"
    demo_preview "$first"
    step "Review and publishing"
    api POST "/content/$first/approve" '{"notes":"Good."}' | jq -r '"  approved   \(.id), now \(.status)"'
    api POST "/content/$second/reject" '{"reason":"Too general for developers"}' |
        jq -r '"  rejected   \(.id): \(.review.rejection_reason)"'
    api POST /publish "{\"content_id\":\"$first\"}" |
        jq -r '"  published  \(.content_id) \(.platform_url // "(on its way)")"'
    api POST "/content/$third/approve" '{}' | jq -r '"  approved   \(.id), now \(.status)"'
    demo_schedule "$third"
}

demo_time() {
    local day now
    for day in 1 2 3; do
        now=$(api POST /test/clock '{"advance_seconds":86400}' | jq -re .now)
        wait_for_publishing "$now"
        echo "  day $day: it is $now, $(count status=published) posts are out"
    done
    wait_for_figures
}

demo_results() {
    step "Published"
    api GET "/content?status=published&limit=12" | jq -r '.data[] | [.platform,
        .publishing.published_at, .publishing.platform_url, (.copy.primary | gsub("\\s+"; " ") | .[0:40])]
        | @tsv' | table PLATFORM PUBLISHED URL TEXT
    step "Analytics"
    api GET /analytics | jq -r '.by_platform | to_entries[] | [.key, .value.posts_published,
        .value.impressions, .value.engagements, "\(.value.engagement_rate) %"] | @tsv' |
        table PLATFORM POSTS IMPRESSIONS ENGAGEMENTS RATE
    step "Missions and what they cost"
    for id in "$small" "$large"; do
        api GET "/analytics/missions/$id" | jq -r '[.mission_name, "\(.progress_percent) %",
            .summary.posts_published, .summary.posts_scheduled, .summary.posts_pending,
            .summary.impressions, .summary.engagements, "$\(.summary.cost_cents / 100)"] | @tsv'
    done | table MISSION PROGRESS PUBLISHED SCHEDULED PENDING IMPRESSIONS ENGAGEMENTS COST
}

demo() {
    local small large id
    step "The publishing account (of the sandbox: nothing leaves this machine)"
    api GET /connect/status | jq -r '.platforms | to_entries[]
        | [.key, (if .value.connected then "connected" else "-" end), (.value.account // "")] | @tsv' |
        table PLATFORM STATUS ACCOUNT
    step "Two missions"
    demo_missions
    step "Planning and writing"
    wait_for_content 49 "$small" "$large"
    step "Content"
    demo_content
    demo_review
    step "Three days pass, on the test clock"
    demo_time
    demo_results
    api DELETE /test/clock >/dev/null
    echo
    echo "  The test clock shows the real time again."
}
