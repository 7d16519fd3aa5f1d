// The database goes away and comes back. Runs when nothing else does.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api, failsWith, newTenant, run, sandboxToken, send, sql, stack, succeeds, waitFor } from '../../harness/client.mjs';

const SOON_MS = 5000;

// What requests without a meaning of their own are made of.
const ids = {
    mission_id: 'msn_0000000000000001',
    content_id: 'cnt_0000000000000001',
    key_id: 'key_0000000000000001',
    job_id: 'job_0000000000000001',
    brand_context_id: 'brc_0000000000000001',
    webhook_id: 'whk_0000000000000001',
    delivery_id: 'dlv_0000000000000001',
    user_id: 'usr_0000000000000001',
    invitation_id: 'inv_0000000000000001',
};
const bodies = {
    'POST /webhooks': { url: 'https://example.com/hook' },
    'PUT /webhooks/{webhook_id}': { description: 'Lost' },
    'POST /webhooks/{webhook_id}/rotate-secret': {},
    'POST /missions': { name: 'Lost', objectives: ['None'], platforms: ['twitter'] },
    'PUT /missions/{mission_id}': { name: 'Lost' },
    'POST /brand-contexts': { name: 'Lost' },
    'PUT /brand-contexts/{brand_context_id}': { name: 'Lost' },
    'POST /content/{content_id}/reject': { reason: 'Lost' },
    'PUT /content/{content_id}': { visuals: [] },
    'POST /content/bulk/approve': { ids: [ids.content_id] },
    'POST /content/bulk/reject': { ids: [ids.content_id], reason: 'Lost' },
    'POST /publish': { content_id: ids.content_id },
    'POST /publish/schedule': { content_id: ids.content_id, scheduled_for: '2040-01-01T00:00:00Z' },
    'POST /connect/metricool': { token: sandboxToken, blog_id: '1' },
    'POST /test/clock': { advance_seconds: 60 },
    'POST /auth/login': { email: 'lost@example.com', password: 'Lost in outage' },
    'POST /auth/refresh': { refresh_token: `amp_refresh_${'0'.repeat(65)}` },
    'PUT /tenant': { name: 'Lost' },
    'PUT /tenant/members/{user_id}': { role: 'viewer' },
    'POST /tenant/invitations': { email: 'lost@example.com', role: 'viewer' },
    'POST /invitations/accept': { token: 'inv_lost', password: 'lost for good' },
    'PUT /auth/password': { current_password: 'Lost in outage', new_password: 'Found in outage' },
    'POST /auth/keys': { name: 'Lost', scopes: ['missions:read'] },
};
const withoutDatabase = ['/health', '/ready', '/auth/password', // a key has none
     '/auth/whoami', '/openapi.json'];

// Every route that asks the database: [method, path, body].
async function everyRoute() {
    const { paths } = succeeds(await api().get('/openapi.json'));
    return Object.entries(paths).filter(([path]) => !withoutDatabase.includes(path)).flatMap(([path, item]) =>
        ['get', 'post', 'put', 'patch', 'delete'].filter((method) => item[method]).map((lower) => {
            const method = lower.toUpperCase();
            return [method, path.replace(/{(.+?)}/g, (_, name) => ids[name]), bodies[`${method} ${path}`]];
        }));
}

const saysUnavailable = (answer) => {
    failsWith(answer, 503, 'service_unavailable');
    assert.match(answer.headers.get('retry-after'), /^[1-9][0-9]*$/);
};

async function within(ms, what, promise) {
    const start = Date.now();
    const value = await promise;
    assert.ok(Date.now() - start < ms, `${what} took ${Date.now() - start} ms`);
    return value;
}

const pids = () => stack('for i in lighttpd worker1 worker2; do stack_pid $i; done;'
    + ' cat "/proc/$(stack_pid lighttpd)/task/$(stack_pid lighttpd)/children"');

const isReady = async () => (await send('GET', '/ready')).status === 200;

const draft = (name) => ({ name, objectives: ['Stay'], platforms: ['twitter'], status: 'draft' });

test('without its database AMP says so on every route, and serves again as soon as it is back', async () => {
    const { live, test: client } = newTenant();
    const stranger = api(`amp_test_${'0'.repeat(32)}`);
    const before = pids();
    const routes = await everyRoute();
    assert.ok(routes.length > 20);
    succeeds(await client.get('/missions')); // an answer that may be remembered
    stack('stack_end mariadb 60');
    try {
        for (const [method, path, body] of routes) { // the key is still remembered, and then it is not
            const one = path.startsWith('/tenant') ? live : client; // a test key may not change it
            const answer = await within(SOON_MS, path, one.call(method, path, body));
            saysUnavailable(answer);
            saysUnavailable(await within(SOON_MS, path, stranger.call(method, path, body)));
        }
        saysUnavailable(await within(SOON_MS, '/ready', send('GET', '/ready')));
        succeeds(await send('GET', '/health'));
        failsWith(await api().get('/missions'), 401, 'unauthorized');
        failsWith(await client.get('/nothing'), 404, 'not_found');
    } finally {
        stack('stack_database_start');
    }
    await waitFor(isReady, { timeout: SOON_MS, what: 'readiness' });
    succeeds(await client.get('/missions'));
    assert.equal(pids(), before);
});

test('a database that dies under load costs nothing that was promised, and nobody a 500', async () => {
    const { test: client } = newTenant();
    const promised = [];
    let refused = 0, stopped = false;
    const load = async (worker) => {
        for (let i = 0; !stopped; i++) {
            const answer = await within(SOON_MS, 'a request', client.post('/missions', draft(`${worker}-${i}`)));
            if (answer.status === 201) {
                promised.push(answer.body.id);
                continue;
            }
            saysUnavailable(answer);
            refused++;
        }
    };
    const loads = [0, 1, 2, 3].map(load);
    await waitFor(() => promised.length > 20, { what: 'requests' });
    stack('kill -9 "$(stack_pid mariadb)" && stack_wait 10 stack_gone "$(cut -d " " -f 1 "$STACK_OUT/mariadb.pid")"');
    try {
        await waitFor(() => refused > 20, { what: 'refusals' });
    } finally {
        stack('stack_database_start');
    }
    const soFar = promised.length;
    await waitFor(() => promised.length > soFar + 20, { timeout: SOON_MS, what: 'service' });
    stopped = true;
    await Promise.all(loads);
    const kept = new Set(sql('SELECT id FROM mission').map((row) => `msn_${row.id}`));
    assert.deepEqual(promised.filter((id) => !kept.has(id)), []);
});

test('a worker waits for the database and goes on with what it has to do', async () => {
    const { test: client } = newTenant();
    const before = pids();
    const missions = [];
    for (let i = 0; i < 4; i++)
        missions.push(succeeds(await client.post('/missions', {
            name: `Waiting ${i}`, objectives: ['Stay'], platforms: ['twitter', 'linkedin'],
        }), 201));
    stack('stack_end mariadb 60');
    const once = run(['work', '--once']);
    stack('stack_database_start');
    assert.equal(once.status, 1);
    assert.match(once.stderr, /database/);
    for (const { id } of missions)
        await waitFor(async () => (await client.get(`/content?mission_id=${id}`)).body.data?.length > 0,
            { what: 'texts' });
    assert.equal(pids(), before);
    assert.equal(run(['work', '--once']).status, 0);
});
