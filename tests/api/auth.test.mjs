// Signing in and out with a password: sessions, roles, tenants, and what stops who guesses.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import {
    amp, api as client, baseUrl, failsWith, newTenant, newUser, requestLog, run, send, signIn, someAddress, sql, succeeds,
    waitFor,
} from '../harness/client.mjs';
import { makeMission, writtenMission } from '../harness/missions.mjs';

const bare = (id) => id.slice(4);
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const login = (body, address = someAddress()) =>
    client().post('/auth/login', body, { 'X-Forwarded-For': address });
const refresh = (refresh_token) => client().post('/auth/refresh', { refresh_token });
const days = (from, to) => (Date.parse(to) - from) / 86400000;

test('signing in gives a token that works and says who works where', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id, 'operator');
    const before = Date.now();
    const answer = await login({ email: user.email.toUpperCase(), password: user.password });
    const { token, refresh_token, expires_at, refresh_expires_at, ...rest } = succeeds(answer);
    assert.deepEqual(rest, {
        token_type: 'Bearer',
        user: { id: user.id, email: user.email, name: user.email, role: 'operator' },
        tenant,
    });
    assert.match(refresh_token, /^amp_refresh_[0-9A-Za-z]{65}$/);
    assert.ok(Math.abs(Date.parse(expires_at) - before - 900000) < 5000);
    assert.ok(Math.abs(days(before, refresh_expires_at) - 7) < 0.001);
    const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
    assert.deepEqual({ ...header, kid: 'kid' }, { alg: 'HS256', typ: 'at+jwt', kid: 'kid' });
    const { iat, nbf, exp, jti, sid, ...claims } = claimsOf(token);
    assert.deepEqual(claims, {
        iss: new URL(baseUrl).origin, aud: 'amp-api', sub: user.id, tid: tenant.id, mode: 'live',
    });
    assert.deepEqual([nbf, exp], [iat, iat + 900]);
    assert.match(sid, /^ses_[0-9A-Za-z]{16}$/);
    assert.ok(jti);
    const me = succeeds(await client(token).get('/auth/whoami'));
    assert.deepEqual(me, {
        user: rest.user,
        tenant,
        auth_method: 'jwt',
        scopes: ['missions:read', 'missions:write', 'content:read', 'content:write', 'analytics:read',
            'integrations:read'],
        livemode: true,
        tenants: [{ id: tenant.id, name: tenant.name, role: 'operator' }],
    });
});

test('the mode of a session is the one it was asked for', async () => {
    const { tenant, test: keyed } = newTenant();
    const user = newUser(tenant.id);
    const mission = await makeMission(keyed, { status: 'draft' });
    const inTest = await signIn(user, { mode: 'test' });
    const live = await signIn(user, { mode: 'live', tenant_id: tenant.id });
    succeeds(await inTest.api.get(`/missions/${mission.id}`));
    failsWith(await live.api.get(`/missions/${mission.id}`), 404, 'not_found');
    assert.equal(succeeds(await inTest.api.get('/auth/whoami')).livemode, false);
});

test('unknown address, wrong password and a user without one are told apart by nobody', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const without = newUser(tenant.id);
    sql(`UPDATE user SET password_hash = NULL WHERE id = '${bare(without.id)}'`);
    const id = { 'X-Request-ID': 'same', 'X-Forwarded-For': someAddress() };
    const answers = [];
    for (const body of [
        { email: user.email, password: `${user.password}x` },
        { email: user.email, password: user.password.toUpperCase() },
        { email: `${randomUUID()}@example.com`, password: user.password },
        { email: without.email, password: without.password },
        { email: 'nonsense', password: 'x' },
    ])
        answers.push(await client().post('/auth/login', body, id));
    for (const answer of answers) {
        failsWith(answer, 401, 'invalid_credentials', null);
        assert.equal(answer.text, answers[0].text);
    }
});

test('a body that asks for something else is refused by name', async () => {
    const fine = { email: 'ann@example.com', password: 'correct horse' };
    for (const [wishes, param] of [
        [{ email: undefined }, 'email'],
        [{ password: undefined }, 'password'],
        [{ password: '' }, 'password'],
        [{ email: 7 }, 'email'],
        [{ tenant_id: 'tnt_x' }, 'tenant_id'],
        [{ mode: 'dev' }, 'mode'],
        [{ role: 'admin' }, 'role'],
    ])
        failsWith(await login({ ...fine, ...wishes }), 400, 'invalid_request', param);
    failsWith(await refresh(undefined), 400, 'invalid_request', 'refresh_token');
    failsWith(await client().post('/auth/logout', {}), 401, 'unauthorized');
});

