// Signing in through the reference OpenID provider, as a person with a browser does it: authorization code
// and PKCE, its pages for signing in and for consent, cookies and all. What tokens must not say is
// oidc.test.mjs's.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import test, { after, before } from 'node:test';
import Provider from 'oidc-provider';
import { failsWith, newTenant, newUser, send, someAddress, succeeds } from '../harness/client.mjs';
import { serveWithIssuer } from '../harness/issuer.mjs';

const client = 'amp-console';
const back = 'https://amp.example/signed-in';
const server = createServer();
let url, amp;

before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    url = `http://127.0.0.1:${server.address().port}`;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const provider = new Provider(url, {
        clients: [{
            client_id: client, redirect_uris: [back], response_types: ['code'],
            grant_types: ['authorization_code'], token_endpoint_auth_method: 'none',
        }],
        claims: { email: ['email', 'email_verified'] },
        conformIdTokenClaims: false, // the address stands in the identity token
        jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'reference', use: 'sig', alg: 'RS256' }] },
        cookies: { keys: [randomBytes(16).toString('hex')] },
        findAccount: (_, id) => ({
            accountId: id,
            claims: () => ({ sub: id, email: id, email_verified: !id.startsWith('unverified') }),
        }),
    });
    server.on('request', provider.callback());
    amp = serveWithIssuer('reference', url, client);
});

after(() => {
    amp?.stop();
    server.close();
});

// What a browser keeps, and sends along.
function browser() {
    const jar = new Map();
    return async (where, form) => {
        const answer = await fetch(where, {
            redirect: 'manual', method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form),
            headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
        });
        // Joined by commas, which dates have as well; getSetCookie() is younger than Debian's Node.
        for (const cookie of answer.headers.get('set-cookie')?.split(/, (?=[^;, ]+=)/) ?? []) {
            const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
            jar.set(name, value);
        }
        return answer;
    };
}

// The identity token that this person gets.
async function tokenFor(email, nonce) {
    const go = browser();
    const verifier = randomBytes(32).toString('base64url');
    const wish = new URLSearchParams({
        client_id: client, response_type: 'code', scope: 'openid email', redirect_uri: back, nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    });
    const forms = [{ prompt: 'login', login: email, password: 'any' }, { prompt: 'consent' }];
    let next = `${url}/auth?${wish}`;
    for (let steps = 0; !next.startsWith(back); steps++) {
        assert.ok(steps < 10, next);
        let answer = await go(next);
        if (answer.status === 200) answer = await go(next, forms.shift());
        next = new URL(answer.headers.get('location'), url).href;
    }
    const answer = await fetch(`${url}/token`, { method: 'POST', body: new URLSearchParams({
        client_id: client, grant_type: 'authorization_code', code: new URL(next).searchParams.get('code'),
        redirect_uri: back, code_verifier: verifier,
    }) });
    return (await answer.json()).id_token;
}

const login = (body) => send('POST', `${amp.base}/auth/login`, body, { 'X-Forwarded-For': someAddress() });

test('the token of the reference provider signs in, once, with its nonce', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id, 'approver');
    const oidc_token = await tokenFor(user.email, 'n-1');
    failsWith(await login({ oidc_token, nonce: 'n-2' }), 401, 'invalid_token');
    const session = succeeds(await login({ oidc_token, nonce: 'n-1' }));
    assert.deepEqual([session.user.id, session.user.role, session.tenant], [user.id, 'approver', tenant]);
    failsWith(await login({ oidc_token, nonce: 'n-1' }), 401, 'invalid_token');
});

test('an address that the reference provider has not verified signs nobody in', async () => {
    failsWith(await login({ oidc_token: await tokenFor('unverified@example.com', 'n-3') }), 401, 'invalid_credentials');
});
