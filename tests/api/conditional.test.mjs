// Entity tags, conditions, and expansion.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failsWith, newKey, newTenant, api as client, staysWithin, succeeds, waitFor } from '../harness/client.mjs';

const body = { name: 'Tagged', objectives: ['Drive awareness'], platforms: ['twitter'], status: 'draft' };

test('an_entity_tag_stands_until_the_object_changes', async () => {
    const { test: api } = newTenant();
    const created = await api.post('/missions', body);
    const path = `/missions/${created.body.id}`;
    const etag = created.headers.get('etag');
    assert.match(etag, /^"[^"]+"$/);
    assert.equal((await api.get(path)).headers.get('etag'), etag);
    const changed = await api.put(path, { name: 'Other' });
    assert.notEqual(changed.headers.get('etag'), etag);
    assert.equal((await api.get(path)).headers.get('etag'), changed.headers.get('etag'));
});

test('if_none_match_answers_304_without_a_body', async () => {
    const { test: api } = newTenant();
    const created = await api.post('/missions', body);
    const path = `/missions/${created.body.id}`;
    const etag = created.headers.get('etag');
    for (const value of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const answer = await api.get(path, { 'If-None-Match': value });
        assert.equal(answer.status, 304, value);
        assert.equal(answer.headers.get('etag'), etag);
        assert.ok(answer.headers.get('x-ratelimit-limit'));
    }
    assert.equal((await api.get(path, { 'If-None-Match': '"other"' })).status, 200);
    succeeds(await api.put(path, { name: 'Other' }));
    assert.equal((await api.get(path, { 'If-None-Match': etag })).status, 200);
});

test('if_match_keeps_from_overwriting_what_somebody_else_changed', async () => {
    const { test: api } = newTenant();
    const created = await api.post('/missions', body);
    const path = `/missions/${created.body.id}`;
    const etag = created.headers.get('etag');
    const first = await api.put(path, { name: 'First' }, { 'If-Match': etag });
    succeeds(first);
    failsWith(await api.put(path, { name: 'Second' }, { 'If-Match': etag }), 412, 'precondition_failed', 'If-Match');
    failsWith(await api.del(path, { 'If-Match': etag }), 412, 'precondition_failed');
    failsWith(await api.post(`${path}/resume`, undefined, { 'If-Match': etag }), 412, 'precondition_failed');
    failsWith(await api.put(path, { name: 'Weak' }, { 'If-Match': `W/${first.headers.get('etag')}` }), 412,
        'precondition_failed');
    assert.equal((await api.get(path)).body.name, 'First');
    succeeds(await api.put(path, { name: 'Third' }, { 'If-Match': '*' }));
    failsWith(await api.put('/missions/msn_0000000000000000', { name: 'x' }, { 'If-Match': etag }), 404, 'not_found');
});

async function contentOf(api) {
    await api.post('/missions', { ...body, status: 'active' });
    return waitFor(async () => {
        const list = (await api.get('/content')).body;
        return list.total >= 7 && list.data;
    }, { what: 'content' });
}

test('expand_adds_the_mission_with_one_query_a_page', async () => {
    const { test: api } = newTenant();
    const contents = await contentOf(api);
    const mission = (await api.get(`/missions/${contents[0].mission_id}`)).body;
    assert.equal('mission' in contents[0], false);
    for (const query of ['expand=mission', 'expand[]=mission', 'expand%5B0%5D=mission', 'expand=data.mission',
        'expand=mission&expand=mission']) {
        const answer = await api.get(`/content?${query}`);
        const list = succeeds(answer);
        assert.equal(list.data.length, contents.length);
        for (const content of list.data) assert.deepEqual(content.mission, mission);
        await staysWithin(answer, { queries: 2 });
    }
    assert.deepEqual(succeeds(await api.get(`/content/${contents[0].id}?expand=mission`)).mission, mission);
});

test('expand_refuses_what_cannot_be_expanded', async () => {
    const { tenant, test: api } = newTenant();
    failsWith(await api.get('/content?expand=brand'), 400, 'invalid_request', 'expand');
    failsWith(await api.get('/missions?expand=mission'), 400, 'invalid_request', 'expand');
    const [content] = await contentOf(api);
    failsWith(await api.get(`/content/${content.id}?expand=data.mission`), 400, 'invalid_request', 'expand');
    const reader = client(newKey(tenant.id, 'test', { scopes: ['content:read'] }).key);
    succeeds(await reader.get('/content'));
    const refused = await reader.get('/content?expand=mission');
    failsWith(refused, 403, 'forbidden');
    assert.match(refused.headers.get('www-authenticate'), /insufficient_scope.*missions:read/);
});

test('a_deleted_mission_expands_to_the_word_that_it_is_deleted', async () => {
    const { test: api } = newTenant();
    const [content] = await contentOf(api);
    assert.equal((await api.del(`/missions/${content.mission_id}`)).status, 204);
    assert.deepEqual((await api.get(`/content/${content.id}?expand=mission`)).body.mission,
        { id: content.mission_id, deleted: true });
});