test('each role may do what it is for, and no more', async () => {
    const { tenant, test: keyed } = newTenant();
    const { content } = await writtenMission(keyed, { constraints: { require_approval: true } });
    const waiting = content.filter((x) => x.status === 'pending_review').map((x) => x.id);
    assert.ok(waiting.length >= 4, `${waiting.length} wait for review`);
    const draft = { name: 'M', objectives: ['O'], platforms: ['twitter'], status: 'draft' };
    const may = { viewer: [], approver: ['review'], operator: ['review', 'write'], admin: ['review', 'write', 'keys'] };
    for (const [role, rights] of Object.entries(may)) {
        const { api } = await signIn(newUser(tenant.id, role), { mode: 'test' });
        for (const path of ['/missions', '/content', '/analytics', '/connect/status'])
            succeeds(await api.get(path));
        const permitted = (right, answer, status) => {
            if (rights.includes(right)) succeeds(answer, status);
            else failsWith(answer, 403, 'forbidden', null);
        };
        const reviewed = waiting.shift();
        permitted('review', await api.post(`/content/${reviewed}/approve`, { notes: 'Good' }));
        permitted('review', await api.post(`/content/${waiting[0]}/reject`, { reason: 'No' }));
        if (rights.includes('review')) waiting.shift();
        permitted('write', await api.post('/missions', draft), 201);
        permitted('keys', await api.get('/auth/keys'));
    }
});

test('a role that changes, and a membership that ends, count from the next request on', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id, 'admin');
    const { api } = await signIn(user);
    succeeds(await api.get('/auth/keys'));
    const where = `WHERE tenant_id = '${bare(tenant.id)}' AND user_id = '${bare(user.id)}'`;
    sql(`UPDATE membership SET role = 1 ${where}`);
    amp(['user', 'operator', newUser(tenant.id).email]); // whoever changes something tells the others
    failsWith(await api.get('/auth/keys'), 403, 'forbidden', null);
    succeeds(await api.get('/missions'));
    sql(`DELETE FROM membership ${where}`);
    amp(['user', 'operator', newUser(tenant.id).email]);
    failsWith(await api.get('/missions'), 403, 'forbidden', 'X-Tenant-ID');
});

test('X-Tenant-ID names any tenant of the user, with the role held there', async () => {
    const [home, other, foreign] = [newTenant(), newTenant(), newTenant()];
    const user = newUser(home.tenant.id, 'admin');
    sql(`INSERT INTO membership VALUES ('${bare(other.tenant.id)}', '${bare(user.id)}', 1, 0)`);
    const { api } = await signIn(user, { mode: 'test' });
    const mission = await makeMission(other.test, { status: 'draft' });
    const there = { 'X-Tenant-ID': other.tenant.id };
    succeeds(await api.get(`/missions/${mission.id}`, there));
    failsWith(await api.get(`/missions/${mission.id}`), 404, 'not_found');
    failsWith(await api.del(`/missions/${mission.id}`, there), 403, 'forbidden', null);
    const me = succeeds(await api.get('/auth/whoami', there));
    assert.deepEqual([me.tenant.id, me.user.role], [other.tenant.id, 'viewer']);
    assert.deepEqual(me.tenants.map((t) => t.role).sort(), ['admin', 'viewer']);

    const id = { 'X-Request-ID': 'same' };
    const refused = [];
    sql(`UPDATE tenant SET suspended = TRUE WHERE id = '${bare(other.tenant.id)}'`);
    amp(['user', 'operator', newUser(home.tenant.id).email]);
    for (const tenant of [foreign.tenant.id, 'tnt_0000000000000001', other.tenant.id])
        refused.push(await api.get('/missions', { 'X-Tenant-ID': tenant, ...id }));
    for (const answer of refused) {
        failsWith(answer, 403, 'forbidden', 'X-Tenant-ID');
        assert.equal(answer.text, refused[0].text);
    }
    for (const wrong of ['x', `${home.tenant.id}x`, `${home.tenant.id}, ${home.tenant.id}`])
        failsWith(await api.get('/missions', { 'X-Tenant-ID': wrong }), 400, 'invalid_request', 'X-Tenant-ID');
});

