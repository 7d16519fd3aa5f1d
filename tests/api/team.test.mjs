// Who belongs to a tenant, who is invited, and keys that take the place of others.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { amp, api as client, failsWith, newKey, newTenant, newUser, origin, run, signIn, someAddress, sql, succeeds } from '../harness/client.mjs';
import { refusesBadPages, walk } from '../harness/missions.mjs';

const password = 'correct horse battery';
const anyone = () => `${randomUUID()}@example.com`;
const invite = async (live, role = 'viewer', email = anyone()) =>
    succeeds(await live.post('/tenant/invitations', { email, role }), 201);
const accept = (token, rest = {}, address = someAddress()) =>
    client().post('/invitations/accept', { token, password, ...rest }, { 'X-Forwarded-For': address });

test('a tenant knows its name, plan and limit, and can be renamed by a live admin', async () => {
    const { live, test: trial, tenant } = newTenant({ rateLimit: 500000, name: 'Acme' });
    const before = succeeds(await trial.get('/tenant'));
    const { created_at: at, updated_at: changed, ...rest } = before;
    assert.deepEqual(rest, { id: tenant.id, name: 'Acme', slug: tenant.slug, plan: 'enterprise', rate_limit: 500000 });
    assert.equal(at, changed);
    const renamed = succeeds(await live.put('/tenant', { ...before, name: 'Acme & Söhne' }));
    assert.equal(renamed.name, 'Acme & Söhne');
    assert.deepEqual(succeeds(await live.get('/tenant')), renamed);
    assert.equal(succeeds(await live.get('/auth/whoami')).tenant.name, 'Acme & Söhne');
    for (const [body, param] of [
        [{ name: ' ' }, 'name'], [{ name: null }, 'name'], [{ plan: 'pro' }, 'plan'], [{ slug: 'x' }, 'slug'],
        [{ rate_limit: 1 }, 'rate_limit'], [{ suspended: false }, 'suspended'],
    ])
        failsWith(await live.put('/tenant', body), 400, 'invalid_request', param);
    failsWith(await trial.put('/tenant', { name: 'X' }), 403, 'forbidden', null);
});

test('a test key cannot change what live mode shares with it', async () => {
    const { live, test: trial, tenant } = newTenant();
    const user = newUser(tenant.id, 'viewer');
    const { id } = await invite(live);
    for (const [method, path, body] of [
        ['PUT', '/tenant', { name: 'X' }],
        ['PUT', `/tenant/members/${user.id}`, { role: 'admin' }],
        ['DELETE', `/tenant/members/${user.id}`],
        ['POST', '/tenant/invitations', { email: anyone(), role: 'admin' }],
        ['DELETE', `/tenant/invitations/${id}`],
    ])
        failsWith(await trial.call(method, path, body), 403, 'forbidden', null);
    assert.equal(succeeds(await trial.get('/tenant/members')).data[0].role, 'viewer');
    assert.equal(succeeds(await trial.get('/tenant/invitations')).total, 1);
});

test('links that somebody sent out end when they are no admin any more', async () => {
    const { live, tenant } = newTenant();
    for (const end of [(id) => live.put(`/tenant/members/${id}`, { role: 'viewer' }), (id) => live.del(`/tenant/members/${id}`)]) {
        newUser(tenant.id, 'admin');
        const user = newUser(tenant.id, 'admin');
        const { token } = await invite((await signIn(user)).api, 'admin');
        assert.ok((await end(user.id)).status < 300);
        failsWith(await accept(token), 422, 'validation_failed', 'token');
    }
});

test('so do links that they sent out with a key, kept or revoked', async () => {
    const { live, tenant } = newTenant();
    newUser(tenant.id, 'admin');
    for (const revoked of [false, true]) {
        const user = newUser(tenant.id, 'admin');
        const { id, key } = succeeds(await (await signIn(user)).api.post('/auth/keys', { name: 'Mine', scopes: ['admin'] }), 201);
        const { token } = await invite(client(key), 'admin');
        if (revoked) succeeds(await live.del(`/auth/keys/${id}`), 204);
        succeeds(await live.del(`/tenant/members/${user.id}?keep_keys=true`), 204);
        failsWith(await accept(token), 422, 'validation_failed', 'token');
    }
});

