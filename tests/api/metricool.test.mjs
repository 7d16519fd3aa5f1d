// The account at Metricool: connected, looked at, revoked, connected again, left.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, sandboxUrl, sql, succeeds, waitFor } from '../harness/client.mjs';
import {
    getContent,
    later,
    listContent,
    monday,
    sentPosts,
    setClock,
    waitForStatus,
    writtenMission,
} from '../harness/missions.mjs';

async function brandsOf(token) {
    const response = await fetch(`${sandboxUrl}/api/v2/settings/brands`, { headers: { 'X-Mc-Auth': token } });
    return (await response.json()).data;
}

const unique = (tenant, word = 'own') => `sandbox_${word}_${tenant.id.slice(4)}`;

async function connect(api, token, index = 0) {
    const brands = await brandsOf(token);
    return api.post('/connect/metricool', { token, blog_id: String(brands[index].id) });
}

// In the past of the real clock a token has to be good for the question which brands there are.
const until = (tenant, time, word = 'own') =>
    `sandbox_until_${time.replaceAll(/[-:]/g, '')}_${word}_${tenant.id.slice(4)}`;

test('a brand is connected once Metricool has accepted the token, which is sealed', async () => {
    const { test: api, tenant } = newTenant();
    const token = unique(tenant);
    const done = succeeds(await connect(api, token, 1));
    assert.deepEqual(Object.keys(done), ['status', 'metricool', 'available_platforms']);
    assert.deepEqual(Object.keys(done.metricool), ['blog_id', 'blog_name', 'connected_at']);
    assert.deepEqual([done.status, done.metricool.blog_name], ['connected', 'Sandbox Side Project']);
    assert.deepEqual(done.available_platforms, ['twitter', 'linkedin']);
    const [row] = sql(`SELECT HEX(token_sealed) sealed FROM integration WHERE tenant_id = '${tenant.id.slice(4)}'`);
    assert.ok(row.sealed && !Buffer.from(row.sealed, 'hex').includes(token));
    const account = succeeds(await api.get('/connect/metricool'));
    assert.deepEqual(
        [account.status, account.blog_id, account.timezone, account.last_error, account.available_platforms],
        ['healthy', done.metricool.blog_id, 'America/New_York', null, done.available_platforms],
    );
    assert.ok(account.user_id && account.latency_ms >= 0);
    assert.ok(!JSON.stringify([done, account]).includes(token), 'the token is never shown');
    const { platforms, integrations } = succeeds(await api.get('/connect/status'));
    assert.deepEqual(
        [platforms.twitter.connected, platforms.facebook.connected, integrations.metricool.accounts_connected],
        [true, false, 2],
    );
});

test('several brands: all are listed, one is connected, and another may take its place', async () => {
    const { test: api, tenant } = newTenant();
    const token = unique(tenant);
    succeeds(await connect(api, token));
    const before = succeeds(await api.get('/connect/metricool/brands'));
    assert.deepEqual(
        before.data.map((b) => [b.name, b.connected, b.platforms.length]),
        [['Sandbox Brand', true, 10], ['Sandbox Side Project', false, 2]],
    );
    assert.deepEqual([before.has_more, before.total], [false, 2]);
    succeeds(await connect(api, token, 1));
    const after = succeeds(await api.get('/connect/metricool/brands'));
    assert.deepEqual(after.data.map((b) => b.connected), [false, true]);
});

test('accounts are listed with their handles', async () => {
    const { test: api, tenant } = newTenant();
    succeeds(await connect(api, unique(tenant), 1));
    const list = succeeds(await api.get('/connect/metricool/accounts'));
    assert.deepEqual([list.has_more, list.total, list.data.length], [false, 2, 2]);
    const [x] = list.data;
    assert.deepEqual(Object.keys(x), ['id', 'platform', 'handle', 'name', 'status', 'url']);
    assert.deepEqual([x.platform, x.name, x.status], ['twitter', 'Sandbox Brand', 'connected']);
    assert.match(x.handle, /^sandbox\d+$/);
    assert.match(x.url, /^https:/);
});

