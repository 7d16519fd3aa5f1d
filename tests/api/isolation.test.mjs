// Two tenants in two modes, with the same data: each sees its own and nothing else, on every route,
// with every id of the others. That no route is left out is openapi.test.mjs's to see.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { api as client, failsWith, newKey, newTenant, newUser, signIn, sql, succeeds, waitFor } from '../harness/client.mjs';
import { makeMission } from '../harness/missions.mjs';
import { fill, includes, nobodysIds, roleReaches, roles, routes, scopes } from '../harness/routes.mjs';

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

// A delivery of a webhook, as it is kept when it has come to an end.
function keptDelivery(tenant, mode, { id: hook }) {
    const id = `${hook.slice(4, 11)}${randomUUID().replace(/-/g, '').slice(0, 9)}`;
    sql(`INSERT INTO webhook_delivery (tenant_id, livemode, id, webhook_id, event_id, event, payload, state, kept_from_ms,
        created_ms, updated_ms) VALUES ('${tenant.slice(4)}', ${mode === 'live' ? 1 : 0}, '${id}', '${hook.slice(4)}',
        '${id}', 1, '{}', 3, ${Date.now()}, ${Date.now()}, ${Date.now()})`);
    return `dlv_${id}`;
}

async function corner(name, made, mode, people, admin) {
    const api = made[mode];
    const { mission, content } = await restingMission(api, `Mission of ${name}`);
    const key = succeeds(await api.post('/auth/keys', { name: `Key of ${name}`, scopes: ['admin'] }), 201);
    const brand = succeeds(await api.post('/brand-contexts', { name: `Brand of ${name}` }), 201);
    const hook = { url: mode === 'live' ? 'https://example.com/hook' : 'http://127.0.0.1:9/hook', enabled: false };
    const webhook = succeeds(await api.post('/webhooks', hook), 201);
    return {
        name, mode, api, tenant: made.tenant.id,
        askers: [api, (await signIn(admin, { mode })).api], // a key and a token
        marks: [mission.id, content[0].id, mission.name],
        ids: { msn: mission.id, cnt: content[0].id, key: key.id, job: mission.pipeline_job_id, brc: brand.id, whk: webhook.id,
            dlv: keptDelivery(made.tenant.id, mode, webhook), ...people },
    };
}

async function corners() {
    const all = [];
    for (const name of ['one', 'two']) {
        const made = newTenant();
        const invited = await made.live.post('/tenant/invitations', { email: `${randomUUID()}@example.com`, role: 'viewer' });
        const admin = newUser(made.tenant.id, 'admin');
        const people = { usr: newUser(made.tenant.id, 'viewer').id, inv: succeeds(invited, 201).id };
        for (const mode of ['live', 'test'])
            all.push(await corner(`${name} in ${mode}`, made, mode, people, admin));
    }
    return all;
}

// May this one reach that one's object of a kind?
function reaches(one, other, kind) {
    if (one.tenant !== other.tenant) return false;
    return shared.includes(kind) || (kind === 'key' && one.mode === 'live');
}

const kindsOf = ({ path, body }) => `${path}${JSON.stringify(body ?? '')}`.match(/(?<=[/"]:)[a-z]{3}\b/g) ?? [];

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
    const questions = routes.flatMap((route) => kindsOf(route).map((kind) => ({ route, kind })));
    for (const { route, kind } of questions) {
        assert.ok(all[0].ids[kind], `${route.path}: corners have no ${kind} yet`);
        for (const [one, asker] of all.flatMap((c) => c.askers.map((api) => [c, api]))) {
            // An answer about several objects repeats the id that it was asked about. Other ids are the asker's own.
            const ask = async (id) => {
                const ids = { ...one.ids, [kind]: id };
                return said(await asker.call(route.method, fill(route.path, ids), fill(route.body, ids), sameId))
                    .replaceAll(id, nobodysIds[kind]);
            };
            const missing = await ask(nobodysIds[kind]);
            for (const other of all.filter((c) => c !== one && !reaches(one, c, kind))) {
                assert.equal(await ask(other.ids[kind]), missing,
                    `${one.name} asked ${route.method} ${route.path} with the ${kind} of ${other.name}`);
                asked++;
            }
        }
    }
    assert.ok(asked > 300, `${asked} questions`);
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

test('every route answers who is signed in with a role that it is for, in both modes, in their own tenant only', async () => {
    const corners = [newTenant(), newTenant()];
    for (const [i, { tenant }] of corners.entries()) {
        const elsewhere = { 'X-Tenant-ID': corners[1 - i].tenant.id };
        for (const role of Object.keys(roles)) {
            const user = newUser(tenant.id, role);
            for (const mode of ['live', 'test']) {
                const { api } = await signIn(user, { mode });
                for (const route of routes.filter((r) => r.path !== '/auth/logout')) { // which ends this
                    const ask = (headers) => api.call(route.method, fill(route.path, nobodysIds), route.body && { unknown: 1 }, headers);
                    const answer = await ask({});
                    const where = `${role} in ${mode}: ${route.method} ${route.path}: ${answer.status}`;
                    const scoped = answer.headers.get('www-authenticate');
                    if (!roleReaches(role, route)) {
                        failsWith(answer, 403, 'forbidden', null);
                        assert.equal(scoped, `Bearer realm="amp", error="insufficient_scope", scope="${route.scope}"`, where);
                    } else if ((route.mode ?? mode) !== mode || (mode === 'live' && route.path === '/test/clock')) {
                        failsWith(answer, 403, 'forbidden', null);
                        assert.equal(scoped, null, where);
                    } else {
                        assert.ok(answer.status !== 403 && answer.status < 500, where);
                    }
                    failsWith(await ask(elsewhere), 403, 'forbidden', 'X-Tenant-ID');
                }
                succeeds(await api.post('/auth/logout'));
            }
        }
    }
});
