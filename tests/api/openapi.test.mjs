// The OpenAPI document: it is complete, others can read it, and what it shows works. That the answers
// are as it says is checked wherever the tests get one (harness/schema.mjs).
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
    newKey, newTenant, newUser, origin, run, sandboxToken, sandboxUrl, send, signIn, sql, succeeds, waitFor,
} from '../harness/client.mjs';
import { listContent, makeMission, setClock } from '../harness/missions.mjs';
import { routes } from '../harness/routes.mjs';
import { conforms, document, operations, resolve } from '../harness/schema.mjs';

const tests = join(dirname(fileURLToPath(import.meta.url)), '..');
const json = (holder) => holder?.content?.['application/json'];

test('the command prints what is served, whatever the version in the path', async () => {
    const printed = run(['openapi']);
    assert.equal(printed.status, 0, printed.stderr);
    for (const root of ['/api/v1', '/v1']) {
        const answer = await send('GET', `${origin}${root}/openapi.json`);
        succeeds(answer);
        assert.equal(`${answer.text}\n`, printed.stdout);
    }
    assert.equal((await send('HEAD', `${origin}/v1/openapi.json`)).text, '');
    assert.deepEqual(document().servers.map((s) => s.url), [`${origin}/api/v1`, `${origin}/v1`]);
});

test('it can be printed where there is neither a configuration nor a database', () => {
    const printed = run(['openapi'], { env: { AMP_CONFIG: '/nonexistent/amp.conf' } });
    assert.equal(printed.status, 0, printed.stderr);
    assert.deepEqual(JSON.parse(printed.stdout).servers.map((s) => s.url), ['/api/v1', '/v1']);
});

test('a strict linter has nothing to say about it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'amp-openapi-'));
    const file = join(directory, 'openapi.json');
    writeFileSync(file, JSON.stringify(document()));
    const linter = join(tests, 'node_modules/@redocly/cli/bin/cli.js');
    const lint = [linter, 'lint', file, '--config', join(tests, 'redocly.yaml')];
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    try {
        await promisify(execFile)(process.execPath, lint, { cwd: directory, timeout: 60000, env });
    } catch (e) {
        assert.fail(`${e.stdout}${e.stderr}`);
    } finally {
        rmSync(directory, { recursive: true });
    }
});

// "/missions/{mission_id}" as "/missions/:msn", as the table has it.
function pattern({ path, operation }) {
    return path.replace(/\{(\w+)\}/g, (_, name) => {
        const { schema } = operation.parameters.map(resolve).find((p) => p.in === 'path' && p.name === name);
        return schema.pattern.replace(/^\^(\w{3})_.*/, ':$1');
    });
}

test('it has every route with its scope, and no other', () => {
    const line = (method, path, scope) => `${method} ${path} ${scope ?? 'any'}`;
    const closed = operations().filter(({ operation }) => operation.security.length > 0);
    const open = operations().filter(({ operation }) => operation.security.length === 0);
    assert.deepEqual(closed.map((o) => line(o.method, pattern(o), o.operation['x-required-scope'])).sort(),
        routes.map((r) => line(r.method, r.path, r.scope)).sort());
    assert.deepEqual(open.map((o) => line(o.method, o.path)).sort(),
        ['GET /health any', 'GET /openapi.json any', 'GET /ready any', 'POST /auth/login any', 'POST /auth/refresh any',
            'POST /invitations/accept any']);
    for (const { operation } of closed)
        assert.deepEqual(operation.security, [{ bearer: [operation['x-required-scope']].filter(Boolean) }]);
});

test('operations have distinct names that say what they do', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
    for (const name of ['createMission', 'listMissions', 'getMission', 'updateMission', 'deleteMission',
        'pauseMission', 'listContent', 'getContentPreview', 'approveContent', 'createAuthKey', 'publish',
        'schedulePublish', 'cancelPublish', 'setTestClock', 'whoami'])
        assert.ok(names.includes(name), name);
});

