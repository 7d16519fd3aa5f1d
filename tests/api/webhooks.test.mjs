// Webhooks: a receiver of their own hears of what happens, and believes it because the official
// package of the Standard Webhooks specification does.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { failsWith, newTenant, sql, succeeds, waitFor } from '../harness/client.mjs';
import { makeMission, refusesBadPages, setClock, waitForContent, waitForStatus, walk } from '../harness/missions.mjs';

// A receiver that answers with status(request number); what it was sent, in order.
async function receiver(t, status = () => 204) {
    const got = [];
    const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => { body += chunk; });
        request.on('end', () => {
            got.push({ headers: request.headers, body });
            response.writeHead(status(got.length), { Location: 'http://127.0.0.1:1/' }).end();
        });
    });
    await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
    t.after(() => server.close());
    return { got, url: `http://127.0.0.1:${server.address().port}/hook` };
}

const types = (got) => got.map((x) => JSON.parse(x.body).type);
const makeHook = async (api, url, rest = {}) => succeeds(await api.post('/webhooks', { url, ...rest }), 201);
const deliveries = async (api, hook) => succeeds(await api.get(`/webhooks/${hook.id}/deliveries?limit=100`)).data;

test('what happens to content is told in the words of the API, signed, and once', async (t) => {
    const { test: api } = newTenant();
    const { got, url } = await receiver(t);
    await setClock(api);
    const hook = await makeHook(api, url, { events: ['content.pending_review', 'content.approved',
        'content.scheduled', 'content.rejected', 'mission.started', 'mission.paused'] });
    const mission = await makeMission(api, { constraints: { require_approval: true } });
    const content = await waitForContent(api, mission, 7);
    succeeds(await api.post(`/content/${content[0].id}/approve`));
    succeeds(await api.post(`/content/${content[1].id}/reject`, { reason: 'Too long.' }));
    succeeds(await api.post(`/missions/${mission.id}/pause`));
    await waitFor(() => got.length === 12, { what: 'twelve events' });
    const verifier = new Webhook(hook.secret);
    const events = got.map(({ headers, body }) => verifier.verify(body, headers));
    assert.deepEqual(types(got).sort(), [...Array(7).fill('content.pending_review'), 'content.approved',
        'content.scheduled', 'content.rejected', 'mission.started', 'mission.paused'].sort());
    assert.equal(new Set(got.map((x) => x.headers['webhook-id'])).size, 12);
    const rejected = events.find((e) => e.type === 'content.rejected');
    assert.equal(rejected.data.id, content[1].id);
    assert.equal(rejected.data.review.rejection_reason, 'Too long.');
    assert.equal(rejected.livemode, false);
    assert.equal(events.find((e) => e.type === 'mission.paused').data.status, 'paused');
    assert.throws(() => verifier.verify(got[0].body.replace('livemode', 'deadmode'), got[0].headers));
    await waitFor(async () => (await deliveries(api, hook)).every((d) => d.status === 'delivered'),
        { what: 'all to be noted' });
    assert.equal((await walk(api, `/webhooks/${hook.id}/deliveries`, 5)).length, 12);
});

test('a published post is told of', async (t) => {
    const { test: api } = newTenant();
    const { got, url } = await receiver(t);
    await setClock(api);
    await makeHook(api, url, { events: ['content.published', 'integration.connected'] });
    const mission = await makeMission(api);
    const [first] = await waitForContent(api, mission, 7);
    succeeds(await api.post('/test/clock', { now: first.scheduling.scheduled_for }));
    await waitForStatus(api, first.id, 'published');
    await waitFor(() => types(got).includes('content.published'), { what: 'the event' });
    const event = JSON.parse(got.at(-1).body);
    assert.equal(event.data.id, first.id);
    assert.equal(event.data.status, 'published');
    assert.ok(event.data.publishing.platform_post_id);
});

