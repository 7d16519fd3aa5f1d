// Two tenants in two modes, with the same data: each sees its own and nothing else, on every route,
// with every id of the others. That no route is left out is openapi.test.mjs's to see.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { api as client, failsWith, newKey, newTenant, newUser, succeeds, waitFor } from '../harness/client.mjs';
import { makeMission } from '../harness/missions.mjs';
import { fill, includes, nobodysIds, routes, scopes } from '../harness/routes.mjs';

const sameId = { 'X-Request-ID': 'the-same' }; // so that equal answers are equal to the byte

// What both modes of a tenant share; a live key reaches test keys, too.
const shared = ['usr', 'inv'];

// A mission with a text that waits for a review, paused, so that nothing moves but what tests do.
async function restingMission(api, name) {
    const made = await makeMission(api, { name, constraints: { require_approval: true } });
    const written = async () => succeeds(await api.get(`/content?mission_id=${made.id}`)).data;
    await waitFor(async () => (await written()).length > 0, { what: `texts of ${name}` });
    const mission = succeeds(await api.post(`/missions/${made.id}/pause`));
    return { mission, content: await written() };
}

async function corner(name, made, mode, people) {
    const api = made[mode];
    const { mission, content } = await restingMission(api, `Mission of ${name}`);
    const key = succeeds(await api.post('/auth/keys', { name: `Key of ${name}`, scopes: ['admin'] }), 201);
    const brand = succeeds(await api.post('/brand-contexts', { name: `Brand of ${name}` }), 201);
    const hook = { url: mode === 'live' ? 'https://example.com/hook' : 'http://127.0.0.1:9/hook', enabled: false };
    const webhook = succeeds(await api.post('/webhooks', hook), 201);
    return {
        name, mode, api, tenant: made.tenant.id,
        marks: [mission.id, content[0].id, mission.name],
        ids: { msn: mission.id, cnt: content[0].id, key: key.id, job: mission.pipeline_job_id, brc: brand.id, whk: webhook.id, dlv: nobodysIds.dlv, ...people },
    };
}

async function corners() {
    const all = [];
    for (const name of ['one', 'two']) {
        const made = newTenant();
        const invited = await made.live.post('/tenant/invitations', { email: `${randomUUID()}@example.com`, role: 'viewer' });
        newUser(made.tenant.id, 'admin');
        const people = { usr: newUser(made.tenant.id, 'viewer').id, inv: succeeds(invited, 201).id };
        for (const mode of ['live', 'test'])
            all.push(await corner(`${name} in ${mode}`, made, mode, people));
    }
    return all;
}

// May this one reach that one's object of a kind?
function reaches(one, other, kind) {
    if (one.tenant !== other.tenant) return false;
    return shared.includes(kind) || (kind === 'key' && one.mode === 'live');
}