test('what Metricool refuses is not stored', async () => {
    const { test: api, tenant } = newTenant();
    const before = succeeds(await api.get('/connect/metricool'));
    const post = (token, blog_id = before.blog_id) => api.post('/connect/metricool', { token, blog_id });
    for (const word of ['unauthorized', 'forbidden', 'page'])
        failsWith(await post(unique(tenant, word)), 422, 'validation_failed', 'token');
    failsWith(await post('no token of ours'), 422, 'validation_failed', 'token');
    failsWith(await post(unique(tenant), '1'), 422, 'validation_failed', 'blog_id');
    for (const word of ['error', 'unavailable', 'reset', 'limited'])
        failsWith(await post(unique(tenant, word)), 502, 'provider_error');
    failsWith(await api.post('/connect/metricool', { blog_id: '1' }), 400, 'invalid_request', 'token');
    failsWith(await post(' '), 400, 'invalid_request', 'token');
    assert.deepEqual(succeeds(await api.get('/connect/metricool')), before);
});

test('live mode does not know the tokens of the sandbox', async () => {
    const { live, tenant } = newTenant();
    const answer = await live.post('/connect/metricool', { token: unique(tenant), blog_id: '1' });
    assert.ok([422, 502].includes(answer.status), answer.text);
    assert.equal(succeeds(await live.get('/connect/metricool')).status, 'disconnected');
    for (const path of ['test', 'brands'])
        failsWith(await live.get(`/connect/metricool/${path}`), 409, 'integration_not_connected');
    assert.equal(succeeds(await live.get('/connect/metricool/accounts')).total, 0);
});

test('the connection is tested when somebody asks', async () => {
    const { test: api, tenant } = newTenant();
    await setClock(api);
    succeeds(await connect(api, until(tenant, later(monday(), 60))));
    const good = succeeds(await api.get('/connect/metricool/test'));
    assert.deepEqual(Object.keys(good), ['status', 'latency_ms', 'checked_at', 'problem']);
    assert.deepEqual([good.status, good.checked_at, good.problem], ['healthy', monday(), null]);
    await setClock(api, later(monday(), 61));
    const bad = succeeds(await api.get('/connect/metricool/test'));
    assert.equal(bad.status, 'error');
    assert.match(bad.problem, /connect the account again/);
    const { integrations } = succeeds(await api.get('/connect/status'));
    assert.deepEqual(
        [integrations.metricool.status, integrations.metricool.last_error],
        ['error', bad.problem],
    );
    assert.equal(succeeds(await api.get('/connect/metricool/accounts')).data[0].status, 'error');
});

test('a revoked token pauses publishing; after connecting again it goes on by itself', async () => {
    const { test: api, tenant } = newTenant();
    const { content, mission } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    succeeds(await connect(api, until(tenant, later(monday(1), 3600))));
    await setClock(api, later(monday(2), 4 * 3600)); // three days of posts are due, one while it was good
    await waitFor(async () => succeeds(await api.get('/connect/metricool')).status === 'error',
        { what: 'the account to be refused' });
    const paused = () => sql(`SELECT COUNT(*) n FROM job WHERE tenant_id = '${tenant.id.slice(4)}' AND livemode = 0
        AND type = 2 AND state = 1 AND stage = 2 AND lease = 0`)[0].n;
    await waitFor(() => paused() === '4', { what: 'four posts to wait' });
    for (const c of content.slice(2, 6)) {
        const now = await getContent(api, c.id);
        assert.equal(now.status, 'scheduled', JSON.stringify(now.publishing));
    }
    assert.equal((await listContent(api, { mission_id: mission.id, status: 'failed' })).total, 0);
    failsWith(await api.post('/publish', { content_id: content[8].id }), 409, 'integration_not_connected');
    succeeds(await connect(api, unique(tenant)));
    for (const c of content.slice(0, 6)) await waitForStatus(api, c.id, 'published');
    assert.equal(succeeds(await api.get('/connect/metricool')).status, 'healthy');
});