test('who has lost a role or a key hands out no access, whatever a process remembers', async () => {
    const { live, tenant } = newTenant();
    const [bob, eve] = [newUser(tenant.id, 'viewer'), newUser(tenant.id, 'admin')];
    const { api: theirs } = await signIn(eve);
    const own = newKey(tenant.id, 'live');
    const lost = [
        [theirs, `UPDATE membership SET role = 1 WHERE user_id = '${eve.id.slice(4)}'`, 403, 'forbidden'],
        [client(own.key), `DELETE FROM api_key WHERE id = '${own.id.slice(4)}'`, 401, 'unauthorized'],
    ];
    const { id } = succeeds(await live.post('/auth/keys', { name: 'Old', scopes: ['admin'] }), 201);
    const before = succeeds(await live.get('/auth/keys')).total;
    for (const [api, loss, status, code] of lost) {
        for (const answer of await Promise.all(Array.from({ length: 24 }, () => api.get('/tenant/members')))) succeeds(answer);
        sql(loss); // as of a request that was let in a moment before
        const tries = Array.from({ length: 6 }, () => [
            api.post('/auth/keys', { name: 'Back door', scopes: ['admin'] }),
            api.post(`/auth/keys/${id}/rotate`),
            api.post('/tenant/invitations', { email: anyone(), role: 'admin' }),
            api.put(`/tenant/members/${bob.id}`, { role: 'admin' }),
        ]).flat();
        for (const answer of await Promise.all(tries)) failsWith(answer, status, code);
    }
    assert.equal(succeeds(await live.get('/auth/keys')).total, before - 1, 'without the one that was lost');
    assert.equal(succeeds(await live.get('/tenant/invitations')).total, 0);
});

test('members are listed, get another role, and are removed', async () => {
    const { live, tenant } = newTenant();
    const ada = newUser(tenant.id, 'admin');
    const bob = newUser(tenant.id, 'viewer');
    const [listed] = succeeds(await live.get('/tenant/members')).data;
    assert.deepEqual({ ...listed, created_at: '' }, { id: bob.id, email: bob.email, name: bob.email, role: 'viewer', created_at: '' });
    for (const role of ['approver', 'operator', 'admin', 'viewer'])
        assert.equal(succeeds(await live.put(`/tenant/members/${bob.id}`, { ...listed, role: 'viewer', ...{ role } })).role, role);
    failsWith(await live.put(`/tenant/members/${bob.id}`, { role: 'owner' }), 400, 'invalid_request', 'role');
    failsWith(await live.put(`/tenant/members/${bob.id}`, { role: null }), 400, 'invalid_request', 'role');
    failsWith(await live.put(`/tenant/members/${bob.id}`, { email: ada.email }), 400, 'invalid_request', 'email');
    succeeds(await live.del(`/tenant/members/${bob.id}`), 204);
    failsWith(await live.del(`/tenant/members/${bob.id}`), 404, 'not_found');
    failsWith(await live.put(`/tenant/members/${bob.id}`, { role: 'admin' }), 404, 'not_found');
    assert.deepEqual(succeeds(await live.get('/tenant/members')).data.map((m) => m.id), [ada.id]);
    for (let i = 0; i < 4; i++) newUser(tenant.id, 'viewer');
    assert.equal((await walk(live, '/tenant/members', 2)).length, 5);
    await refusesBadPages(live, '/tenant/members', ada.id);
});

test('the last admin can neither be removed nor demoted, however many try at once', async () => {
    const { live, tenant } = newTenant();
    const admins = Array.from({ length: 4 }, () => newUser(tenant.id, 'admin'));
    newUser(tenant.id, 'operator');
    const answers = await Promise.all(admins.map(({ id }, i) =>
        i % 2 ? live.del(`/tenant/members/${id}`) : live.put(`/tenant/members/${id}`, { role: 'viewer' })));
    assert.deepEqual(answers.map((a) => a.status < 300).filter(Boolean).length, 3, 'all but one');
    failsWith(answers.find((a) => a.status >= 300), 409, 'invalid_state');
    const left = succeeds(await live.get('/tenant/members')).data.filter((m) => m.role === 'admin');
    assert.equal(left.length, 1);
    failsWith(await live.del(`/tenant/members/${left[0].id}`), 409, 'invalid_state');
    failsWith(await live.put(`/tenant/members/${left[0].id}`, { role: 'operator' }), 409, 'invalid_state');
    succeeds(await live.put(`/tenant/members/${left[0].id}`, { role: 'admin' }));
    const second = newUser(tenant.id, 'admin');
    succeeds(await live.del(`/tenant/members/${left[0].id}`), 204);
    assert.equal(succeeds(await live.get(`/tenant/members`)).data[0].id, second.id);
});