test('signing in to a tenant that is foreign, unknown or suspended is refused alike', async () => {
    const [home, foreign, closed] = [newTenant(), newTenant(), newTenant()];
    const user = newUser(home.tenant.id);
    sql(`INSERT INTO membership VALUES ('${bare(closed.tenant.id)}', '${bare(user.id)}', 4, 0);
        UPDATE tenant SET suspended = TRUE WHERE id = '${bare(closed.tenant.id)}'`);
    const { email, password } = user;
    for (const tenant_id of [foreign.tenant.id, 'tnt_0000000000000001', closed.tenant.id])
        failsWith(await login({ email, password, tenant_id }), 403, 'forbidden', 'tenant_id');
    assert.equal((await signIn(user)).tenant.id, home.tenant.id);
});

test('an operator of the installation is admin of every tenant, and the command line makes one', async () => {
    const [home, other] = [newTenant(), newTenant()];
    const user = newUser(home.tenant.id, 'viewer');
    const { api } = await signIn(user, { mode: 'test' });
    const there = { 'X-Tenant-ID': other.tenant.id };
    failsWith(await api.get('/missions', there), 403, 'forbidden', 'X-Tenant-ID');
    assert.deepEqual(amp(['user', 'operator', user.email.toUpperCase()]), { operator: true });
    const mission = await makeMission(other.test, { status: 'draft' });
    succeeds(await api.get(`/missions/${mission.id}`, there));
    succeeds(await api.get('/auth/keys', there));
    assert.equal(succeeds(await api.get('/auth/whoami', there)).user.role, 'admin');
    assert.equal((await signIn(user, { tenant_id: other.tenant.id })).user.role, 'admin');
    failsWith(await api.get('/missions', { 'X-Tenant-ID': 'tnt_0000000000000001' }), 403, 'forbidden',
        'X-Tenant-ID');
    assert.deepEqual(amp(['user', 'operator', user.email, '--remove']), { operator: false });
    failsWith(await api.get('/missions', there), 403, 'forbidden', 'X-Tenant-ID');
    assert.equal(run(['user', 'operator', `${randomUUID()}@example.com`]).status, 1);
});

test('logging out acts at once, in every process, on this session only', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const one = await signIn(user);
    const two = await signIn(user);
    const parallel = () => Promise.all(Array.from({ length: 24 }, () => one.api.get('/missions')));
    for (const answer of await parallel()) succeeds(answer);
    assert.deepEqual(succeeds(await one.api.post('/auth/logout')), { success: true });
    for (const answer of await parallel()) failsWith(answer, 401, 'invalid_token', null);
    failsWith(await refresh(one.refresh_token), 401, 'invalid_token');
    failsWith(await one.api.post('/auth/logout'), 401, 'invalid_token');
    succeeds(await two.api.get('/missions'));
    failsWith(await newTenant().live.post('/auth/logout'), 403, 'forbidden', null);
});

test('who has lost their place in a tenant can still log out, of that tenant only', async () => {
    const [home, other] = [newTenant(), newTenant()];
    const user = newUser(home.tenant.id, 'viewer');
    const [suspended, removed] = [await signIn(user), await signIn(user)];
    sql(`UPDATE tenant SET suspended = TRUE WHERE id = '${bare(home.tenant.id)}'`);
    amp(['user', 'operator', newUser(other.tenant.id).email]);
    failsWith(await suspended.api.get('/missions'), 403, 'forbidden', 'X-Tenant-ID');
    for (const { id } of [home.tenant, other.tenant])
        failsWith(await suspended.api.post('/auth/logout', {}, { 'X-Tenant-ID': id }), 403, 'forbidden', 'X-Tenant-ID');
    succeeds(await suspended.api.post('/auth/logout'));
    failsWith(await suspended.api.post('/auth/logout'), 401, 'invalid_token');
    sql(`UPDATE tenant SET suspended = FALSE WHERE id = '${bare(home.tenant.id)}';
        DELETE FROM membership WHERE user_id = '${bare(user.id)}'`);
    amp(['user', 'operator', newUser(other.tenant.id).email]);
    failsWith(await removed.api.get('/missions'), 403, 'forbidden', 'X-Tenant-ID');
    succeeds(await removed.api.post('/auth/logout'));
    failsWith(await removed.api.get('/missions'), 401, 'invalid_token');
});