test('a test event arrives, and both secrets sign while they overlap', async (t) => {
    const { test: api } = newTenant();
    const { got, url } = await receiver(t);
    const hook = await makeHook(api, url, { events: ['content.failed'] });
    assert.match(hook.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal('secret' in succeeds(await api.get(`/webhooks/${hook.id}`)), false);
    const rotated = succeeds(await api.post(`/webhooks/${hook.id}/rotate-secret`, { overlap_hours: 1 }));
    assert.notEqual(rotated.secret, hook.secret);
    const delivery = succeeds(await api.post(`/webhooks/${hook.id}/test`), 202);
    assert.equal(delivery.event, 'webhook.test');
    await waitFor(() => got.length === 1, { what: 'the event' });
    for (const { secret } of [hook, rotated])
        assert.equal(new Webhook(secret).verify(got[0].body, got[0].headers).type, 'webhook.test');
    succeeds(await api.post(`/webhooks/${hook.id}/rotate-secret`, { overlap_hours: 0 }));
    succeeds(await api.post(`/webhooks/${hook.id}/test`), 202);
    await waitFor(() => got.length === 2, { what: 'the second' });
    assert.throws(() => new Webhook(rotated.secret).verify(got[1].body, got[1].headers));
    const [row] = sql(`SELECT HEX(secret_sealed) AS sealed FROM webhook WHERE id = '${hook.id.slice(4)}'`);
    const plain = Buffer.from(hook.secret.slice(6), 'base64').toString('hex').toUpperCase();
    assert.equal(row.sealed.includes(plain), false);
});

test('what was not taken is sent again, as the same event, and can be replayed', async (t) => {
    const { test: api } = newTenant();
    const { got, url } = await receiver(t, (n) => (n === 1 ? 302 : 200));
    const hook = await makeHook(api, url);
    const { id } = succeeds(await api.post(`/webhooks/${hook.id}/test`), 202);
    const find = async (state) => (await deliveries(api, hook)).find((d) => d.id === id && d.status === state);
    const failed = await waitFor(async () => (await find('pending'))?.attempts === 1 && find('pending'),
        { what: 'the first try' });
    assert.equal(failed.http_status, 302); // a redirect is no place to go to
    failsWith(await api.post(`/webhooks/${hook.id}/deliveries/${id}/replay`), 409, 'invalid_state');
    sql(`UPDATE job SET run_ms = 0, locked_until_ms = 0 WHERE ref_id = '${id.slice(4)}'`);
    const done = await waitFor(() => find('delivered'), { what: 'the second try' });
    assert.equal(done.attempts, 2);
    succeeds(await api.post(`/webhooks/${hook.id}/deliveries/${id}/replay`), 202);
    await waitFor(() => got.length === 3, { what: 'the replay' });
    assert.equal(new Set(got.map((x) => x.headers['webhook-id'])).size, 1);
    assert.equal(new Set(got.map((x) => x.body)).size, 1);
    failsWith(await api.post(`/webhooks/${hook.id}/deliveries/dlv_0000000000000001/replay`), 404, 'not_found');
});

test('who is gone, or takes nothing for a day, is not sent to any more, and the others hear of it', async (t) => {
    const { test: api } = newTenant();
    const gone = await receiver(t, () => 410);
    const deaf = await receiver(t, () => 500);
    const other = await receiver(t);
    const hooks = [await makeHook(api, gone.url), await makeHook(api, deaf.url, { events: ['job.failed'] })];
    await makeHook(api, other.url, { events: ['webhook.disabled'] });
    succeeds(await api.post(`/webhooks/${hooks[0].id}/test`), 202);
    const { id } = succeeds(await api.post(`/webhooks/${hooks[1].id}/test`), 202);
    await waitFor(() => deaf.got.length === 1, { what: 'the first try' });
    await waitFor(async () => (await deliveries(api, hooks[1]))[0].attempts === 1, { what: 'its result' });
    sql(`UPDATE webhook_delivery SET attempts = 9 WHERE id = '${id.slice(4)}'`);
    sql(`UPDATE job SET run_ms = 0, locked_until_ms = 0 WHERE ref_id = '${id.slice(4)}'`);
    for (const hook of hooks) {
        const disabled = await waitFor(async () => {
            const now = succeeds(await api.get(`/webhooks/${hook.id}`));
            return !now.enabled && now;
        }, { what: 'the webhook to be disabled' });
        assert.ok(disabled.disabled_reason);
        failsWith(await api.post(`/webhooks/${hook.id}/test`), 409, 'invalid_state');
    }
    await waitFor(() => other.got.length === 2, { what: 'the notices' });
    assert.deepEqual(types(other.got), ['webhook.disabled', 'webhook.disabled']);
    const again = succeeds(await api.put(`/webhooks/${hooks[0].id}`, { enabled: true }));
    assert.equal(again.disabled_reason, null);
});

test('live events go to https and to the public internet only', async () => {
    const { live } = newTenant();
    failsWith(await live.post('/webhooks', { url: 'http://example.com/hook' }), 400, 'invalid_request', 'url');
    const hook = await makeHook(live, 'https://127.0.0.1:1/hook');
    succeeds(await live.post(`/webhooks/${hook.id}/test`), 202);
    const tried = await waitFor(async () => {
        const [delivery] = await deliveries(live, hook);
        return delivery.attempts === 1 && delivery;
    }, { what: 'the try' });
    assert.equal(tried.status, 'pending');
    assert.equal(tried.http_status, null);
    assert.match(tried.last_error, /public|private/i);
});

test('webhooks are made, changed, listed and deleted, by their tenant alone', async () => {
    const { test: api } = newTenant();
    const { test: stranger } = newTenant();
    const hook = await makeHook(api, 'https://example.com/a', { description: 'First' });
    assert.deepEqual(hook.events, []);
    await makeHook(api, 'https://example.com/b');
    const changed = succeeds(await api.put(`/webhooks/${hook.id}`, { events: ['job.failed'], enabled: false }));
    assert.deepEqual(changed.events, ['job.failed']);
    assert.equal(changed.description, 'First');
    assert.equal(changed.enabled, false);
    await walk(api, '/webhooks', 1);
    await refusesBadPages(api, '/webhooks', hook.id);
    failsWith(await api.post('/webhooks', { url: 'ftp://example.com' }), 400, 'invalid_request', 'url');
    failsWith(await api.post('/webhooks', { url: 'https://example.com', events: ['x'] }), 400, 'invalid_request', 'events[0]');
    failsWith(await stranger.get(`/webhooks/${hook.id}`), 404, 'not_found');
    failsWith(await stranger.del(`/webhooks/${hook.id}`), 404, 'not_found');
    failsWith(await stranger.get(`/webhooks/${hook.id}/deliveries`), 404, 'not_found');
    succeeds(await api.del(`/webhooks/${hook.id}`), 204);
    failsWith(await api.del(`/webhooks/${hook.id}`), 404, 'not_found');
    for (let i = 1; i < 20; i++) await makeHook(api, `https://example.com/${i}`);
    failsWith(await api.post('/webhooks', { url: 'https://example.com/much' }), 422, 'validation_failed');
});