test('an invitation makes somebody a member, once', async () => {
    const { live, tenant } = newTenant();
    const email = anyone();
    const answer = await live.post('/tenant/invitations', { email: email.toUpperCase(), role: 'approver' });
    const { token, url, ...rest } = succeeds(answer, 201);
    assert.match(token, /^inv_[0-9A-Za-z]{43}$/);
    assert.equal(url, `${origin}/#/invitation/${token}`);
    assert.deepEqual([rest.email, rest.role], [email, 'approver']);
    assert.equal(Date.parse(rest.expires_at) - Date.parse(rest.created_at), 7 * 86400000);
    assert.deepEqual(succeeds(await live.get('/tenant/invitations')).data, [rest]);
    const stored = JSON.stringify(sql(`SELECT * FROM invitation WHERE tenant_id = '${tenant.id.slice(4)}'`));
    assert.ok(!stored.includes(token.slice(4)), 'stored as a hash only');

    failsWith(await accept(token, { password: 'short' }), 400, 'invalid_request', 'password');
    failsWith(await accept(`${token.slice(0, -1)}_`), 422, 'validation_failed', 'token');
    const answers = await Promise.all([1, 2, 3, 4].map(() => accept(token, { name: 'Ada Lovelace' })));
    const [won] = answers.filter((a) => a.status === 200);
    assert.equal(answers.filter((a) => a.status !== 200).length, 3);
    for (const lost of answers.filter((a) => a !== won)) failsWith(lost, 422, 'validation_failed', 'token');
    assert.deepEqual(won.body, {
        user: { id: won.body.user.id, email, name: 'Ada Lovelace' },
        tenant: { id: tenant.id, name: tenant.name, slug: tenant.slug, plan: tenant.plan },
        role: 'approver',
    });
    failsWith(await accept(token), 422, 'validation_failed', 'token');
    assert.equal(succeeds(await live.get('/tenant/invitations')).total, 0);
    const [member] = succeeds(await live.get('/tenant/members')).data;
    assert.deepEqual([member.id, member.role], [won.body.user.id, 'approver']);
    failsWith(await live.post('/tenant/invitations', { email, role: 'admin' }), 422, 'validation_failed', 'email');
    const [entry] = succeeds(await live.get('/audit?action=acceptInvitation')).data;
    assert.deepEqual([entry.actor, entry.detail, entry.status], [member.id, email, 200]);
});

test('who is known proves it with the password, and the link alone opens nothing', async () => {
    const one = newTenant();
    const two = newTenant();
    const user = newUser(one.tenant.id, 'admin');
    const { token } = await invite(two.live, 'viewer', user.email);
    failsWith(await accept(token, { password: 'another password' }), 401, 'invalid_credentials');
    const refused = succeeds(await two.live.get('/audit?action=acceptInvitation')).data;
    assert.deepEqual(refused.map((e) => [e.status, e.actor, e.detail]), [[401, null, user.email]]);
    const { user: who, role } = succeeds(await accept(token, { password: user.password, name: 'Mallory' }));
    assert.deepEqual([who, role], [{ id: user.id, email: user.email, name: user.email }, 'viewer']);
    assert.equal(succeeds(await one.live.get('/tenant/members')).data[0].role, 'admin', 'elsewhere as before');
});

test('an invitation ends with its time, when it is taken back, and when another takes its place', async () => {
    const { live, tenant } = newTenant();
    const email = anyone();
    const first = await invite(live, 'viewer', email);
    const second = await invite(live, 'operator', email);
    failsWith(await accept(first.token), 422, 'validation_failed', 'token');
    succeeds(await live.del(`/tenant/invitations/${second.id}`), 204);
    failsWith(await live.del(`/tenant/invitations/${second.id}`), 404, 'not_found');
    failsWith(await accept(second.token), 422, 'validation_failed', 'token');
    const third = await invite(live, 'viewer', email);
    sql(`UPDATE invitation SET expires_ms = ${Date.now() - 1} WHERE tenant_id = '${tenant.id.slice(4)}'`);
    failsWith(await accept(third.token), 422, 'validation_failed', 'token');
    const fourth = await invite(live, 'viewer', email);
    sql(`UPDATE tenant SET suspended = 1 WHERE id = '${tenant.id.slice(4)}'`);
    failsWith(await accept(fourth.token), 403, 'forbidden');
});

