# stack.sh: a private stack in a directory: MariaDB (own data, own socket, no TCP port), lighttpd
# or Apache with amp.fcgi and sandbox.fcgi, workers. Sourced by ./quickstart, tests/run and tests/bench/ground.sh.
# Everything starts when a condition holds, and only what was started here is stopped.
#
#   stack_use DIR BUILD    where it lives, and which build it runs     (first, always)
#   stack_start            all of it; what runs already is left alone
#   stack_stop             all of it, newest first
#   stack_status           one line a part; fails if one is not running
#   stack_amp ARG…         the program, with the configuration of the stack, as the service's user
#   stack_sql [ARG…]       the client of the database, as its root; statements on standard input
#
# Set before stack_start, or left at these defaults (EXTRA_CONFIG: lines "section key value"; SERVER:
# lighttpd or apache, which has at most THREADS requests and so many processes, not PROCESSES):
# shellcheck shell=bash
: "${STACK_PORT:=8080}" "${STACK_BIND:=127.0.0.1}" "${STACK_WORKERS:=1}" "${STACK_POOL:=128M}"
: "${STACK_PROCESSES:=$((4 * $(nproc)))}" "${STACK_SANDBOX_PROCESSES:=2}" "${STACK_REDO:=64M}"
: "${STACK_EXTRA_CONFIG:=}" "${STACK_SERVER:=lighttpd}" "${STACK_THREADS:=64}" "${STACK_PATIENCE:=20}"

stack_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

stack_say() { echo "$*" >&2; }

# stack_wait SECONDS COMMAND…: until the command succeeds; fails when the time is up.
stack_wait() {
    local rounds=$(($1 * 20))
    shift
    while ! "$@" >/dev/null 2>&1; do
        [ $((rounds -= 1)) -gt 0 ] || return 1
        sleep 0.05
    done
}

# stack_wait_up NAME SECONDS COMMAND…: the same, but gives up when the process NAME has died.
stack_wait_up() {
    local name=$1 seconds=$2
    shift 2
    stack_wait "$seconds" stack_up_or_dead "$name" "$@" && "$@" >/dev/null 2>&1
}
stack_up_or_dead() { "${@:2}" || ! stack_pid "$1"; }

# --- Who and where ---

# Nothing here runs as root: a stack that root starts belongs to www-data. The environment is made
# anew, so that nothing of the caller's leaks into the programs.
stack_choose_user() {
    local name
    stack_user=$(id -un) stack_group=$(id -gn) stack_as=(env)
    if [ "$(id -u)" -eq 0 ]; then
        stack_user=www-data stack_group=www-data
        stack_as=(setpriv --reuid="$stack_user" --regid="$stack_group" --clear-groups env)
    fi
    stack_as+=(-i PATH="$PATH" LANG=C.UTF-8 TZ=UTC)
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [ -z "${!name:-}" ] || stack_as+=("$name=${!name}")
    done
}

# Can the service's user get at this?  stack_reaches r|w|x PATH
stack_reaches() { "${stack_as[@]}" test "-$1" "$2"; }