test('a changed password ends all other sessions, at once, and is the one that counts', async () => {
    const { tenant, live: admin } = newTenant();
    const user = newUser(tenant.id, 'viewer');
    const [mine, theirs, inTest] = [await signIn(user), await signIn(user), await signIn(user, { mode: 'test' })];
    const from = { 'X-Forwarded-For': someAddress() };
    const body = { current_password: user.password, new_password: 'battery staple' };
    assert.equal((await mine.api.put('/auth/password', body, from)).status, 204);
    for (const other of [theirs, inTest]) {
        failsWith(await other.api.get('/missions'), 401, 'invalid_token');
        failsWith(await refresh(other.refresh_token), 401, 'invalid_token');
    }
    succeeds(await mine.api.get('/missions'));
    succeeds(await refresh(mine.refresh_token));
    failsWith(await login({ email: user.email, password: user.password }), 401, 'invalid_credentials');
    await signIn({ ...user, password: 'battery staple' });
    const { data } = succeeds(await admin.get('/audit?action=changePassword'));
    assert.deepEqual(data.map((e) => [e.actor, e.object, e.status]), [[user.id, user.id, 204]]);
    failsWith(await admin.put('/auth/password', body), 403, 'forbidden', null);
});

test('the password that is to be changed can neither be guessed nor be made a short one', async () => {
    const { tenant, live: admin } = newTenant();
    const user = newUser(tenant.id);
    const { api } = await signIn(user);
    const change = (current_password, new_password = 'battery staple') =>
        api.put('/auth/password', { current_password, new_password }, { 'X-Forwarded-For': someAddress() });
    for (const short of ['', 'a'.repeat(9), 'a'.repeat(1025)])
        failsWith(await change(user.password, short), 400, 'invalid_request', 'new_password');
    for (let i = 0; i < 10; i++) failsWith(await change('wrong'), 403, 'forbidden', 'current_password');
    const answer = await change(user.password);
    failsWith(answer, 429, 'rate_limit_exceeded', null);
    assert.match(answer.headers.get('retry-after'), /^[1-9]/);
    failsWith(await login({ email: user.email, password: user.password }), 429, 'rate_limit_exceeded');
    const { data } = succeeds(await admin.get('/audit?action=changePassword&limit=100'));
    assert.deepEqual(data.map((e) => e.status), [429, ...Array(10).fill(403)]);
});

test('of two who change a password at once, one does', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const sessions = [await signIn(user), await signIn(user)];
    const answers = await Promise.all(sessions.map(({ api }, i) => api.put('/auth/password',
        { current_password: user.password, new_password: `battery staple ${i}` }, { 'X-Forwarded-For': someAddress() })));
    const winner = answers.findIndex((a) => a.status === 204);
    assert.ok(winner >= 0 && [401, 403].includes(answers[1 - winner].status), answers.map((a) => a.text).join());
    await signIn({ ...user, password: `battery staple ${winner}` });
    failsWith(await sessions[1 - winner].api.get('/missions'), 401, 'invalid_token');
});

test('a refresh token is good once, and gives the next pair', async () => {
    const { tenant } = newTenant();
    const first = await signIn(newUser(tenant.id, 'viewer'), { mode: 'test' });
    const second = succeeds(await refresh(first.refresh_token));
    assert.deepEqual(Object.keys(second).sort(), Object.keys(first).filter((k) => k !== 'api').sort());
    assert.deepEqual([second.user, second.tenant], [first.user, first.tenant]);
    assert.notEqual(second.token, first.token);
    assert.equal(claimsOf(second.token).sid, claimsOf(first.token).sid);
    assert.equal(claimsOf(second.token).mode, 'test');
    succeeds(await client(second.token).get('/missions'));
    succeeds(await first.api.get('/missions'));
    succeeds(await refresh(second.refresh_token));
});

test('a refresh token that comes twice ends the session of whoever has the other one', async () => {
    const { tenant } = newTenant();
    const stolen = await signIn(newUser(tenant.id));
    const next = succeeds(await refresh(stolen.refresh_token));
    succeeds(await client(next.token).get('/missions'));
    failsWith(await refresh(stolen.refresh_token), 401, 'invalid_token', null);
    failsWith(await client(next.token).get('/missions'), 401, 'invalid_token', null);
    failsWith(await refresh(next.refresh_token), 401, 'invalid_token', null);
});

