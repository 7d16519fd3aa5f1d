# demo.sh: the main job, played through the public API with curl and jq. Sourced by ./quickstart,
# which sets AMP_BASE_URL and AMP_TEST_KEY. It is the shortest client that one can write: read it as
# an example.
# shellcheck shell=bash disable=SC2016 # jq's programs have variables of their own

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

# table HEADING…: tab-separated lines from standard input under headings, in columns; columns of
# numbers stand to the right. Only the last column may hold more than ASCII.
table() {
    local IFS=$'\t'
    { echo "$*" && cat; } | awk -F '\t' '
        { rows[NR] = $0 }
        { for (i = 1; i <= NF; i++) if (length($i) > width[i]) width[i] = length($i) }
        NR > 1 { for (i = 1; i <= NF; i++) if ($i !~ /^\$?[0-9][0-9.,]*( %)?$/) text[i] = 1 }
        END {
            for (r = 1; r <= NR; r++) {
                n = split(rows[r], cell, "\t")
                line = ""
                for (i = 1; i <= n; i++) {
                    left = text[i] ? (i < n ? "-" width[i] : "") : width[i]
                    line = line sprintf("  %" left "s", cell[i])
                }
                print line
            }
        }'
}

# What the jq programs below share.
jq_words='
    def cut($n): gsub("\\s+"; " ") | if length > $n then .[0:$n - 1] + "…" else . end;
    def minute: if . then .[0:16] | sub("T"; " ") else "-" end;
    def grouped: tostring | [while(length > 0; .[:-3]) | .[-3:]] | reverse | join(",");
    def hundredths: "\(. / 100 | floor | grouped).\(. % 100 + 100 | tostring | .[1:])";
    def money: "$\(hundredths)";
    def percent: "\(. * 100 | round | hundredths) %";
'

# words [OPTION…] FILTER: jq with those, as raw text.
words() { jq -r "${@:1:$#-1}" "$jq_words ${*: -1}"; }

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

# wait_for_figures MISSION…: until each has some.
wait_for_figures() {
    local id rounds=80
    for id in "$@"; do
        until api GET "/analytics/missions/$id" | jq -e '.summary.impressions > 0' >/dev/null; do
            if [ $((rounds -= 1)) -le 0 ]; then
                echo "  Not all figures have come in yet."
                return 0
            fi
            sleep 0.25
        done
    done
}

# pick STATUS MISSION N: the id of the nth content, in the order of time, of a mission in that state.
pick() {
    api GET "/content?status=$1&mission_id=$2&limit=100" | jq -re --argjson n "$3" \
        '.data | sort_by(.scheduling.scheduled_for, .id)[$n].id // error("too little content in that state")'
}

demo_account() {
    api GET /connect/status | jq -r '
        ([.platforms | to_entries[] | select(.value.connected).key] | join(", ")) as $connected |
        .integrations | to_entries[] |
        [.key, .value.status, (if .key == "llm" then .value.provider else $connected end)] | @tsv' |
        table INTEGRATION STATUS "WHAT IT GIVES"
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
        api GET "/content?mission_id=$id&limit=100" |
            words '.data | sort_by(.scheduling.scheduled_for, .id)[0:6][] | [.id, .platform, .status,
                (.scheduling.scheduled_for | minute), (.copy.primary | cut(64))] | @tsv'
    done | table CONTENT PLATFORM STATUS "DUE (UTC)" TEXT
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

# The rest of what is due while the clock is moved; a person would read each of them first.
demo_approve_due() {
    local end id approved=0
    end=$(api GET /test/clock | jq -r '.now | sub("\\.[0-9]+"; "") | fromdate + 3 * 86400 | todate')
    for id in $(api GET "/content?status=pending_review&mission_id=$1&scheduled_before=$end&limit=100" |
        jq -r '.data[].id'); do
        api POST "/content/$id/approve" '{}' >/dev/null
        approved=$((approved + 1))
    done
    echo "  approved   $approved more, all that are due in the next three days"
}

demo_time() {
    local day now
    for day in 1 2 3; do
        now=$(api POST /test/clock '{"advance_seconds":86400}' | jq -re .now)
        wait_for_publishing "$now"
        echo "  day $day: it is $now, $(published) posts are out"
    done
    wait_for_figures "$small" "$large"
}

published() {
    local of='status=published&mission_id='
    echo $(($(count "$of$small") + $(count "$of$large")))
}

demo_posts() {
    step "Published"
    for id in "$small" "$large"; do
        api GET "/content?status=published&mission_id=$id&limit=100"
    done | words -s 'map(.data) | add | sort_by(.publishing.published_at)[] | [.platform,
            (.publishing.published_at | minute), .publishing.platform_url, (.copy.primary | cut(48))]
            | @tsv' |
        table PLATFORM "SENT (UTC)" URL TEXT
}

demo_analytics() {
    step "Analytics"
    api GET /analytics |
        words '(.by_platform | to_entries[] | [.key, .value]),
               (.summary | ["all", {posts_published: .content_published, impressions: .total_impressions,
                   engagements: .total_engagements, engagement_rate: .overall_engagement_rate}]) |
            .[1] as $sum | [.[0], $sum.posts_published, ($sum.impressions | grouped),
                ($sum.engagements | grouped), ($sum.engagement_rate | percent)] | @tsv' |
        table PLATFORM POSTS IMPRESSIONS ENGAGEMENTS RATE
    echo
    for id in "$small" "$large"; do
        api GET "/analytics/missions/$id" |
            words '.summary as $sum | [.mission_name, (.progress_percent | percent), $sum.posts_published,
                $sum.posts_scheduled, $sum.posts_pending, ($sum.impressions | grouped),
                ($sum.engagements | grouped)] | @tsv'
    done | table MISSION PROGRESS PUBLISHED SCHEDULED PENDING IMPRESSIONS ENGAGEMENTS
}

demo_costs() {
    local budget
    step "Costs"
    for id in "$small" "$large"; do
        budget=$(api GET "/missions/$id" | words '.constraints.budget_cents | if . then money else "-" end')
        api GET "/analytics/missions/$id" |
            words --arg budget "$budget" '[.mission_name, (.summary.cost_cents | money), $budget] | @tsv'
    done | table MISSION SPENT BUDGET
    echo "  The built-in composer wrote these texts and costs nothing; a language model's bill stands here."
}

demo() {
    local small large id
    api DELETE /test/clock >/dev/null # an earlier play may have ended early
    step "Connected (to the sandbox: nothing leaves this machine)"
    demo_account
    step "Two missions"
    demo_missions
    step "Planning and writing"
    wait_for_content 49 "$small" "$large"
    step "Content: what comes first in either mission"
    demo_content
    demo_review
    demo_approve_due "$large"
    step "Three days pass, on the test clock"
    demo_time
    demo_posts
    demo_analytics
    demo_costs
    api DELETE /test/clock >/dev/null
    echo
    echo "  The test clock shows the real time again."
}
