// Signing in through an OpenID Connect issuer: a real one, from elsewhere, that this file starts, and a
// web server of its own that is configured for it.
import assert from 'node:assert/strict';
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import test, { after, before } from 'node:test';
import { OAuth2Server } from 'oauth2-mock-server';
import { failsWith, newTenant, newUser, send, someAddress, stack, succeeds } from '../harness/client.mjs';

const client = 'amp-console';
const issuer = new OAuth2Server();
let base;

before(async () => {
    for (const alg of ['RS256', 'PS256', 'ES256']) await issuer.issuer.keys.generate(alg, { kid: alg });
    await issuer.start(0, '127.0.0.1');
    issuer.issuer.url = `http://127.0.0.1:${issuer.address().port}`;
    const port = stack('stack_free_port && echo "$STACK_PORT"');
    stack(`cp -p "$STACK_CONFIG" "$STACK_DIR/oidc.conf"
        printf '[oidc]\\nissuer = %s\\nclient_id = %s\\nallow_private = true\\n' '${issuer.issuer.url}' '${client}' \
            >>"$STACK_DIR/oidc.conf"
        mkdir -p "$STACK_RUN/oidc" && stack_give "$STACK_RUN/oidc"
        STACK_CONFIG=$STACK_DIR/oidc.conf STACK_PROCESSES=1 STACK_SANDBOX_PROCESSES=1
        stack_lighttpd oidc ${port} "$STACK_AMP" "$STACK_RUN/oidc"
        STACK_PORT=${port} && stack_wait_up oidc 30 stack_ready`);
    base = `http://127.0.0.1:${port}/api/v1`;
});

after(async () => {
    stack('stack_end oidc 15; rm -rf "$STACK_DIR/oidc.conf" "$STACK_RUN/oidc"');
    await issuer.stop();
});

const claims = (user, others = {}) => ({
    iss: issuer.issuer.url, aud: client, sub: 'someone', email: user.email, email_verified: true, ...others,
});

// A token that the issuer signs with one of its keys.
const token = (payload, { kid = 'RS256', header = {} } = {}) => issuer.issuer.buildToken({
    kid,
    expiresIn: 300,
    scopesOrTransform: (h, p) => {
        Object.assign(h, header);
        for (const name of Object.keys(p)) if (!['iat', 'nbf', 'exp'].includes(name)) delete p[name];
        Object.assign(p, payload);
        for (const [name, value] of Object.entries(p)) if (value === undefined) delete p[name];
    },
});

// The issuer writes one type only: a token of another, by the same key.
function signedWith(header, payload) {
    const key = issuer.issuer.keys.toJSON(true).find(({ kid }) => kid === header.kid);
    const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
    const signature = sign('sha256', Buffer.from(text), createPrivateKey({ key, format: 'jwk' }));
    return `${text}.${signature.toString('base64url')}`;
}

const login = (body) => send('POST', `${base}/auth/login`, body, { 'X-Forwarded-For': someAddress() });
const now = () => Math.floor(Date.now() / 1000);

test('a token of the issuer signs in the user of its verified address', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id, 'approver');
    for (const kid of ['RS256', 'PS256', 'ES256']) {
        const oidc_token = await token(claims({ email: user.email.toUpperCase() }), { kid });
        const session = succeeds(await login({ oidc_token, mode: 'test' }));
        assert.deepEqual([session.user.id, session.user.role, session.tenant], [user.id, 'approver', tenant]);
        const me = succeeds(await send('GET', `${base}/auth/whoami`, undefined, {
            Authorization: `Bearer ${session.token}`,
        }));
        assert.deepEqual([me.auth_method, me.livemode], ['jwt', false]);
    }
});


