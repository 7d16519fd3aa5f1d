// What goes wrong at the provider, on demand, and what becomes of the post: out once, or failed with
// a reason, never lost and never twice.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newTenant, sandboxUrl, sql, succeeds, waitFor } from '../harness/client.mjs';
import { getContent, later, monday, sentPosts, setClock, waitForStatus, writtenMission } from '../harness/missions.mjs';

// A content of its own tenant whose text asks for a fault, as if a person had written it.
async function contentWith(fault) {
    const { test: api, tenant } = newTenant();
    const { content: [c] } = await writtenMission(api);
    sql(`UPDATE content SET copy = JSON_SET(copy, '$.primary', 'Fault ${fault}', '$.hashtags', JSON_ARRAY())
        WHERE tenant_id = '${tenant.id.slice(4)}' AND id = '${c.id.slice(4)}'`);
    return { api, tenant, id: c.id };
}

async function played(fault, status) {
    const { api, tenant, id } = await contentWith(`[sandbox:${fault}]`);
    await api.post('/publish', { content_id: id });
    const now = await waitForStatus(api, id, status);
    return { now, sent: await sentPosts(tenant) };
}

for (const fault of ['error*1', 'unavailable*2', 'limited-wait*1', 'reset*1', 'reset-after', 'malformed', 'slow',
    'duplicate'])
    test(`${fault}: the post is out once`, async () => {
        const { now, sent } = await played(fault, 'published');
        assert.deepEqual(sent.map((p) => p.status), ['PUBLISHED']);
        assert.equal(now.publishing.platform_post_id, sent[0].platformId);
        assert.equal(now.publishing.last_error, null);
    });

for (const [fault, reason] of [
    ['bad-request', /Metricool refused the post: As asked for/],
    ['forbidden', /Metricool refused the post/],
    ['fails-later', /X.* did not take the post: The network has refused the post/],
])
    test(`${fault}: the post fails with a reason that people understand`, async () => {
        const { now } = await played(fault, 'failed');
        assert.match(now.publishing.last_error, reason);
    });

// A page says nothing of whether the post has arrived, so it is looked for before it is sent again.
for (const [fault, meanwhile] of [['unauthorized', 'scheduled'], ['page', 'publishing']])
    test(`${fault}: the post waits for another token, and then goes out`, async () => {
        const { api, tenant, id } = await contentWith(`[sandbox:${fault}*1]`);
        succeeds(await api.post('/publish', { content_id: id }), 202);
        const held = await getContent(api, id);
        assert.equal(held.status, meanwhile);
        assert.match(held.publishing.last_error, /connect the account again/);
        const status = async () => succeeds(await api.get('/connect/metricool')).status;
        assert.equal(await status(), 'error');
        const [entry] = succeeds(await api.get('/audit?action=holdIntegration')).data;
        assert.equal(entry.actor, 'system');
        const token = `sandbox_${tenant.id.slice(4)}`;
        const { blog_id: brand } = succeeds(await api.get('/connect/metricool'));
        succeeds(await api.post('/connect/metricool', { token, blog_id: brand }));
        await waitForStatus(api, id, 'published');
        assert.equal((await sentPosts(tenant)).length, 1);
        assert.equal(await status(), 'healthy');
    });

test('skew: a provider whose clock is behind is waited for', async () => {
    const { api, tenant, id } = await contentWith('[sandbox:skew]');
    succeeds(await api.post('/publish', { content_id: id }), 202);
    assert.equal((await getContent(api, id)).status, 'publishing');
    await setClock(api, later(monday(), 3600));
    await waitForStatus(api, id, 'published');
    assert.equal((await sentPosts(tenant)).length, 1);
});

test('two posts that are alike to the word are two posts', async () => {
    const { test: api, tenant } = newTenant();
    const { content } = await writtenMission(api);
    const ids = content.slice(0, 2).map((c) => c.id);
    sql(`UPDATE content SET copy = JSON_SET(copy, '$.primary', 'Twins [sandbox:reset-after]',
        '$.hashtags', JSON_ARRAY()) WHERE tenant_id = '${tenant.id.slice(4)}'
        AND id IN (${ids.map((id) => `'${id.slice(4)}'`)})`);
    for (const id of ids) {
        await api.post('/publish', { content_id: id });
        await waitForStatus(api, id, 'published');
    }
    const [a, b] = await Promise.all(ids.map((id) => getContent(api, id)));
    assert.notEqual(a.publishing.metricool_post_id, b.publishing.metricool_post_id);
    assert.equal((await sentPosts(tenant)).length, 2);
});

test('what the provider cannot do for long is paused, not failed', async () => {
    const { api, tenant, id } = await contentWith('[sandbox:error]');
    await api.post('/publish', { content_id: id });
    const integration = () => sql(`SELECT failures, status FROM integration WHERE tenant_id = '${tenant.id.slice(4)}'`)[0];
    await waitFor(() => Number(integration().failures) >= 2, { what: 'two failures' });
    assert.equal(integration().status, '2');
    const { integrations } = succeeds(await api.get('/connect/status'));
    assert.equal(integrations.metricool.status, 'degraded');
    assert.match(integrations.metricool.last_error, /HTTP 500/);
    assert.equal((await getContent(api, id)).status, 'publishing');
});

test('tokens fail as their names say', async () => {
    const ask = (token) => fetch(`${sandboxUrl}/api/v2/settings/brands`, { headers: { 'X-Mc-Auth': token } });
    for (const [word, status] of [['unauthorized', 401], ['forbidden', 403], ['limited', 429], ['error', 500],
        ['unavailable', 503]])
        assert.equal((await ask(`sandbox_${word}_x`)).status, status);
    const limited = await ask('sandbox_limited-wait_x');
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '2']);
    const page = await ask('sandbox_page_x');
    assert.match(page.headers.get('content-type'), /^text\/html/);
    await assert.rejects(async () => (await ask('sandbox_reset_x')).text());
});