test('every operation says how it ends, well or not', () => {
    for (const { path, method, operation, versioned } of operations()) {
        const where = `${method} ${path}`;
        const statuses = Object.keys(operation.responses).map(Number);
        const wanted = [400, 500, 503, ...operation.security.length ? [401, 403, 429] : [],
            ...path.includes('{') ? [404] : [], ...operation.requestBody ? [413, 415, 422] : []];
        assert.deepEqual(wanted.filter((s) => !statuses.includes(s)), [], where);
        assert.ok(statuses.some((s) => s >= 200 && s < 300), where);
        for (const status of statuses) {
            const response = resolve(operation.responses[status]);
            const isFile = Boolean(response.content?.['text/csv']);
            assert.equal(Boolean(json(response)?.schema.$ref), !isFile && ![204, 304].includes(status),
                `${where} ${status}`);
            assert.ok(response.headers['X-Request-ID'], `${where} ${status}`);
            if (status === 201) assert.ok(response.headers.Location, where);
            if (status === 401) assert.ok(response.headers['WWW-Authenticate'], where);
            if (status === 429 || status === 503) assert.ok(response.headers['Retry-After'], where);
        }
        assert.ok(operation.parameters.every((p) => resolve(p).description), where);
        assert.ok(versioned || ['/health', '/ready'].includes(path), where);
    }
});

// All schemas within a schema, with where they are.
function* within(schema, where) {
    yield [schema, where];
    for (const [name, property] of Object.entries(schema.properties ?? {})) yield* within(property, `${where}.${name}`);
    for (const part of schema.anyOf ?? []) yield* within(part, where);
    if (schema.items) yield* within(schema.items, `${where}[]`);
    if (typeof schema.additionalProperties === 'object') yield* within(schema.additionalProperties, `${where}.*`);
}

test('nothing in its schemas is without a type, and no object takes what it does not name', () => {
    for (const [name, top] of Object.entries(document().components.schemas)) {
        assert.equal(top.additionalProperties, false, name);
        for (const [schema, where] of within(top, name)) {
            assert.ok(schema.type || schema.$ref || schema.anyOf, where);
            const isFree = schema.type === 'object' && schema.additionalProperties === true;
            assert.ok(!isFree || name === 'openapi_document', where);
        }
        for (const property of Object.values(top.properties))
            assert.ok(property.description || name.endsWith('_list'), name);
    }
});

test('every example in it is one of what it is an example of', () => {
    for (const { method, path, operation } of operations()) {
        for (const holder of [operation.requestBody, ...Object.values(operation.responses).map(resolve)]) {
            const content = json(holder);
            const examples = Object.values(content?.examples ?? {}).map((e) => e.value);
            for (const example of content?.example ? [content.example, ...examples] : examples)
                conforms(example, content.schema, `${method} ${path}`);
        }
    }
});

// --- Its examples, replayed ---

const eve = '2030-01-15T06:00:00Z'; // of the time that the examples speak of

// A mission with these numbers of contents, which wait for a review.
async function reviewedMission(api, count) {
    const mission = await makeMission(api, { constraints: { require_approval: true } });
    const find = async () => {
        const { data } = await listContent(api, { mission_id: mission.id, status: 'pending_review' });
        return data.length >= count && data;
    };
    return { mission, content: await waitFor(find, { what: 'content to review' }) };
}

// A delivery that has failed.
// Until no worker has it in hand, nor will soon.
const rests = (condition) => waitFor(
    () => sql(`SELECT id FROM job WHERE lease = 0 AND ${condition}`).length > 0, { what: `a job that rests: ${condition}` });

async function lostDelivery(api, hook) {
    const { id } = succeeds(await api.post(`/webhooks/${hook.id}/test`), 202);
    await rests(`ref_id = '${id.slice(4)}' AND locked_until_ms > 0`);
    sql(`UPDATE webhook_delivery SET state = 3 WHERE id = '${id.slice(4)}'`);
    return id;
}

