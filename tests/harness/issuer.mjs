// issuer.mjs: a web server of its own whose amp.conf names an OpenID Connect issuer.
import { stack } from './client.mjs';

// Starts it under this name for the issuer and its client: {base, stop}, base like baseUrl.
export function serveWithIssuer(name, issuer, client) {
    const port = stack('stack_free_port && echo "$STACK_PORT"');
    stack(`cp -p "$STACK_CONFIG" "$STACK_HOME/${name}.conf"
        printf '[oidc]\\nissuer = %s\\nclient_id = %s\\nallow_private = true\\n' '${issuer}' '${client}' \
            >>"$STACK_HOME/${name}.conf"
        mkdir -p "$STACK_RUN/${name}" && stack_give "$STACK_RUN/${name}"
        STACK_CONFIG=$STACK_HOME/${name}.conf STACK_PROCESSES=1 STACK_SANDBOX_PROCESSES=1
        stack_lighttpd ${name} ${port} "$STACK_AMP" "$STACK_RUN/${name}"
        STACK_PORT=${port} && stack_wait_up ${name} 30 stack_ready`);
    return {
        base: `http://127.0.0.1:${port}/api/v1`,
        stop: () => stack(`stack_end ${name} 15; rm -rf "$STACK_HOME/${name}.conf" "$STACK_RUN/${name}"`),
    };
}
