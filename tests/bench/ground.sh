# ground.sh: what the benchmarks stand on: a stack of their own with an empty database, which goes
# away with them. Sourced by run and by work, which set root.
# shellcheck shell=bash disable=SC2154

# shellcheck source=tests/harness/packages.sh
. "$root/tests/harness/packages.sh"
# shellcheck source=tests/harness/stack.sh
. "$root/tests/harness/stack.sh"

say() { echo "$*" >&2; }

# ground_open DIR BUILD: sets url, the address of the API. No workers.
ground_open() {
    [ -x "$2/amp" ] || { say "There is no program in $2: run \"make\" there first." && return 1; }
    STACK_PROCESSES=${AMP_PROCESSES:-8} STACK_WORKERS=0 STACK_POOL=1G STACK_REDO=512M
    stack_use "$1" "$2"
    ground_close
    stack_use "$1" "$2"
    stack_free_port
    stack_start
    url=http://$STACK_BIND:$STACK_PORT/api/v1
}

ground_close() {
    stack_stop || true
    rm -rf "$STACK_HOME/mysql" "$STACK_HOME/run" "$STACK_HOME/log"
}

# call TOKEN PATH [CURL-ARGUMENT…]: the answer of the API, if it is none of an error.
call() { curl -sSf -H "Authorization: Bearer $1" -H 'Content-Type: application/json' "${@:3}" "$url$2"; }

# tenant NAME [MODE]: a tenant with a key; sets tenant and key.
tenant() {
    tenant=$(stack_amp tenant create --name "$1" --plan enterprise --rate-limit 10000000 --json | jq -re .id)
    key=$(stack_amp key create --tenant "$tenant" --mode "${2:-live}" --json | jq -re .key)
}

# What the figures were measured on.
machine() { echo "$(nproc) cores, $(awk -F ': ' '/model name/ { print $2; exit }' /proc/cpuinfo)"; }

# keep FILE FILTER: puts what the filter makes of the file's JSON into var/bench.json, whatever else
# is there; [.old, .new] is its input.
keep() {
    local all=$root/var/bench.json
    [ -s "$all" ] || echo '{}' >"$all"
    jq -s "{old: .[0], new: .[1]} | $2" "$all" "$1" >"$all.new"
    mv "$all.new" "$all"
}
