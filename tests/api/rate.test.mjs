// Limits of requests a minute.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api as client, failsWith, newKey, newTenant, succeeds } from '../harness/client.mjs';
import { nobodysIds } from '../harness/routes.mjs';

const limitOf = (answer) => Number(answer.headers.get('x-ratelimit-limit'));
const remainingOf = (answer) => Number(answer.headers.get('x-ratelimit-remaining'));
const resetOf = (answer) => Number(answer.headers.get('x-ratelimit-reset'));

test('of many at once exactly as many pass as may', async () => {
    const { test: api, live } = newTenant({ rateLimit: 60 });
    const answers = await Promise.all(Array.from({ length: 200 }, () => api.get('/missions')));
    const passed = answers.filter((a) => a.status === 200);
    const refused = answers.filter((a) => a.status === 429);
    assert.deepEqual([passed.length, refused.length], [60, 140]);
    assert.deepEqual(
        passed.map(remainingOf).sort((a, b) => b - a),
        Array.from({ length: 60 }, (_, i) => 59 - i),
    );
    const now = Date.now() / 1000;
    for (const answer of answers) {
        assert.equal(limitOf(answer), 60);
        assert.equal(resetOf(answer), resetOf(answers[0]));
        assert.ok(resetOf(answer) > now - 5 && resetOf(answer) <= now + 61);
    }
    for (const answer of refused) {
        failsWith(answer, 429, 'rate_limit_exceeded', null);
        assert.equal(remainingOf(answer), 0);
        assert.match(answer.headers.get('retry-after'), /^[1-9][0-9]?$/);
    }
    succeeds(await live.get('/missions')); // each mode has its own
    succeeds(await client().options('/missions'), 204);
});

test('all keys of a tenant share the limit of their mode', async () => {
    const { test: api, tenant } = newTenant({ rateLimit: 5 });
    const other = client(newKey(tenant.id, 'test').key);
    assert.equal(remainingOf(await api.get('/missions')), 4);
    assert.equal(remainingOf(await other.get('/missions')), 3);
    assert.equal(remainingOf(await api.get('/content')), 2);
});

test('errors of the client count, what is not authenticated does not', async () => {
    const { test: api, keys } = newTenant({ rateLimit: 100 });
    const start = remainingOf(await api.get('/missions'));
    for (let i = 0; i < 3; i++) {
        failsWith(await client(keys.test.key.slice(0, -1)).get('/missions'), 401, 'unauthorized');
        succeeds(await api.options('/missions'), 204);
        failsWith(await api.get('/nothing'), 404, 'not_found');
        failsWith(await api.call('PATCH', '/missions'), 405, 'method_not_allowed');
    }
    assert.equal(remainingOf(await api.get(`/missions/${nobodysIds.msn}`)), start - 1);
    assert.equal(remainingOf(await api.get('/missions?x=1')), start - 2);
    assert.equal(remainingOf(await api.post('/missions', '{')), start - 3);
});

test('a refused request does nothing', async () => {
    const { test: api, live } = newTenant({ rateLimit: 2 });
    for (let i = 0; i < 2; i++) succeeds(await api.get('/missions'));
    failsWith(await api.post('/auth/keys', { name: 'Late', scopes: ['admin'] }), 429, 'rate_limit_exceeded');
    assert.equal(succeeds(await live.get('/auth/keys')).total, 2);
});

test('plans have their limits', async () => {
    for (const [plan, limit] of [
        ['free', 60],
        ['pro', 300],
    ]) {
        const { test: api, live } = newTenant({ plan });
        assert.equal(limitOf(await api.get('/missions')), limit);
        assert.equal(limitOf(await live.get('/missions')), limit);
    }
    assert.equal(limitOf(await newTenant({ rateLimit: 600000 }).test.get('/missions')), 600000);
});