test('of many who use one refresh token at once, at most one gets anything', async () => {
    const { tenant } = newTenant();
    const session = await signIn(newUser(tenant.id));
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(session.refresh_token)));
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    for (const answer of answers.filter((a) => a.status !== 200)) failsWith(answer, 401, 'invalid_token');
    failsWith(await session.api.get('/missions'), 401, 'invalid_token');
});

test('what is no refresh token ends nothing', async () => {
    const { tenant } = newTenant();
    const session = await signIn(newUser(tenant.id));
    const good = session.refresh_token;
    for (const bad of [`${good}x`, good.slice(0, -1), good.toUpperCase(), session.token.slice(0, 200), `amp_refresh_${'0'.repeat(65)}`,
        good.replace('amp_refresh_', 'amp_refresh-'), "' OR 1=1 --"])
        failsWith(await refresh(bad), 401, 'invalid_token', null);
    succeeds(await session.api.get('/missions'));
    succeeds(await refresh(good));
});

test('a made-up refresh token fills no audit log, and one that comes twice stands in it', async () => {
    const { tenant } = newTenant();
    const session = await signIn(newUser(tenant.id));
    succeeds(await refresh(session.refresh_token));
    for (const token of [`amp_refresh_${'0'.repeat(65)}`, session.refresh_token]) {
        const id = randomUUID();
        failsWith(await client().post('/auth/refresh', { refresh_token: token }, { 'X-Request-ID': id }), 401, 'invalid_token');
        const found = sql(`SELECT tenant_id, actor, status FROM audit WHERE request_id = '${id}'`);
        assert.deepEqual(found, token === session.refresh_token
            ? [{ tenant_id: bare(tenant.id), actor: session.user.id, status: '401' }] : []);
    }
});

test('a session ends after seven idle days, and after thirty in all', async () => {
    const { tenant } = newTenant();
    const idle = await signIn(newUser(tenant.id));
    const row = (s) => `WHERE id = '${bare(claimsOf(s.token).sid)}'`;
    sql(`UPDATE session SET expires_ms = ${Date.now() - 1} ${row(idle)}`);
    failsWith(await refresh(idle.refresh_token), 401, 'invalid_token');
    failsWith(await idle.api.get('/missions'), 401, 'invalid_token');
    const old = await signIn(newUser(tenant.id));
    const now = Date.now();
    sql(`UPDATE session SET created_ms = ${now - 29 * 86400000} ${row(old)}`);
    const next = succeeds(await refresh(old.refresh_token));
    assert.ok(Math.abs(days(now, next.refresh_expires_at) - 1) < 0.001, 'the end is not put off');
    sql(`UPDATE session SET created_ms = ${now - 30 * 86400000 + 60000} ${row(old)}`);
    const last = succeeds(await refresh(next.refresh_token));
    assert.ok(Date.parse(last.expires_at) - now <= 60000, 'no token outlives its session');
});

test('who has left the tenant of a session does not refresh it', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const session = await signIn(user);
    sql(`DELETE FROM membership WHERE user_id = '${bare(user.id)}'`);
    failsWith(await refresh(session.refresh_token), 401, 'invalid_token');
    failsWith(await login(user), 400, 'invalid_request');
    failsWith(await login({ email: user.email, password: user.password }), 403, 'forbidden', 'tenant_id');
});

