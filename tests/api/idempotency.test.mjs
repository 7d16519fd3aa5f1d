// Idempotency-Key: an effect happens once, and is answered as often as it is asked.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { failsWith, newKey, newTenant, api as client, sql, succeeds, waitFor } from '../harness/client.mjs';

const body = { name: 'Once', objectives: ['Drive awareness'], platforms: ['twitter'], status: 'draft' };
const withKey = (key) => ({ 'Idempotency-Key': key });

test('a_replay_is_the_first_answer_byte_for_byte', async () => {
    const { test: api } = newTenant();
    const key = withKey(randomUUID());
    const first = await api.post('/missions', body, key);
    const again = await api.post('/missions', body, key);
    assert.equal(first.status, 201);
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    assert.equal(again.headers.get('etag'), first.headers.get('etag'));
    assert.equal(first.headers.get('idempotent-replayed'), null);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.notEqual(again.headers.get('x-request-id'), first.headers.get('x-request-id'));
    assert.equal((await api.get('/missions')).body.total, 1);
});

test('ten_at_once_have_one_effect', async () => {
    const { test: api } = newTenant();
    for (let round = 0; round < 5; round++) {
        const key = withKey(randomUUID());
        const answers = await Promise.all(Array.from({ length: 10 }, () => api.post('/missions', body, key)));
        const created = answers.filter((answer) => answer.status === 201);
        assert.ok(created.length >= 1);
        assert.equal(new Set(created.map((answer) => answer.text)).size, 1);
        for (const answer of answers) {
            if (answer.status === 201) continue;
            failsWith(answer, 409, 'idempotency_in_progress');
            assert.equal(answer.headers.get('retry-after'), '1');
        }
        assert.equal((await api.get('/missions')).body.total, round + 1);
    }
});

test('the_same_key_for_another_request_is_refused', async () => {
    const { test: api } = newTenant();
    const key = withKey(randomUUID());
    succeeds(await api.post('/missions', body, key), 201);
    failsWith(await api.post('/missions', { ...body, name: 'Other' }, key), 422, 'idempotency_key_reused',
        'Idempotency-Key');
});

test('an_error_frees_the_key', async () => {
    const { test: api } = newTenant();
    const key = withKey(randomUUID());
    failsWith(await api.post('/missions', { ...body, platforms: ['nowhere'] }, key), 400, 'invalid_request');
    succeeds(await api.post('/missions', body, key), 201);
});

// What the table holds of a key is set to what time, or a process that died, would have left there.
async function afterwards(change) {
    const { tenant, test: api } = newTenant();
    const key = withKey(randomUUID());
    const first = succeeds(await api.post('/missions', body, key), 201);
    sql(`UPDATE idempotency SET ${change} WHERE tenant_id = '${tenant.id.slice(4)}'`);
    const second = await api.post('/missions', body, key);
    assert.notEqual(succeeds(second, 201).id, first.id);
    assert.equal(second.headers.get('idempotent-replayed'), null);
    const third = await api.post('/missions', body, key);
    assert.equal(third.text, second.text);
    assert.equal(third.headers.get('idempotent-replayed'), 'true');
    assert.equal((await api.get('/missions')).body.total, 2);
}

test('a_key_is_free_again_after_a_day', () => afterwards('created_ms = created_ms - 86400000 - 1'));

test('the_key_of_a_request_that_died_is_free_again', () => afterwards('status = 0, locked_until_ms = 1'));

test('the_quoted_form_of_the_draft_is_the_same_key', async () => {
    const { test: api } = newTenant();
    const key = randomUUID();
    const first = await api.post('/missions', body, withKey(key));
    const again = await api.post('/missions', body, withKey(`"${key}"`));
    assert.equal(again.text, first.text);
});

test('malformed_keys_are_refused', async () => {
    const { test: api } = newTenant();
    for (const key of ['a,b', 'with space', 'x'.repeat(256), '""'])
        failsWith(await api.post('/missions', body, withKey(key)), 400, 'invalid_request', 'Idempotency-Key');
});

test('tenants_modes_and_keys_do_not_share_idempotency_keys', async () => {
    const one = newTenant(), two = newTenant();
    const other = client(newKey(one.tenant.id, 'test').key);
    const key = withKey(randomUUID());
    const answers = [];
    for (const api of [one.test, one.live, two.test, other])
        answers.push(succeeds(await api.post('/missions', body, key), 201).id);
    assert.equal(new Set(answers).size, 4);
});

test('a_key_is_made_once_and_its_secret_is_replayed', async () => {
    const { test: api } = newTenant();
    const key = withKey(randomUUID());
    const wish = { name: 'CI', scopes: ['missions:read'] };
    const first = await api.post('/auth/keys', wish, key);
    const again = await api.post('/auth/keys', wish, key);
    assert.equal(first.status, 201);
    assert.equal(again.text, first.text);
});

test('publishing_with_a_key_publishes_once_and_replays', async () => {
    const { test: api } = newTenant();
    await api.post('/missions', { ...body, status: 'active', constraints: { require_approval: true } });
    const content = await waitFor(async () => (await api.get('/content?status=pending_review')).body.data[0],
        { what: 'content to review' });
    succeeds(await api.post(`/content/${content.id}/approve`));
    const key = withKey(randomUUID());
    const first = await api.post('/publish', { content_id: content.id }, key);
    const again = await api.post('/publish', { content_id: content.id }, key);
    assert.equal(first.status, 200, first.text);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
});

test('elsewhere_than_on_post_the_header_is_ignored', async () => {
    const { test: api } = newTenant();
    const { id } = succeeds(await api.post('/missions', body), 201);
    const key = withKey(randomUUID());
    succeeds(await api.put(`/missions/${id}`, { name: 'A' }, key));
    assert.equal(succeeds(await api.put(`/missions/${id}`, { name: 'B' }, key)).name, 'B');
});