# A directory that the service's user can reach. A checkout in a closed home of root is none; the
# stack then lives below /var/tmp. The name of a socket may have 107 bytes.
stack_find_home() {
    local mark
    STACK_HOME=$STACK_DIR
    [ ${#STACK_HOME} -le 80 ] && stack_reaches x "$STACK_DIR" && return
    mark=$(cksum <<<"$STACK_DIR")
    STACK_HOME=/var/tmp/amp-$(id -u)-${mark%% *}
    [ -d "$STACK_HOME" ] || mkdir -m 0755 "$STACK_HOME" || return 1
    if [ ! -O "$STACK_HOME" ] || [ -L "$STACK_HOME" ]; then
        stack_say "$STACK_HOME belongs to somebody else. Remove it, or move this checkout to a" \
            "shorter path that other users may enter (/opt, /srv)."
        return 1
    fi
}

# The files that the service's user runs or reads: in place if it can, else copied.
stack_find_program() {
    local file
    STACK_AMP=$STACK_BUILD/amp
    stack_sandbox=$STACK_BUILD/sandbox.fcgi
    stack_htdocs=$stack_source/htdocs
    stack_conf=$stack_source/cgi-bin/conf
    for file in "$STACK_AMP" "$stack_sandbox"; do
        [ -x "$file" ] || return 0    # not built yet
    done
    if stack_reaches x "$STACK_AMP" && stack_reaches x "$stack_sandbox" &&
        stack_reaches r "$stack_htdocs/errors/404.html" && stack_reaches r "$stack_conf/lighttpd.conf"; then
        return
    fi
    mkdir -p "$STACK_HOME/program"
    cp -fp "$STACK_AMP" "$STACK_HOME/program/amp.new"
    cp -fp "$stack_sandbox" "$STACK_HOME/program/sandbox.new"
    mv "$STACK_HOME/program/amp.new" "$STACK_HOME/program/amp"
    mv "$STACK_HOME/program/sandbox.new" "$STACK_HOME/program/sandbox.fcgi"
    rm -rf "$STACK_HOME/program/htdocs" "$STACK_HOME/program/conf"
    cp -r "$stack_htdocs" "$STACK_HOME/program/htdocs"
    cp -r "$stack_conf" "$STACK_HOME/program/conf"
    chmod -R a+rX "$STACK_HOME/program"
    STACK_AMP=$STACK_HOME/program/amp
    stack_sandbox=$STACK_HOME/program/sandbox.fcgi
    stack_htdocs=$STACK_HOME/program/htdocs
    stack_conf=$STACK_HOME/program/conf
}

stack_give() { [ "$(id -u)" -ne 0 ] || chown "$stack_user:$stack_group" "$@"; }

stack_use() {
    mkdir -p "$1"
    STACK_DIR=$(cd "$1" && pwd -P)
    STACK_BUILD=$2
    stack_choose_user
    stack_find_home || return 1
    stack_find_program
    STACK_RUN=$STACK_HOME/run
    STACK_LOG=$STACK_HOME/log
    STACK_OUT=$STACK_HOME/out    # ours: process ids, and what the processes print
    STACK_DATA=$STACK_HOME/mysql
    STACK_CONFIG=$STACK_HOME/amp.conf
    STACK_SOCKET=$STACK_RUN/mariadb.sock
    mkdir -p "$STACK_RUN" "$STACK_LOG" "$STACK_DATA" "$STACK_OUT"
    chmod 0700 "$STACK_RUN" "$STACK_LOG" "$STACK_DATA"
    stack_give "$STACK_RUN" "$STACK_LOG" "$STACK_DATA"
}

# --- Processes: NAME.pid holds the process id and its start time, so a stale one is never taken
# for ours. ---

stack_started() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    stat=${stat##*) }
    [ "${stat:0:1}" != Z ] || return 1
    cut -d ' ' -f 20 <<<"$stat"
}

# Prints the process id if NAME is running.
stack_pid() {
    local pid start
    { read -r pid start <"$STACK_OUT/$1.pid"; } 2>/dev/null || return 1
    [ "$(stack_started "$pid")" = "$start" ] && echo "$pid"
}

stack_gone() { ! stack_started "$1"; }

# stack_spawn NAME COMMAND…: in the background, in a session of its own, as the service's user.
# Descriptor 9 is the lock of whoever runs us.
stack_spawn() {
    local name=$1 pid
    shift
    "${stack_as[@]}" setsid "$@" </dev/null >>"$STACK_OUT/$name.out" 2>&1 9>&- &
    pid=$!
    disown "$pid"
    echo "$pid $(stack_started "$pid")" >"$STACK_OUT/$name.pid"
}

# stack_end NAME SECONDS: SIGTERM, and SIGKILL if that does not help in time.
stack_end() {
    local pid child children=()
    pid=$(stack_pid "$1") || { rm -f "$STACK_OUT/$1.pid" && return 0; }
    read -r -a children <"/proc/$pid/task/$pid/children" || true
    kill "$pid" 2>/dev/null || true
    for child in "$pid" "${children[@]}"; do
        stack_wait "$2" stack_gone "$child" || kill -9 "$child" 2>/dev/null || true
    done
    rm -f "$STACK_OUT/$1.pid"
}

# Programs that lost their web server (it was killed) still wait on its sockets.
stack_sweep() {
    local entry program pid
    for entry in /proc/[0-9]*; do
        program=$(readlink "$entry/exe") || continue
        program=${program% (deleted)}
        [[ ${program##*/} =~ ^(amp|sandbox\.fcgi)$ ]] || continue
        [[ $(readlink "$entry/fd/0") == socket:* ]] || continue
        grep -qzFx "AMP_CONFIG=$STACK_CONFIG" "$entry/environ" 2>/dev/null || continue
        pid=${entry#/proc/}
        kill "$pid" 2>/dev/null || continue
        stack_wait 5 stack_gone "$pid" || kill -9 "$pid" 2>/dev/null || true
    done
} 2>/dev/null

# --- Database ---

stack_sql() { mariadb --no-defaults --socket="$STACK_SOCKET" --user=root --batch \
    --default-character-set=utf8mb4 "$@"; }

stack_database_answers() { stack_sql -e 'SELECT 1' </dev/null; }

stack_database_make() {
    local fresh=$STACK_DATA/fresh
    [ ! -d "$STACK_DATA/data" ] || return 0
    rm -rf "$fresh"
    if ! "${stack_as[@]}" mariadb-install-db --no-defaults --datadir="$fresh" --skip-test-db \
        --auth-root-authentication-method=normal --skip-name-resolve --force \
        >"$STACK_OUT/install.out" 2>&1; then
        stack_say "MariaDB could not make its data directory; see $STACK_OUT/install.out"
        return 1
    fi
    mv "$fresh" "$STACK_DATA/data"
}

# The directory of the socket is closed to all but the service's user and root; who is inside is
# root of the database without a password.
stack_database_start() {
    stack_pid mariadb >/dev/null && return
    stack_database_make || return 1
    rm -f "$STACK_SOCKET"
    stack_spawn mariadb mariadbd --no-defaults --datadir="$STACK_DATA/data" --tmpdir="$STACK_DATA" \
        --socket="$STACK_SOCKET" --skip-networking --pid-file="$STACK_RUN/mariadbd.pid" \
        --innodb-buffer-pool-size="$STACK_POOL" --innodb-log-file-size="$STACK_REDO" \
        --innodb-flush-log-at-trx-commit=1 --character-set-server=utf8mb4 --skip-name-resolve \
        --performance-schema=OFF --max-connections=300 --key-buffer-size=1M
    if ! stack_wait_up mariadb 60 stack_database_answers; then
        stack_say "MariaDB did not start; see $STACK_OUT/mariadb.out"
        return 1
    fi
}

# --- Configuration ---

stack_secret() { head -c "$1" /dev/urandom | base64 -w 0; }

# stack_setting SECTION KEY: the value that amp.conf has now.
stack_setting() {
    [ -e "$STACK_CONFIG" ] || return 0
    awk -v section="[$1]" -v key="$2" '
        /^\[/ { here = $1 }
        here == section && $1 == key { print $3; exit }' "$STACK_CONFIG"
}

# The secrets of an earlier run are kept: what is stored was sealed with them.
stack_configure() {
    local password owner key token section name value
    password=$(stack_setting database password)
    owner=$(stack_setting database owner_password)
    key=$(stack_setting secrets key)
    token=$(stack_setting sandbox token)
    : "${password:=$(stack_secret 24)}" "${owner:=$(stack_secret 24)}" "${key:=$(stack_secret 32)}"
    : "${token:=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}"
    rm -f "$STACK_CONFIG.new"
    (umask 077 && : >"$STACK_CONFIG.new")
    cat >"$STACK_CONFIG.new" <<END
# Written by tests/harness/stack.sh; changes are lost at the next start.
[server]
base_url = http://$STACK_BIND:$STACK_PORT
trusted_proxies = 127.0.0.1
shm_path = $STACK_RUN/amp.shm

[database]
socket = $STACK_SOCKET
name = amp
user = amp
password = $password
owner = amp_owner
owner_password = $owner

[secrets]
key = $key

[sandbox]
url = ${STACK_SANDBOX_URL:-http://$STACK_BIND:$STACK_PORT/sandbox}
token = $token
ledger = $STACK_RUN/sandbox.ledger
allow_loopback = true
END
    while read -r section name value; do
        [ -z "$section" ] || printf '[%s]\n%s = %s\n' "$section" "$name" "$value" >>"$STACK_CONFIG.new"
    done <<<"$STACK_EXTRA_CONFIG"
    stack_give "$STACK_CONFIG.new"
    mv "$STACK_CONFIG.new" "$STACK_CONFIG"
    stack_sql <<END
CREATE DATABASE IF NOT EXISTS amp CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS amp@localhost;
ALTER USER amp@localhost IDENTIFIED BY '$password';
CREATE USER IF NOT EXISTS amp_owner@localhost;
ALTER USER amp_owner@localhost IDENTIFIED BY '$owner';
GRANT ALL ON amp.* TO amp_owner@localhost;
END
}

# The schema is the owner's affair; who serves gets no more rights than it needs.
stack_migrate() {
    stack_amp migrate >"$STACK_OUT/migrate.out" 2>&1 || return 1
    stack_amp migrate --grants | stack_sql 2>>"$STACK_OUT/migrate.out"
}

# --- Programs ---

stack_amp() { "${stack_as[@]}" AMP_CONFIG="$STACK_CONFIG" "$STACK_AMP" "$@"; }

stack_port_taken() { (exec 3<>"/dev/tcp/$STACK_BIND/$STACK_PORT") 2>/dev/null; }

# Sets STACK_PORT to one that nobody listens on.
stack_free_port() {
    local tries
    for tries in {1..200}; do
        STACK_PORT=$((20000 + SRANDOM % 12000))
        stack_port_taken || return 0
    done
    stack_say "No free port was found after $tries tries."
    return 1
}

stack_ready() {
    [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "http://$STACK_BIND:$STACK_PORT/ready")" = 200 ]
}

# What the web server and the workers were started with.
stack_stamp() {
    echo "$STACK_BIND $STACK_PORT $STACK_PROCESSES $STACK_SANDBOX_PROCESSES $STACK_WORKERS"
    echo "$STACK_SERVER $STACK_THREADS"
    cksum "$STACK_AMP" "$stack_sandbox" "$stack_conf/$STACK_SERVER.conf" "$STACK_CONFIG"
}

# stack_lighttpd NAME PORT PROGRAM RUN: one web server, with the configuration that is shipped.
stack_lighttpd() {
    stack_spawn "$1" env AMP_BIND="$STACK_BIND" AMP_PORT="$2" AMP_PROGRAM="$3" AMP_RUN="$4" \
        AMP_LOG="$STACK_LOG" AMP_HTDOCS="$stack_htdocs" AMP_CONFIG="$STACK_CONFIG" \
        AMP_SANDBOX_PROGRAM="$stack_sandbox" AMP_PROCESSES="$STACK_PROCESSES" \
        AMP_SANDBOX_PROCESSES="$STACK_SANDBOX_PROCESSES" AMP_PATIENCE="$STACK_PATIENCE" lighttpd -D -f "$stack_conf/lighttpd.conf"
}

# The same with Apache, which hands on only what it is told to.
stack_apache() {
    local name options=()
    for name in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS; do
        [ -z "${!name:-}" ] || options+=(-c "FcgidInitialEnv $name \"${!name}\"")
    done
    stack_spawn "$1" env AMP_BIND="$STACK_BIND" AMP_PORT="$2" AMP_PROGRAM="$3" AMP_RUN="$4" \
        AMP_LOG="$STACK_LOG" AMP_HTDOCS="$stack_htdocs" AMP_CONFIG="$STACK_CONFIG" \
        AMP_SANDBOX_PROGRAM="$stack_sandbox" AMP_PROCESSES="$STACK_THREADS" \
        AMP_PATIENCE="$STACK_PATIENCE" \
        apache2 -D FOREGROUND -f "$stack_conf/apache.conf" "${options[@]}"
}

stack_web_start() {
    stack_pid "$STACK_SERVER" >/dev/null && return
    stack_sweep
    if stack_port_taken; then
        stack_say "Port $STACK_PORT of $STACK_BIND is in use by another program. Stop that one, or" \
            "choose another port:  AMP_PORT=8081 ./quickstart"
        return 1
    fi
    "stack_$STACK_SERVER" "$STACK_SERVER" "$STACK_PORT" "$STACK_AMP" "$STACK_RUN"
    if ! stack_wait_up "$STACK_SERVER" 30 stack_ready; then
        stack_say "The API did not become ready; see what lies in $STACK_LOG and" \
            "$STACK_OUT/$STACK_SERVER.out"
        return 1
    fi
}

stack_workers_start() {
    local i
    for ((i = 1; i <= STACK_WORKERS; i++)); do
        stack_pid "worker$i" >/dev/null ||
            stack_spawn "worker$i" env AMP_CONFIG="$STACK_CONFIG" "$STACK_AMP" work
    done
}

stack_programs_stop() {
    local file
    for file in "$STACK_OUT"/worker*.pid; do
        [ ! -e "$file" ] || stack_end "$(basename "$file" .pid)" 30
    done
    stack_end lighttpd 15
    stack_end apache 15
    stack_sweep
}

# --- All of it ---

stack_start() {
    stack_database_start || return 1
    stack_configure || return 1
    stack_stamp | cmp -s - "$STACK_OUT/stamp" || stack_programs_stop
    if ! stack_migrate; then
        stack_say "The database could not be brought to the schema of this version:"
        tail -n 3 "$STACK_OUT/migrate.out" >&2
        return 1
    fi
    stack_web_start || return 1
    stack_workers_start
    stack_stamp >"$STACK_OUT/stamp"
}

stack_stop() {
    stack_programs_stop
    stack_end mariadb 60
}

stack_status() {
    local name pid result=0
    for name in mariadb "$STACK_SERVER" $(seq -f 'worker%g' "$STACK_WORKERS"); do
        if pid=$(stack_pid "$name"); then
            printf '  %-10s running (process %s)\n' "$name" "$pid"
        else
            printf '  %-10s not running\n' "$name"
            result=1
        fi
    done
    return $result
}
