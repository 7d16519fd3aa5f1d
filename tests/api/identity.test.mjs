// Who is it, and what may they do: keys, scopes, modes, tenants.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
    amp,
    api as client,
    baseUrl,
    failsWith,
    newKey,
    newTenant,
    newUser,
    send,
    sql,
    succeeds,
} from '../harness/client.mjs';
import { refusesBadPages, walk, writtenMission } from '../harness/missions.mjs';
import { fill, nobodysIds, routes } from '../harness/routes.mjs';

const keyNames = [
    'id',
    'name',
    'key_prefix',
    'scopes',
    'livemode',
    'last_used_at',
    'expires_at',
    'created_by',
    'created_at',
];
const id = { 'X-Request-ID': 'the-same' }; // so that equal answers are equal to the byte

test('whoami tells whom a key speaks for', async () => {
    const { tenant, test: nobodys } = newTenant({ name: 'Acme & Söhne' });
    assert.deepEqual(succeeds(await nobodys.get('/auth/whoami')), {
        user: null,
        tenant: { id: tenant.id, name: 'Acme & Söhne', slug: tenant.slug, plan: 'enterprise' },
        auth_method: 'api_key',
        scopes: ['admin'],
        livemode: false,
        tenants: [],
    });
    const user = newUser(tenant.id);
    const key = newKey(tenant.id, 'live', { scopes: ['content:read', 'missions:write'] });
    const who = succeeds(await client(key.key).get('/auth/whoami'));
    assert.deepEqual(who.user, { id: user.id, email: user.email, name: user.email, role: 'admin' });
    assert.deepEqual(who.tenants, [{ id: tenant.id, name: 'Acme & Söhne', role: 'admin' }]);
    assert.deepEqual([who.livemode, who.scopes.sort()], [true, ['content:read', 'missions:write']]);
});

test('a key is shown once, and its list only its beginning', async () => {
    const { test: api, live, tenant } = newTenant();
    const answer = await api.post('/auth/keys', {
        name: 'CI deployment',
        scopes: ['missions:read'],
        expires_in_days: 30,
    });
    const { key, ...rest } = succeeds(answer, 201);
    assert.deepEqual(Object.keys(rest), keyNames);
    assert.match(key, /^amp_test_[0-9A-Za-z]{32}$/);
    assert.equal(rest.key_prefix, key.slice(9, 13));
    assert.equal(Date.parse(rest.expires_at) - Date.parse(rest.created_at), 30 * 86400000);
    assert.deepEqual(
        [rest.name, rest.scopes, rest.livemode, rest.last_used_at],
        ['CI deployment', ['missions:read'], false, null],
    );
    assert.equal(answer.headers.get('location'), `/api/v1/auth/keys/${rest.id}`);
    succeeds(await client(key).get('/missions'));
    const listed = succeeds(await api.get('/auth/keys')).data.find((k) => k.id === rest.id);
    assert.deepEqual(listed, { ...rest, last_used_at: listed.last_used_at });
    assert.match(listed.last_used_at, /Z$/);
    const stored = sql(`SELECT * FROM api_key WHERE tenant_id = '${tenant.id.slice(4)}'`);
    assert.ok(!JSON.stringify(stored).includes(key.slice(13)), 'stored as a hash only');
    const made = succeeds(
        await live.post('/auth/keys', { name: 'T', scopes: ['admin'], mode: 'test', expires_in_days: null }),
        201,
    );
    assert.match(made.key, /^amp_test_/);
    assert.equal(
        succeeds(await live.post('/auth/keys', { name: 'L', scopes: ['admin'] }), 201).livemode,
        true,
    );
});

test('keys that do not fit are refused by name', async () => {
    const { test: api } = newTenant();
    const fine = { name: 'CI', scopes: ['missions:read'] };
    const before = succeeds(await api.get('/auth/keys')).total;
    for (const [wishes, param] of [
        [{ name: undefined }, 'name'],
        [{ name: ' ' }, 'name'],
        [{ name: 'x'.repeat(201) }, 'name'],
        [{ scopes: undefined }, 'scopes'],
        [{ scopes: [] }, 'scopes'],
        [{ scopes: ['root'] }, 'scopes[0]'],
        [{ scopes: 'admin' }, 'scopes'],
        [{ scopes: ['admin', 'admin'] }, 'scopes[1]'],
        [{ mode: 'dev' }, 'mode'],
        [{ expires_in_days: 0 }, 'expires_in_days'],
        [{ expires_in_days: 3651 }, 'expires_in_days'],
        [{ expires_in_days: '7' }, 'expires_in_days'],
        [{ key: 'amp_test_x' }, 'key'],
        [{ livemode: true }, 'livemode'],
    ])
        failsWith(await api.post('/auth/keys', { ...fine, ...wishes }), 400, 'invalid_request', param);
    failsWith(await api.post('/auth/keys', { ...fine, mode: 'live' }), 403, 'forbidden', 'mode');
    assert.equal(succeeds(await api.get('/auth/keys')).total, before);
});

test('the list of keys walks in both directions', async () => {
    const { test: api } = newTenant();
    for (let i = 0; i < 5; i++)
        succeeds(await api.post('/auth/keys', { name: `K${i}`, scopes: ['admin'] }), 201);
    const seen = await walk(api, '/auth/keys', 3);
    assert.equal(seen.length, 6); // those five and the one that asks; the live key is out of reach
    await refusesBadPages(api, '/auth/keys', seen[0].id);
});