test('invitations that do not fit are refused by name', async () => {
    const { live } = newTenant();
    for (const [wishes, param] of [
        [{ email: undefined }, 'email'], [{ email: 'nobody' }, 'email'], [{ email: 'a@b' }, 'email'],
        [{ role: undefined }, 'role'], [{ role: 'owner' }, 'role'], [{ expires_in_days: 0 }, 'expires_in_days'],
        [{ expires_in_days: 31 }, 'expires_in_days'], [{ token: 'inv_x' }, 'token'],
    ])
        failsWith(await live.post('/tenant/invitations', { email: anyone(), role: 'viewer', ...wishes }), 400, 'invalid_request', param);
    for (let i = 0; i < 3; i++) await invite(live);
    assert.equal((await walk(live, '/tenant/invitations', 2)).length, 3);
});

test('a password that came with an invitation lets nobody into another tenant', async () => {
    const [one, two] = [newTenant(), newTenant()];
    const email = anyone();
    succeeds(await accept((await invite(one.live, 'viewer', email)).token)); // by whoever held the link
    const session = await signIn({ email, password });
    const { token } = await invite(two.live, 'admin', email);
    failsWith(await accept(token), 422, 'validation_failed', 'new_password');
    failsWith(await accept(token, { new_password: password }), 422, 'validation_failed', 'new_password');
    failsWith(await accept(token, { password: 'not the password', new_password: 'battery staple' }), 401, 'invalid_credentials');
    succeeds(await accept(token, { new_password: 'battery staple' }));
    failsWith(await session.api.get('/missions'), 401, 'invalid_token');
    const from = { 'X-Forwarded-For': someAddress() };
    failsWith(await client().post('/auth/login', { email, password }, from), 401, 'invalid_credentials');
    await signIn({ email, password: 'battery staple' });
    const three = newTenant();
    failsWith(await accept((await invite(three.live, 'viewer', email)).token, { password: 'battery staple' }),
        422, 'validation_failed', 'new_password');
});

test('a new password is for whom it is asked of', async () => {
    const { live, tenant } = newTenant();
    const known = newUser(newTenant().tenant.id);
    for (const email of [known.email, anyone()]) {
        const { token } = await invite(live, 'viewer', email);
        failsWith(await accept(token, { password: known.password, new_password: 'battery staple' }), 422, 'validation_failed', 'new_password');
        succeeds(await accept(token, { password: known.password }));
    }
    assert.equal(succeeds(await live.get('/tenant/members')).total, 2, tenant.id);
});

test('the command line gives a password, proves the address, and ends all sessions', async () => {
    const { live } = newTenant();
    const email = anyone();
    succeeds(await accept((await invite(live, 'viewer', email)).token));
    const session = await signIn({ email, password });
    const refused = run(['user', 'operator', email]);
    assert.deepEqual([refused.status, refused.stdout], [1, '']);
    assert.match(refused.stderr, /Nobody has proved/);
    assert.match(run(['user', 'password', email, '--password-stdin'], { input: 'short\n' }).stderr, /10 to 1024 bytes/);
    assert.match(run(['user', 'password', anyone(), '--password-stdin'], { input: 'battery staple\n' }).stderr, /no user/);
    assert.equal(amp(['user', 'password', email, '--password-stdin'], { input: 'battery staple\n' }).email, email);
    failsWith(await session.api.get('/missions'), 401, 'invalid_token');
    await signIn({ email, password: 'battery staple' });
    const other = newTenant();
    succeeds(await accept((await invite(other.live, 'viewer', email)).token, { password: 'battery staple' }));
    assert.deepEqual(amp(['user', 'operator', email]), { operator: true });
});