const kindOf = ({ path, body }) => `${path}${JSON.stringify(body ?? '')}`.match(/(?<=[/"]:)[a-z]{3}\b/)?.[0];

// All that an answer says, but how many requests are left.
const said = ({ status, headers, text }) =>
    JSON.stringify([status, [...headers].filter(([name]) => !/^(x-ratelimit|date|server)/.test(name)), text]);

const whole = new Map(); // what a corner has: its lists, byte for byte
async function everythingOf({ api, ids }) {
    const texts = [];
    for (const path of ['/missions', '/content', '/auth/keys', '/tenant', '/tenant/members', '/tenant/invitations',
        `/missions/${ids.msn}`, `/content/${ids.cnt}`, `/jobs/${ids.job}`, '/publish/queue'])
        texts.push(succeeds(await api.get(path)) && (await api.get(path, sameId)).text.replace(/"last_used_at":("[^"]*"|null)/g, ''));
    return texts;
}

test('no id of another tenant, or of the other mode, opens anything on any route', async () => {
    const all = await corners();
    for (const c of all) whole.set(c.name, await everythingOf(c));
    let asked = 0;
    for (const route of routes) {
        const kind = kindOf(route);
        if (!kind) continue;
        assert.ok(all[0].ids[kind], `${route.path}: corners have no ${kind} yet`);
        for (const one of all) {
            // An answer about several objects repeats the id that it was asked about.
            const ask = async (ids) =>
                said(await one.api.call(route.method, fill(route.path, ids), fill(route.body, ids), sameId))
                    .replaceAll(ids[kind], nobodysIds[kind]);
            const missing = await ask(nobodysIds);
            for (const other of all.filter((c) => c !== one && !reaches(one, c, kind))) {
                assert.equal(await ask(other.ids), missing,
                    `${one.name} asked ${route.method} ${route.path} with the ${kind} of ${other.name}`);
                asked++;
            }
        }
    }
    assert.ok(asked > 150, `${asked} questions`);
    for (const c of all) assert.deepEqual(await everythingOf(c), whole.get(c.name), `nothing has happened to ${c.name}`);

    // Lists and sums of each corner do not mention the others, and foreign cursors and filters find nothing of them.
    for (const route of routes.filter((r) => r.method === 'GET' && !r.path.includes(':'))) {
        for (const one of all) {
            const { status, text } = await one.api.get(route.path);
            if (route.mode && route.mode !== one.mode) continue;
            if (route.path === '/audit') continue; // it names what its own people have asked for, as they did above
            for (const other of all.filter((c) => c !== one)) {
                for (const mark of other.marks)
                    assert.ok(!text.includes(mark), `${route.path} of ${one.name} (${status}) tells of ${other.name}`);
                if (one.tenant === other.tenant) continue;
                for (const id of Object.values(other.ids))
                    assert.ok(!text.includes(id), `${route.path} of ${one.name} tells of ${id} of ${other.name}`);
            }
        }
    }
    for (const one of all) {
        for (const other of all.filter((c) => c !== one)) {
            const filtered = succeeds(await one.api.get(`/content?mission_id=${other.ids.msn}`));
            assert.deepEqual([filtered.data, filtered.total], [[], 0]);
            const unknown = succeeds(await one.api.get(`/audit?object=${other.ids.msn}`));
            assert.deepEqual([unknown.data, unknown.total], [[], 0]);
            for (const way of ['starting_after', 'ending_before']) {
                for (const [path, id] of [['/missions', other.ids.msn], ['/content', other.ids.cnt]]) {
                    const { text } = await one.api.get(`${path}?${way}=${id}`);
                    assert.ok(!text.includes(id), `${path}?${way} of ${one.name}`);
                }
            }
        }
    }
});

test('what a key was answered under an idempotency key nobody else is', async () => {
    const one = newTenant();
    const two = newTenant();
    const body = { name: 'Mine', objectives: ['O'], platforms: ['twitter'], status: 'draft' };
    const once = { 'Idempotency-Key': 'the-same-for-all' };
    const ids = [];
    const other = client(newKey(one.tenant.id, 'test').key);
    for (const api of [one.test, one.live, two.test, two.live, other]) {
        const answer = await api.post('/missions', body, once);
        ids.push(succeeds(answer, 201).id);
        assert.equal(answer.headers.get('idempotent-replayed'), null);
    }
    assert.equal(new Set(ids).size, 5);
});

test('every route answers those whose scope includes its own, and nobody else', async () => {
    const { tenant } = newTenant();
    for (const scope of scopes) {
        const keys = Object.fromEntries(['live', 'test'].map((mode) =>
            [mode, client(newKey(tenant.id, mode, { scopes: [scope] }).key)]));
        for (const route of routes.filter((r) => !r.session)) {
            const api = keys[route.mode ?? 'test'];
            const answer = await api.call(route.method, fill(route.path, nobodysIds), route.body && { unknown: 1 });
            const where = `${scope}: ${route.method} ${route.path}: ${answer.status}`;
            if (includes(scope, route.scope)) {
                assert.ok(answer.status !== 403 && answer.status < 500, where);
                continue;
            }
            failsWith(answer, 403, 'forbidden', null);
            assert.equal(
                answer.headers.get('www-authenticate'),
                `Bearer realm="amp", error="insufficient_scope", scope="${route.scope}"`,
                where,
            );
        }
    }
});