// What has to be there, and be in the right state, before an example may be sent.
async function setting({ test: api, live, tenant }) {
    const { mission, content } = await reviewedMission(api, 7);
    const ids = content.map(({ id }) => id);
    const approved = async (id) => succeeds(await api.post(`/content/${id}/approve`));
    const cancelled = async (id) => (await approved(id)) && succeeds(await api.del(`/publish/${id}`));
    await approved(ids[2]);
    await cancelled(ids[3]);
    const brand = succeeds(await api.post('/brand-contexts', { name: 'Acme' }), 201);
    const about = (content_id) => ({ content_id });
    const hook = succeeds(await api.post('/webhooks', { url: 'https://example.com/hook' }), 201);
    const { pipeline_job_id } = await makeMission(api);
    await rests(`id = '${pipeline_job_id.slice(4)}' AND run_ms > created_ms`);
    sql(`UPDATE job SET state = 3 WHERE id = '${pipeline_job_id.slice(4)}'`);
    return {
        updateMission: { path: { mission_id: mission.id } },
        runMission: { path: { mission_id: mission.id } },
        updateBrandContext: { path: { brand_context_id: brand.id } },
        pauseMission: { path: { mission_id: mission.id } },
        resumeMission: { path: { mission_id: mission.id } },
        updateWebhook: { path: { webhook_id: hook.id } },
        testWebhook: { path: { webhook_id: hook.id } },
        rotateWebhookSecret: { path: { webhook_id: hook.id } },
        replayWebhookDelivery: { path: { webhook_id: hook.id, delivery_id: await lostDelivery(api, hook) } },
        retryJob: { path: { job_id: pipeline_job_id } },
        approveContent: { path: about(ids[0]) },
        rejectContent: { path: about(ids[1]) },
        updateContent: { path: about(ids[4]) },
        regenerateContent: { path: about(ids[5]) },
        bulkApproveContent: { body: { ids: [ids[4]] } },
        archiveContent: { path: about(ids[6]) },
        bulkRejectContent: { body: { ids: [ids[4]] } },
        publish: { body: about(ids[2]) },
        schedulePublish: { body: about(ids[3]) },
        rotateKey: { path: { key_id: newKey(tenant.id, 'test').id } },
        updateMember: { as: live, path: { user_id: newUser(tenant.id, 'viewer').id } },
        updateTenant: { as: live },
        createInvitation: { as: live },
        acceptInvitation: { body: { token: await invitationToken(live) } },
        connectMetricool: { body: { token: sandboxToken, blog_id: await sandboxBrand() } },
    };
}

async function invitationToken(live) {
    const email = `${randomUUID()}@example.com`;
    return succeeds(await live.post('/tenant/invitations', { email, role: 'viewer' }), 201).token;
}

async function sandboxBrand() {
    const url = `${sandboxUrl}/api/v2/settings/brands`;
    const { data } = await (await fetch(url, { headers: { 'X-Mc-Auth': sandboxToken } })).json();
    return String(data[0].id);
}

test('every request that it shows works', async () => {
    const made = newTenant();
    await setClock(made.test, eve);
    const user = newUser(made.tenant.id);
    const { email, password } = user;
    const { refresh_token } = await signIn(user);
    const settings = {
        ...await setting(made),
        login: { body: { email, password, tenant_id: made.tenant.id } },
        refreshToken: { body: { refresh_token } },
        logout: { as: (await signIn(user)).api },
        changePassword: { as: (await signIn(user)).api, body: { current_password: password } },
    };
    for (const { path, method, operation } of operations()) {
        const example = json(operation.requestBody)?.example;
        const given = settings[operation.operationId] ?? {};
        if (!example) continue;
        const filled = path.replace(/\{(\w+)\}/g, (_, name) => given.path[name]);
        const answer = await (given.as ?? made.test).call(method, filled, { ...example, ...given.body });
        assert.ok(answer.status < 300, `${operation.operationId}: ${answer.text}`);
    }
});