test('nothing secret is stored as it is', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const session = await signIn(user);
    const rows = JSON.stringify(sql(`SELECT id, HEX(family_hash), HEX(refresh_hash) FROM session
        WHERE user_id = '${bare(user.id)}'`));
    assert.ok(!rows.includes(session.refresh_token.slice(12, 34)) && !rows.includes(session.refresh_token.slice(34)));
    const [stored] = sql(`SELECT password_hash AS h FROM user WHERE id = '${bare(user.id)}'`);
    assert.match(stored.h, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('a token that was seen costs no query for who it is, and a new one at most two', async () => {
    const { tenant } = newTenant();
    const { api } = await signIn(newUser(tenant.id));
    const costs = async () => { // refused as soon as it is known who asks: a live token
        const answer = await api.get('/test/clock', { 'X-Request-ID': randomUUID() });
        failsWith(answer, 403, 'forbidden', null);
        const { queries } = await requestLog(answer.headers.get('x-request-id'));
        assert.ok(queries <= 2, `${queries} queries`);
        return queries;
    };
    assert.ok(await costs() > 0, 'nobody knew it yet');
    // By then each process has seen it, unless others had it forgotten meanwhile.
    await waitFor(async () => await costs() === 0, { every: 0, what: 'a request that asks nobody' });
});

test('keys that a signed-in admin makes are theirs, and only within their rights', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const { api } = await signIn(user);
    const key = succeeds(await api.post('/auth/keys', { name: 'CI', scopes: ['admin'], mode: 'test' }), 201);
    assert.equal(key.created_by, user.id);
    const inTest = await signIn(user, { mode: 'test' });
    failsWith(await inTest.api.post('/auth/keys', { name: 'CI', scopes: ['admin'], mode: 'live' }), 403, 'forbidden', 'mode');
});

test('amp jwt rotate signs anew, and logs nobody out', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const kid = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).kid;
    const before = await signIn(user);
    const rotated = amp(['jwt', 'rotate']);
    const after = await signIn(user);
    assert.equal(kid(after.token), rotated.kid);
    assert.notEqual(kid(before.token), rotated.kid);
    amp(['jwt', 'rotate']);
    for (const { api } of [before, after]) succeeds(await api.get('/missions'));
    const [secret] = sql(`SELECT HEX(sealed) AS s, LENGTH(sealed) AS n FROM signing_key WHERE id = '${rotated.kid}'`);
    assert.equal(secret.n, String(1 + 24 + 32 + 16), 'number of the key, nonce, secret and tag');
    const old = Date.now() - 961000;
    sql(`UPDATE signing_key SET retired_ms = ${old} WHERE id = '${kid(before.token)}'`);
    amp(['user', 'operator', user.email]);
    failsWith(await before.api.get('/missions'), 401, 'invalid_token');
    succeeds(await client(succeeds(await refresh(before.refresh_token)).token).get('/missions'));
});

// --- Guessing ---

test('ten failures close an account for a quarter of an hour, to the right password as well', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const wrong = { email: user.email, password: 'wrong' };
    const answers = await Promise.all(Array.from({ length: 14 }, () => login(wrong)));
    assert.equal(answers.filter((a) => a.status === 401).length, 10);
    const refused = answers.filter((a) => a.status === 429);
    assert.equal(refused.length, 4);
    refused.push(await login({ email: user.email, password: user.password }));
    for (const answer of refused) {
        failsWith(answer, 429, 'rate_limit_exceeded', null);
        const seconds = Number(answer.headers.get('retry-after'));
        assert.ok(seconds > 800 && seconds <= 901, `Retry-After: ${seconds}`);
    }
    sql(`UPDATE login_failure SET opened_ms = opened_ms - 900000 WHERE account = UNHEX(SHA2('${user.email}', 256))`);
    succeeds(await login({ email: user.email, password: user.password }));
    assert.deepEqual(sql(`SELECT n FROM login_failure WHERE account = UNHEX(SHA2('${user.email}', 256))`), []);
});

test('an account stays closed to its address with spaces after it', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    for (let i = 0; i < 10; i++)
        failsWith(await login({ email: user.email + ' '.repeat(i), password: 'wrong' }), 401, 'invalid_credentials');
    failsWith(await login({ email: `${user.email} `, password: user.password }), 429, 'rate_limit_exceeded');
});

test('an account that is not there closes as one that is', async () => {
    const email = `${randomUUID()}@example.com`;
    for (let i = 0; i < 10; i++) failsWith(await login({ email, password: 'wrong' }), 401, 'invalid_credentials');
    failsWith(await login({ email, password: 'wrong' }), 429, 'rate_limit_exceeded');
});

test('a session goes on while its account is closed to guessers', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const session = await signIn(user);
    for (let i = 0; i < 11; i++) await login({ email: user.email, password: 'wrong' });
    succeeds(await session.api.get('/missions'));
    succeeds(await refresh(session.refresh_token));
});

test('an address signs in twenty times a minute; an IPv6 address counts by its network', async () => {
    for (const addresses of [['192.0.2.77'], ['2001:db8:77:77::1', '2001:db8:77:77:1:2:3:4']]) {
        const net = addresses[0];
        const from = (i) => `${net === '192.0.2.77' ? `192.0.2.${100 + (process.pid % 100)}` : addresses[i % 2]
            .replace('77:77', `${(process.pid % 60000).toString(16)}:${addresses[0].length}`)}`;
        const attempt = (i) => login({ email: `${randomUUID()}@example.com`, password: 'wrong' }, from(i));
        for (let i = 0; i < 20; i++) failsWith(await attempt(i), 401, 'invalid_credentials');
        const answer = await attempt(1);
        failsWith(answer, 429, 'rate_limit_exceeded', null);
        assert.match(answer.headers.get('retry-after'), /^[1-9][0-9]?$/);
    }
});