test('an address accepts, and signs in, twenty times a minute in all', async () => {
    const address = someAddress();
    for (let i = 0; i < 20; i++) failsWith(await accept('inv_x', {}, address), 422, 'validation_failed', 'token');
    const waits = await accept('inv_x', {}, address);
    failsWith(waits, 429, 'rate_limit_exceeded', null);
    assert.match(waits.headers.get('retry-after'), /^[1-9][0-9]?$/);
    failsWith(await client().post('/auth/login', { email: anyone(), password }, { 'X-Forwarded-For': address }), 429, 'rate_limit_exceeded');
});

test('who is no admin any more leaves no key behind, unless that is wanted', async () => {
    const { live, tenant } = newTenant();
    newUser(tenant.id, 'admin');
    const ways = [
        ['', (id) => live.put(`/tenant/members/${id}`, { role: 'operator' }), 401],
        ['', (id) => live.del(`/tenant/members/${id}`), 401],
        ['kept', (id) => live.put(`/tenant/members/${id}?keep_keys=true`, { role: 'viewer' }), 200],
        ['kept', (id) => live.del(`/tenant/members/${id}?keep_keys=true`), 200],
        ['', async (id) => {
            succeeds(await live.put(`/tenant/members/${id}?keep_keys=true`, { role: 'viewer' }));
            return live.del(`/tenant/members/${id}`);
        }, 401],
        ['still an admin', (id) => live.put(`/tenant/members/${id}`, { role: 'admin' }), 200],
    ];
    for (const [what, end, status] of ways) {
        const user = newUser(tenant.id, 'admin');
        const { api: theirs } = await signIn(user);
        const made = [];
        for (const mode of ['live', 'test'])
            made.push(succeeds(await theirs.post('/auth/keys', { name: 'Mine', scopes: ['admin'], mode }), 201));
        const further = succeeds(await client(made[0].key).post('/auth/keys', { name: 'Made by it', scopes: ['admin'] }), 201);
        const taken = succeeds(await theirs.post('/auth/keys', { name: 'Taken over', scopes: ['admin'] }), 201);
        const rotated = succeeds(await live.post(`/auth/keys/${taken.id}/rotate`, { grace_hours: 0 }));
        assert.ok((await end(user.id)).status < 300);
        for (const { key, id } of [...made, further]) {
            assert.equal((await client(key).get('/missions')).status, status, what);
            const told = succeeds(await live.get(`/audit?action=revokeKey&object=${id}`)).data;
            assert.equal(told.length, status === 401 ? 1 : 0, what);
        }
        succeeds(await client(rotated.key).get('/missions'));
    }
});

test('a key of the command line speaks for the oldest admin, is listed so, and ends with them', async () => {
    const { live, tenant } = newTenant(); // its own keys are older than any admin
    const [first] = [newUser(tenant.id, 'admin'), newUser(tenant.id, 'admin')];
    const { id, key } = newKey(tenant.id, 'live');
    assert.equal(succeeds(await live.get('/auth/keys')).data.find((k) => k.id === id).created_by, first.id);
    succeeds(await live.del(`/tenant/members/${first.id}`), 204);
    failsWith(await client(key).get('/missions'), 401, 'unauthorized');
});

test('a tenant has so many keys of a mode, and open invitations, and no more', async () => {
    const { live, test: trial, tenant } = newTenant();
    const own = `'${tenant.id.slice(4)}'`;
    sql(`INSERT INTO api_key (tenant_id, id, key_hash, key_prefix, name, scopes, livemode, created_ms)
        SELECT ${own}, CONCAT('00000000000', 10000 + seq), UNHEX(SHA2(CONCAT(${own}, seq), 256)), 'x', 'x', 2, 1, 0
        FROM seq_1_to_98;
        INSERT INTO invitation (tenant_id, id, token_hash, email, role, invited_by, expires_ms, created_ms)
        SELECT ${own}, CONCAT('00000000000', 10000 + seq), UNHEX(SHA2(CONCAT(${own}, seq), 256)), seq, 1, 'x',
        IF(seq > 99, 1, 9999999999999), 0 FROM seq_1_to_200`);
    const key = () => live.post('/auth/keys', { name: 'One more', scopes: ['missions:read'] });
    const made = (await Promise.all([key(), key(), key()])).filter((a) => a.status === 201);
    assert.equal(made.length, 1);
    failsWith(await key(), 409, 'limit_reached', null);
    failsWith(await live.post(`/auth/keys/${made[0].body.id}/rotate`), 409, 'limit_reached', null);
    succeeds(await trial.post('/auth/keys', { name: 'Other mode', scopes: ['missions:read'] }), 201);
    succeeds(await live.del(`/auth/keys/${made[0].body.id}`), 204);
    succeeds(await key(), 201);
    const email = anyone();
    const { id } = await invite(live, 'viewer', email);
    await invite(live, 'admin', email); // takes the place of the other
    failsWith(await live.del(`/tenant/invitations/${id}`), 404, 'not_found');
    failsWith(await live.post('/tenant/invitations', { email: anyone(), role: 'viewer' }), 409, 'limit_reached', null);
});