test('a token that the issuer signed for others, or for another time, signs nobody in', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    for (const [others, code] of [
        [{ iss: 'https://other.example' }, 'invalid_token'],
        [{ iss: `${issuer.issuer.url}/` }, 'invalid_token'],
        [{ iss: undefined }, 'invalid_token'],
        [{ aud: 'another' }, 'invalid_token'],
        [{ aud: undefined }, 'invalid_token'],
        [{ aud: [client, 'another'] }, 'invalid_token'],
        [{ aud: [client, 'another'], azp: 'another' }, 'invalid_token'],
        [{ azp: 'another' }, 'invalid_token'],
        [{ sub: undefined }, 'invalid_token'],
        [{ iat: now() + 120 }, 'invalid_token'],
        [{ nbf: now() + 120 }, 'invalid_token'],
        [{ exp: undefined }, 'invalid_token'],
        [{ exp: `${now() + 300}` }, 'invalid_token'],
        [{ exp: now() - 1 }, 'token_expired'],
        [{ email_verified: false }, 'invalid_credentials'],
        [{ email_verified: 'true' }, 'invalid_credentials'],
        [{ email_verified: undefined }, 'invalid_credentials'],
        [{ email: undefined }, 'invalid_credentials'],
        [{ email: `${randomUUID()}@example.com` }, 'invalid_credentials'],
    ])
        failsWith(await login({ oidc_token: await token(claims(user, others)) }), 401, code);
    succeeds(await login({ oidc_token: await token(claims(user, { aud: [client, 'another'], azp: client })) }));
});

test('a nonce that is given must be the one in the token', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const oidc_token = await token(claims(user, { nonce: 'n-1' }));
    succeeds(await login({ oidc_token, nonce: 'n-1' }));
    succeeds(await login({ oidc_token }));
    failsWith(await login({ oidc_token, nonce: 'n-2' }), 401, 'invalid_token');
    failsWith(await login({ oidc_token: await token(claims(user)), nonce: 'n-1' }), 401, 'invalid_token');
});

test('a token that was changed, or has a header of its own making, signs nobody in', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const good = await token(claims(user));
    const [header, payload, signature] = good.split('.');
    const encode = (o) => Buffer.from(JSON.stringify(o)).toString('base64url');
    const other = encode({ ...JSON.parse(Buffer.from(payload, 'base64url')), email: newUser(tenant.id).email });
    succeeds(await login({ oidc_token: signedWith({ alg: 'RS256', kid: 'RS256', typ: 'JWT' }, payload) }));
    for (const forged of [
        `${header}.${other}.${signature}`,
        `${encode({ alg: 'none' })}.${payload}.`,
        `${encode({ alg: 'none', kid: 'RS256' })}.${payload}.${signature}`,
        `${encode({ alg: 'HS256', kid: 'RS256' })}.${payload}.${signature}`,
        `${encode({ alg: 'ES256', kid: 'RS256' })}.${payload}.${signature}`,
        `${header}.${payload}.${signature.slice(0, -8)}`,
        `${good}=`,
        signedWith({ alg: 'RS256', kid: 'RS256', typ: 'at+jwt' }, payload),
        await token(claims(user), { header: { x5u: 'https://evil.example' } }),
        await token(claims(user), { header: { jku: 'https://evil.example' } }),
        'x.y.z',
    ])
        failsWith(await login({ oidc_token: forged }), 401, 'invalid_token');
});

test('both ways at once, or neither, are refused by name', async () => {
    const body = { oidc_token: 'x.y.z', email: 'ann@example.com', password: 'correct horse' };
    failsWith(await login(body), 400, 'invalid_request', 'oidc_token');
    failsWith(await login({ nonce: 'n' }), 400, 'invalid_request', 'email');
});

// --- Keys: last, since the issuer is not asked again for a while ---

test('a key that is unknown is asked for, and made-up names neither hinder that nor have the issuer asked for ever', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const forged = () => token(claims(user), { header: { kid: randomUUID() } });
    const keys = issuer.issuer.keys;
    const list = keys.toJSON.bind(keys);
    let asked = 0;
    keys.toJSON = (...how) => ((asked += 1), list(...how));
    succeeds(await login({ oidc_token: await token(claims(user)) }));
    for (const kid of ['new', 'newer']) {
        failsWith(await login({ oidc_token: await forged() }), 401, 'invalid_token');
        await keys.generate('RS256', { kid });
        succeeds(await login({ oidc_token: await token(claims(user), { kid }) }));
    }
    const start = Date.now();
    asked = 0;
    for (let i = 0; i < 20; i++) failsWith(await login({ oidc_token: await forged() }), 401, 'invalid_token');
    const more = Math.ceil((Date.now() - start) / 10000);
    assert.ok(asked >= 1 && asked <= 6 + more, `asked ${asked} times`);
    succeeds(await login({ oidc_token: await token(claims(user), { kid: 'newer' }) }));
});