test('what a client writes into X-Forwarded-For itself does not count', async () => {
    const proxy = someAddress();
    const attempt = (forged) => login({ email: `${randomUUID()}@example.com`, password: 'x' }, `${forged}, ${proxy}`);
    for (let i = 0; i < 20; i++) failsWith(await attempt(someAddress()), 401, 'invalid_credentials');
    failsWith(await attempt(someAddress()), 429, 'rate_limit_exceeded');
});

test('many sign-ins at once are all answered: with a session, or with when to come again', async () => {
    const { tenant } = newTenant();
    const user = newUser(tenant.id);
    const { email, password } = user;
    const answers = await Promise.all(Array.from({ length: 12 }, () => login({ email, password })));
    for (const answer of answers) {
        if (answer.status === 200) continue;
        failsWith(answer, 503, 'service_unavailable');
        assert.match(answer.headers.get('retry-after'), /^[1-9]/);
    }
    assert.ok(answers.some((a) => a.status === 200));
});

test('a user has so many sessions, and the oldest ends for one more', async () => {
    const user = newUser(newTenant().tenant.id);
    const oldest = await signIn(user);
    const second = await signIn(user);
    sql(`INSERT INTO session (id, user_id, home_id, livemode, family_hash, refresh_hash, expires_ms, created_ms)
        SELECT CONCAT('z', LEFT(MD5(CONCAT('${user.id}', seq)), 15)), user_id, home_id, livemode,
        UNHEX(SHA2(CONCAT('${user.id}', seq), 256)), refresh_hash, expires_ms, created_ms
        FROM session JOIN seq_1_to_47 WHERE id = '${bare(claimsOf(oldest.token).sid)}'`);
    const third = await signIn(user);
    for (const { api } of [oldest, second, third]) succeeds(await api.get('/missions'));
    await signIn(user);
    failsWith(await oldest.api.get('/missions'), 401, 'invalid_token');
    failsWith(await refresh(oldest.refresh_token), 401, 'invalid_token');
    for (const { api } of [second, third]) succeeds(await api.get('/missions'));
    assert.equal(sql(`SELECT COUNT(*) AS n FROM session WHERE user_id = '${bare(user.id)}'`)[0].n, '50');
});

test('who is told to wait stands in the audit log once a minute, however often they try', async () => {
    const { tenant, live } = newTenant();
    const user = newUser(tenant.id);
    const waits = async () => succeeds(await live.get('/audit?action=login&limit=100')).data.filter((e) => e.status === 429);
    for (let i = 0; i < 10; i++) await login({ email: user.email, password: 'wrong' });
    for (let i = 0; i < 5; i++) failsWith(await login({ email: user.email, password: 'wrong' }), 429, 'rate_limit_exceeded');
    assert.deepEqual((await waits()).map((e) => [e.actor, e.status]), [[user.id, 429]]);
    const other = newUser(tenant.id);
    const address = someAddress();
    for (let i = 0; i < 20; i++) await login({ email: `${randomUUID()}@example.com`, password: 'wrong' }, address);
    for (let i = 0; i < 5; i++) failsWith(await login({ email: other.email, password: other.password }, address), 429, 'rate_limit_exceeded');
    assert.deepEqual((await waits()).map((e) => [e.actor, e.address]), [[other.id, address], [user.id, (await waits())[1].address]]);
});

test('signing in is no request of a tenant, and ignores credentials and idempotency keys', async () => {
    const { tenant } = newTenant();
    const { email, password } = newUser(tenant.id);
    const headers = { 'X-Forwarded-For': someAddress(), Authorization: 'Bearer nonsense', 'Idempotency-Key': 'once' };
    const one = await send('POST', `${baseUrl}/auth/login`, { email, password }, headers);
    const two = await send('POST', `${baseUrl}/auth/login`, { email, password }, headers);
    assert.notEqual(succeeds(one).token, succeeds(two).token);
    assert.equal(one.headers.get('x-ratelimit-limit'), null);
});