test('a rotated key has a successor at once, and lives on for as long as was asked', async () => {
    const { live, test: trial } = newTenant();
    const old = succeeds(await live.post('/auth/keys', { name: 'CI', scopes: ['missions:read'], expires_in_days: 30 }), 201);
    const made = succeeds(await live.post(`/auth/keys/${old.id}/rotate`, { grace_hours: 1 }));
    assert.notEqual(made.id, old.id);
    assert.match(made.key, /^amp_live_/);
    assert.deepEqual([made.name, made.scopes, made.livemode], ['CI', ['missions:read'], true]);
    assert.equal(Date.parse(made.expires_at) - Date.parse(made.created_at), 30 * 86400000);
    for (const { key } of [old, made]) succeeds(await client(key).get('/missions'));
    const listed = succeeds(await live.get('/auth/keys')).data.find((k) => k.id === old.id);
    assert.ok(Math.abs(Date.parse(listed.expires_at) - Date.now() - 3600000) < 60000);
    failsWith(await live.post(`/auth/keys/${old.id}/rotate`), 409, 'invalid_state');
    const day = await live.post(`/auth/keys/${made.id}/rotate`);
    succeeds(day);
    const grace = succeeds(await live.get('/auth/keys')).data.find((k) => k.id === made.id).expires_at;
    assert.ok(Math.abs(Date.parse(grace) - Date.now() - 86400000) < 60000, 'a day, if nothing is said');
    succeeds(await live.post(`/auth/keys/${day.body.id}/rotate`, { grace_hours: 0 }));
    failsWith(await client(day.body.key).get('/missions'), 401, 'unauthorized');
    for (const grace_hours of [-1, 169, 1.5, '1', null])
        failsWith(await live.post(`/auth/keys/${old.id}/rotate`, { grace_hours }), 400, 'invalid_request', 'grace_hours');
    failsWith(await trial.post(`/auth/keys/${made.id}/rotate`), 404, 'not_found');
});

test('of many who rotate a key at once one gets the successor', async () => {
    const { live, tenant } = newTenant();
    const { id } = newKey(tenant.id, 'live');
    const answers = await Promise.all(Array.from({ length: 8 }, () => live.post(`/auth/keys/${id}/rotate`)));
    assert.equal(answers.filter((a) => a.status === 200).length, 1);
    for (const lost of answers.filter((a) => a.status !== 200)) failsWith(lost, 409, 'invalid_state');
});

test('the use of a key is written down at most once a minute', async () => {
    const { test: api, tenant } = newTenant();
    const { id, key } = newKey(tenant.id, 'test', { scopes: ['missions:read'] });
    const used = () => sql(`SELECT last_used_ms FROM api_key WHERE id = '${id.slice(4)}'`)[0].last_used_ms;
    await Promise.all(Array.from({ length: 24 }, () => client(key).get('/missions')));
    const first = used();
    assert.ok(Math.abs(Number(first) - Date.now()) < 60000);
    succeeds(await api.post('/auth/keys', { name: 'Other', scopes: ['admin'] }), 201);
    amp(['key', 'revoke', newKey(tenant.id, 'test').id]); // all processes forget what they know of keys
    await Promise.all(Array.from({ length: 24 }, () => client(key).get('/missions')));
    assert.equal(used(), first);
    sql(`UPDATE api_key SET last_used_ms = last_used_ms - 61000 WHERE id = '${id.slice(4)}'`);
    amp(['key', 'revoke', newKey(tenant.id, 'test').id]);
    succeeds(await client(key).get('/missions'));
    assert.ok(Number(used()) >= Number(first));
});
