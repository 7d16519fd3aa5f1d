# start.sh: starts the peers of the benchmark on the tables of the stack. Sourced by tests/bench/run,
# whose root, url, port and free_port it uses.
# shellcheck shell=bash disable=SC2154

# peers_same PATH TOKEN BASE…: every base answers what the API answers.
peers_same() {
    local path=$1 token=$2 base expected
    shift 2
    expected=$(curl -sSf -H "Authorization: Bearer $token" "$url$path" | jq -S .)
    for base in "$@"; do
        curl -sSf -H "Authorization: Bearer $token" "$base$path" | jq -S . | diff - <(echo "$expected") >&2 ||
            { echo "$base answers something else than AMP to $path." >&2 && return 1; }
    done
}

# Sets PEERS_FASTIFY.
peers_start_fastify() {
    free_port
    PEERS_FASTIFY=http://$STACK_BIND:$port/v1
    stack_spawn fastify env NODE_ENV=production PEER_BIND="$STACK_BIND" PEER_PORT="$port" \
        PEER_DATABASE="$STACK_SOCKET" PEER_PASSWORD="$(stack_setting database password)" \
        node "$STACK_HOME/peers/fastify.mjs"
    stack_wait_up fastify 20 curl -s "$PEERS_FASTIFY/content"
}

# Sets PEERS_PHP.
peers_start_php() {
    local fpm run=$STACK_RUN/php settings
    fpm=$(compgen -G '/usr/sbin/php-fpm*' | sort -V | tail -n 1)
    mkdir -p "$run"
    stack_give "$run"
    free_port
    PEERS_PHP=http://$STACK_BIND:$port/v1
    settings=(PEER_BIND="$STACK_BIND" PEER_PORT="$port" PEER_HTDOCS="$STACK_HOME/peers" PEER_RUN="$run"
        PEER_DATABASE="$STACK_SOCKET" PEER_PASSWORD="$(stack_setting database password)")
    stack_spawn php-fpm env "${settings[@]}" "$fpm" -F -y "$STACK_HOME/peers/php-fpm.conf"
    stack_spawn php-lighttpd env "${settings[@]}" lighttpd -D -f "$STACK_HOME/peers/lighttpd.conf"
    stack_wait_up php-fpm 20 test -S "$run/php.socket"
    stack_wait_up php-lighttpd 20 curl -s "$PEERS_PHP/content"
}

# Where the service's user can read them, and nothing of theirs is written.
peers_start() {
    packages_node "$root/tests/bench/peers"
    rm -rf "$STACK_HOME/peers"
    cp -r "$root/tests/bench/peers" "$STACK_HOME/peers"
    chmod -R a+rX "$STACK_HOME/peers"
    peers_start_fastify
    peers_start_php
}

peers_stop() {
    stack_end php-lighttpd 10
    stack_end php-fpm 10
    stack_end fastify 10
}
