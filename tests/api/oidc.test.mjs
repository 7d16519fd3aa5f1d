// Signing in through an OpenID Connect issuer: a real one, from elsewhere, that this file starts, and a
// web server of its own that is configured for it.
import assert from 'node:assert/strict';
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import test, { after, before } from 'node:test';
import { OAuth2Server } from 'oauth2-mock-server';
import { amp, failsWith, newTenant, newUser, send, someAddress, sql, succeeds } from '../harness/client.mjs';
import { serveWithIssuer } from '../harness/issuer.mjs';

const client = 'amp-console';
const issuer = new OAuth2Server();
let service, base;

before(async () => {
    for (const alg of ['RS256', 'PS256', 'ES256']) await issuer.issuer.keys.generate(alg, { kid: alg });
    await issuer.start(0, '127.0.0.1');
    issuer.issuer.url = `http://127.0.0.1:${issuer.address().port}`;
    service = serveWithIssuer('oidc', issuer.issuer.url, client);
    base = service.base;
});

after(async () => {
    service?.stop();
    await issuer.stop();
});

const claims = (user, others = {}) => ({
    iss: issuer.issuer.url, aud: client, sub: 'someone', email: user.email, email_verified: true, jti: randomUUID(), ...others,
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
    const made = () => token(claims(user, { nonce: 'n-1', jti: randomUUID() }));
    succeeds(await login({ oidc_token: await made(), nonce: 'n-1' }));
    succeeds(await login({ oidc_token: await made() }));
    failsWith(await login({ oidc_token: await made(), nonce: 'n-2' }), 401, 'invalid_token');
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

// The other signature that an elliptic curve has for the same text: n - s.
function twin(es256) {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const [header, payload, signature] = es256.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    bytes.write(s.toString(16).padStart(64, '0'), 32, 'hex');
    return `${header}.${payload}.${bytes.toString('base64url')}`;
}

test('a token signs in once, whatever form its signature has, and however many try at once', async () => {
    const { tenant, live } = newTenant();
    const user = newUser(tenant.id);
    const oidc_token = await token(claims(user), { kid: 'ES256' });
    const tries = [oidc_token, twin(oidc_token), oidc_token, twin(oidc_token)];
    const answers = await Promise.all(tries.map((t) => login({ oidc_token: t })));
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    for (const again of answers.filter((a) => a.status !== 200)) failsWith(again, 401, 'invalid_token');
    assert.equal(succeeds(await live.get('/audit?action=login')).data.filter((e) => e.status === 401).length, 3);
    succeeds(await login({ oidc_token: twin(await token(claims(user, { jti: randomUUID() }), { kid: 'ES256' })) }));
    const old = await token(claims(user, { iat: now() - 86401, exp: now() + 300 }));
    failsWith(await login({ oidc_token: old }), 401, 'token_expired');
});

test('what was used is remembered as long as it could be used again', async () => {
    const user = newUser(newTenant().tenant.id);
    const end = Date.now() + 300000; // other tests' tokens are there, too
    const there = () => Number(sql(`SELECT COUNT(*) AS n FROM spent_token
        WHERE expires_ms BETWEEN ${end - 10000} AND ${end + 10000}`)[0].n);
    const before = there();
    succeeds(await login({ oidc_token: await token(claims(user)) }));
    assert.equal(there(), before + 1);
});

test('whoever set a password for an address with an invitation loses it to whose address it is', async () => {
    const { live, tenant } = newTenant();
    const email = `${randomUUID()}@example.com`;
    const password = 'set by somebody else';
    const from = { 'X-Forwarded-For': someAddress() };
    const invite = async (api) => succeeds(await api.post('/tenant/invitations', { email, role: 'viewer' }), 201).token;
    const accept = (body) => send('POST', `${base}/invitations/accept`, body, { 'X-Forwarded-For': someAddress() });
    succeeds(await accept({ token: await invite(live), password }));
    const theirs = succeeds(await login({ email, password }));
    succeeds(await login({ oidc_token: await token(claims({ email })) }));
    failsWith(await login({ email, password }), 401, 'invalid_credentials');
    failsWith(await send('GET', `${base}/missions`, undefined, { Authorization: `Bearer ${theirs.token}` }), 401, 'invalid_token');
    failsWith(await send('POST', `${base}/auth/refresh`, { refresh_token: theirs.refresh_token }, from), 401, 'invalid_token');
    const mine = succeeds(await login({ oidc_token: await token(claims({ email }, { jti: randomUUID() })) }));
    succeeds(await login({ oidc_token: await token(claims({ email }, { jti: randomUUID() })) }));
    succeeds(await send('GET', `${base}/missions`, undefined, { Authorization: `Bearer ${mine.token}` }));
    assert.deepEqual(mine.tenant.id, tenant.id);
});

test('the issuer proves the address of an invitation, of a new user and of one whose password somebody else set', async () => {
    const [one, two, three] = [newTenant(), newTenant(), newTenant()];
    const accept = (body) => send('POST', `${base}/invitations/accept`, body, { 'X-Forwarded-For': someAddress() });
    const invite = async ({ live }, email) => succeeds(await live.post('/tenant/invitations', { email, role: 'viewer' }), 201).token;
    const [fresh, squatted] = [1, 2].map(() => `${randomUUID()}@example.com`);
    succeeds(await accept({ token: await invite(one, squatted), password: 'set by somebody else' }));
    for (const email of [fresh, squatted]) {
        const link = await invite(two, email);
        failsWith(await accept({ token: link, oidc_token: 'x.y.z', password: 'correct horse' }), 400, 'invalid_request', 'oidc_token');
        failsWith(await accept({ token: link, oidc_token: await token(claims({ email: 'eve@example.com' }, { jti: randomUUID() })) }), 403, 'forbidden', 'oidc_token');
        const oidc_token = await token(claims({ email }));
        succeeds(await accept({ token: link, oidc_token }));
        failsWith(await login({ oidc_token }), 401, 'invalid_token');
        failsWith(await login({ email, password: 'set by somebody else' }), 401, 'invalid_credentials');
        succeeds(await accept({ token: await invite(three, email), oidc_token: await token(claims({ email }, { jti: randomUUID() })) }));
        assert.equal(amp(['user', 'operator', email]).operator, true);
        assert.equal(amp(['user', 'operator', email, '--remove']).operator, false);
    }
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
