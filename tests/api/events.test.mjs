// Every event that there is, from what provokes it to a receiver that hears of it. The list of them is
// the API's own: one that is new and that nothing here provokes fails the test.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newTenant, origin, sandboxUrl, sql, succeeds, waitFor } from '../harness/client.mjs';
import { later, makeMission, monday, setClock, waitForContent, waitForStatus } from '../harness/missions.mjs';

// A budget is used up by models that cost something, which the stack of these tests has none of.
const provokedElsewhere = ['mission.budget_exhausted']; // llm.test.mjs

async function receiver(t, status = 204) {
    const got = [];
    const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => { body += chunk; });
        request.on('end', () => {
            got.push({ headers: request.headers, body });
            response.writeHead(status).end();
        });
    });
    await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
    t.after(() => server.close());
    return { got, url: `http://127.0.0.1:${server.address().port}/hook` };
}

async function eventTypes() {
    const { components } = await (await fetch(`${origin}/v1/openapi.json`)).json();
    const enums = JSON.stringify(components.schemas).match(/"enum":\[[^\]]*"webhook\.test"[^\]]*\]/g);
    return JSON.parse(`{${enums[0]}}`).enum.filter((x) => x !== null);
}

const own = (tenant) => `tenant_id = '${tenant.id.slice(4)}' AND livemode = 0`;

async function provokeContent(api, tenant, mission) {
    const [good, rude, bad] = await waitForContent(api, mission, 7);
    for (const c of [good, rude]) succeeds(await api.post(`/content/${c.id}/approve`));
    succeeds(await api.post(`/content/${bad.id}/reject`, { reason: 'Too long.' }));
    sql(`UPDATE content SET copy = JSON_SET(copy, '$.primary', 'Fault [sandbox:bad-request]') WHERE ${own(tenant)}
        AND id = '${rude.id.slice(4)}'`);
    for (const c of [good, rude]) await api.post('/publish', { content_id: c.id });
    await waitForStatus(api, good.id, 'published');
    await waitForStatus(api, rude.id, 'failed');
    return { 'content.pending_review': 7, 'content.approved': 2, 'content.scheduled': 2, 'content.rejected': 1,
        'content.published': 1, 'content.failed': 1 };
}

// An account whose token is refused from a moment on, on the tenant's clock.
async function provokeIntegration(api, tenant) {
    const refusedFrom = later(monday(), 1800).replaceAll(/[-:]/g, '');
    const token = `sandbox_until_${refusedFrom}_events_${tenant.id.slice(4)}`;
    const [brand] = (await (await fetch(`${sandboxUrl}/api/v2/settings/brands`, { headers: { 'X-Mc-Auth': token } })).json())
        .data;
    succeeds(await api.del('/connect/metricool'));
    succeeds(await api.post('/connect/metricool', { token, blog_id: String(brand.id) }));
    await setClock(api, later(monday(), 3600));
    await api.get('/connect/metricool/test');
    assert.equal(succeeds(await api.get('/connect/metricool')).status, 'error');
    return { 'integration.connected': 1, 'integration.error': 1 };
}

// One mission is paused, another is at its end, and the job of a third kills whoever takes it up.
async function provokeMissions(api, tenant, paused) {
    const short = await makeMission(api, { name: 'Short', starts_at: monday(), duration_days: 1 });
    const cursed = await makeMission(api, { name: 'Cursed' });
    succeeds(await api.post(`/missions/${paused.id}/pause`));
    await waitForContent(api, cursed, 7);
    await waitFor(() => sql(`SELECT lease FROM job WHERE ${own(tenant)} AND ref_id = '${cursed.id.slice(4)}'`)[0].lease === '0',
        { what: 'the job to rest' });
    sql(`UPDATE job SET abandoned = 20, lease = 1, locked_until_ms = 1, run_ms = 1 WHERE ${own(tenant)}
        AND ref_id = '${cursed.id.slice(4)}'`);
    await setClock(api, monday(2));
    await waitFor(async () => succeeds(await api.get(`/missions/${short.id}`)).status === 'completed',
        { what: 'the end of a mission' });
    await waitFor(async () => succeeds(await api.get(`/jobs/${cursed.pipeline_job_id}`)).status === 'dead',
        { what: 'the end of a job' });
    return { 'mission.started': 3, 'mission.paused': 1, 'mission.completed': 1, 'job.failed': 1 };
}

async function provokeWebhooks(api, t, hook) {
    const gone = await receiver(t, 410);
    const other = succeeds(await api.post('/webhooks', { url: gone.url, events: ['webhook.test'] }), 201);
    succeeds(await api.post(`/webhooks/${hook.id}/test`), 202);
    succeeds(await api.post(`/webhooks/${other.id}/test`), 202);
    return { 'webhook.test': 1, 'webhook.disabled': 1 };
}

test('there is no event that nobody is told of', { timeout: 120000 }, async (t) => {
    const { test: api, tenant } = newTenant();
    const { got, url } = await receiver(t);
    await setClock(api);
    const hook = succeeds(await api.post('/webhooks', { url }), 201);
    const mission = await makeMission(api, { constraints: { require_approval: true } });
    const provoked = {
        ...await provokeContent(api, tenant, mission),
        ...await provokeIntegration(api, tenant),
        ...await provokeMissions(api, tenant, mission),
        ...await provokeWebhooks(api, t, hook),
    };
    assert.deepEqual([...Object.keys(provoked), ...provokedElsewhere].sort(), (await eventTypes()).sort());
    const count = (type) => got.filter(({ body }) => JSON.parse(body).type === type).length;
    for (const [type, times] of Object.entries(provoked))
        await waitFor(() => count(type) >= times, { what: `${times} × ${type}` });
    // once each, but that the other missions' posts are scheduled, too
    for (const [type, times] of Object.entries(provoked))
        if (type !== 'content.scheduled') assert.equal(count(type), times, type);
    const verifier = new Webhook(hook.secret);
    for (const { headers, body } of got) verifier.verify(body, headers);
    const [refused] = got.map(({ body }) => JSON.parse(body)).filter((e) => e.type === 'integration.error');
    assert.match(refused.data.last_error, /connect the account again/);
});