test('who leaves takes back what Metricool has, and nothing is sent until somebody connects', async () => {
    const { test: api, tenant } = newTenant();
    const { content: [c, next] } = await writtenMission(api, { platforms: ['twitter'] });
    const left = succeeds(await api.del('/connect/metricool'));
    assert.deepEqual(left, { status: 'disconnected', cancelled: [], left: [] });
    assert.deepEqual(succeeds(await api.del('/connect/metricool')), left);
    const account = succeeds(await api.get('/connect/metricool'));
    assert.deepEqual([account.status, account.available_platforms], ['disconnected', []]);
    const { integrations } = succeeds(await api.get('/connect/status'));
    assert.deepEqual([integrations.metricool.connected, integrations.metricool.status], [false, 'disconnected']);
    failsWith(await api.post('/publish', { content_id: next.id }), 409, 'integration_not_connected');
    await setClock(api, later(monday(), 4 * 3600));
    await waitFor(() => sql(`SELECT COUNT(*) n FROM job WHERE tenant_id = '${tenant.id.slice(4)}'
        AND type = 2 AND state = 1 AND stage = 2 AND lease = 0`)[0].n === '1', { what: 'the post to wait' });
    assert.equal((await getContent(api, c.id)).status, 'scheduled');
    assert.deepEqual(await sentPosts(tenant), []);
    succeeds(await connect(api, unique(tenant)));
    await waitForStatus(api, c.id, 'published');
});

test('pins go to the board that is named with the account, and nowhere without one', async () => {
    const { test: api, tenant } = newTenant();
    const { content: [c, draft] } = await writtenMission(api, { platforms: ['pinterest'] });
    const visuals = JSON.stringify([{ type: 'image', url: 'https://example.com/a.png', thumbnail_url: null,
        alt_text: 'A chart', dimensions: { width: 1000, height: 1500 }, format: 'png', position: 1 }]);
    const where = (x) => `WHERE tenant_id = '${tenant.id.slice(4)}' AND id = '${x.id.slice(4)}'`;
    for (const x of [c, draft]) sql(`UPDATE content SET visuals = '${visuals}' ${where(x)}`);
    sql(`UPDATE content SET status = 3 ${where(c)}`); // approved
    const publish = () => api.post('/publish', { content_id: c.id });
    for (const refused of [
        await publish(),
        await api.post('/publish/schedule', { content_id: c.id, scheduled_for: monday(1) }),
        await api.post(`/content/${draft.id}/approve`),
    ]) {
        failsWith(refused, 422, 'validation_failed', 'platform');
        assert.match(refused.body.error.message, /pinterest_board_id/);
    }
    assert.deepEqual(await sentPosts(tenant), []);
    const token = unique(tenant);
    const [brand] = await brandsOf(token);
    const whole = { token, blog_id: String(brand.id), pinterest_board_id: '854768310472' };
    for (const id of ['', ' ', '1'.repeat(65), 7])
        failsWith(await api.post('/connect/metricool', { ...whole, pinterest_board_id: id }), 400,
            'invalid_request', 'pinterest_board_id');
    succeeds(await api.post('/connect/metricool', whole));
    succeeds(await connect(api, token)); // the same brand, as with a new token
    assert.equal(succeeds(await api.get('/connect/metricool')).pinterest_board_id, whole.pinterest_board_id);
    assert.equal(succeeds(await publish()).status, 'published');
    const headers = { 'X-Mc-Auth': token, 'X-AMP-Test-Time': '9999-01-01T00:00:00Z' };
    const { data } = await (await fetch(`${sandboxUrl}/ledger`, { headers })).json();
    assert.deepEqual(data.posts.map((p) => p.post.pinterestData.boardId), [whole.pinterest_board_id]);
    succeeds(await connect(api, token, 1)); // another brand has other boards
    assert.equal(succeeds(await api.get('/connect/metricool')).pinterest_board_id, null);
});

test('who leaves is told what Metricool may still bring out', async () => {
    const { test: api, tenant } = newTenant();
    const { content: [c] } = await writtenMission(api);
    const copy = JSON.stringify({ ...c.copy, hook: null, primary: '[sandbox:skew]', thread_parts: [] });
    sql(`UPDATE content SET copy = '${copy}' WHERE id = '${c.id.slice(4)}'`);
    assert.equal(succeeds(await api.post('/publish', { content_id: c.id }), 202).status, 'publishing');
    assert.deepEqual(succeeds(await api.del('/connect/metricool')),
        { status: 'disconnected', cancelled: [], left: [c.id] });
    assert.equal((await sentPosts(tenant)).length, 1);
});