test('a revoked key fails on the very next request, in every process', async () => {
    const { test: api, tenant } = newTenant();
    const parallel = (doomed) => Promise.all(Array.from({ length: 24 }, () => doomed.get('/missions')));
    const made = succeeds(await api.post('/auth/keys', { name: 'Doomed', scopes: ['missions:read'] }), 201);
    const doomed = client(made.key);
    for (const answer of await parallel(doomed)) succeeds(answer);
    succeeds(await api.del(`/auth/keys/${made.id}`), 204);
    for (const answer of await parallel(doomed)) failsWith(answer, 401, 'unauthorized', null);
    failsWith(await api.del(`/auth/keys/${made.id}`), 404, 'not_found');

    const other = newKey(tenant.id, 'test');
    for (const answer of await parallel(client(other.key))) succeeds(answer);
    assert.deepEqual(amp(['key', 'revoke', other.id]), { revoked: true });
    for (const answer of await parallel(client(other.key))) failsWith(answer, 401, 'unauthorized');
});

test('a key may revoke itself', async () => {
    const { test: api, keys } = newTenant();
    succeeds(await api.del(`/auth/keys/${keys.test.id}`), 204);
    failsWith(await api.get('/auth/keys'), 401, 'unauthorized');
});

test('an expired key is like none', async () => {
    const { test: api } = newTenant();
    const made = succeeds(
        await api.post('/auth/keys', { name: 'Short', scopes: ['admin'], expires_in_days: 1 }),
        201,
    );
    sql(`UPDATE api_key SET expires_ms = ${Date.now() - 1} WHERE id = '${made.id.slice(4)}'`);
    failsWith(await client(made.key).get('/missions'), 401, 'unauthorized');
});

test('a credential that is not good is refused with one answer for all', async () => {
    const {
        keys: {
            test: { key },
        },
    } = newTenant();
    const whoami = (authorization) =>
        send('GET', `${baseUrl}/auth/whoami`, undefined, { Authorization: authorization, ...id });
    const wrong = key.at(-1) === 'x' ? 'y' : 'x';
    const bad = [
        `Bearer ${key.replace('amp_test_', 'amp_dev_')}`,
        `Bearer ${key.replace('amp_test_', 'amp_live_')}`,
        `Bearer ${key.slice(0, -1)}${wrong}`,
        `Bearer ${key.slice(0, -1)}`,
        `Bearer ${key}x`,
        `Bearer ${key.toLowerCase()}`,
        `Basic ${key}`,
        key,
        'Bearer',
        'Bearer ',
        `Bearer ${key}, Bearer ${key}`,
        `Bearer ${key} ${key}`,
        `Bearer,${key}`,
        "Bearer ' OR 1=1 --",
        `Bearer ${'a'.repeat(4000)}`,
    ];
    const first = await whoami(bad[0]);
    failsWith(first, 401, 'unauthorized', null);
    for (const authorization of bad) {
        const answer = await whoami(authorization);
        assert.equal(answer.status, 401, authorization);
        assert.equal(answer.text, first.text, authorization);
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="amp", error="invalid_token"');
    }
    const none = await client().get('/auth/whoami', id);
    assert.equal(none.text, first.text);
    assert.equal(none.headers.get('www-authenticate'), 'Bearer realm="amp"');
    for (const scheme of ['bearer', 'BEARER']) succeeds(await whoami(`${scheme} ${key}`));
});

test('X-Tenant-ID may only repeat the tenant of the key', async () => {
    const { test: api, tenant } = newTenant();
    const other = newTenant().tenant;
    const ask = (value) => api.get('/auth/whoami', { 'X-Tenant-ID': value });
    succeeds(await ask(tenant.id));
    for (const value of [other.id, 'tnt_0000000000000001'])
        failsWith(await ask(value), 403, 'forbidden', 'X-Tenant-ID');
    for (const value of [
        'x',
        tenant.id.slice(0, -1),
        `${tenant.id}x`,
        tenant.id.replace('tnt', 'usr'),
        `${tenant.id}, ${tenant.id}`,
    ])
        failsWith(await ask(value), 400, 'invalid_request', 'X-Tenant-ID');
});

test('no route but the public ones answers without a credential', async () => {
    for (const { method, path, body } of routes)
        failsWith(
            await client().call(method, fill(path, nobodysIds), fill(body, nobodysIds)),
            401,
            'unauthorized',
        );
});

test("lists hold what is the tenant's and of the mode, and cursors leak nothing", async () => {
    const one = newTenant();
    const two = newTenant();
    const { mission } = await writtenMission(one.test);
    for (const stranger of [two.test, two.live, one.live]) {
        assert.equal(succeeds(await stranger.get('/missions')).total, 0);
        assert.equal(succeeds(await stranger.get('/content')).total, 0);
        const filtered = succeeds(await stranger.get(`/content?mission_id=${mission.id}`));
        assert.deepEqual([filtered.data, filtered.total], [[], 0]);
        assert.deepEqual(succeeds(await stranger.get(`/missions?ending_before=${mission.id}`)).data, []);
    }
    assert.equal(succeeds(await two.test.get('/auth/keys')).total, 1);
    assert.equal(succeeds(await two.live.get('/auth/keys')).total, 2);
});
