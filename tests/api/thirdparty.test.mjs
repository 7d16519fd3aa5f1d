// Third parties feel at home: client libraries that know nothing of AMP work unchanged. They are the
// official one of Stripe, whose lists and retries AMP keeps to, and ky, a client for JSON.
//
// Stripe sends forms on its v1 paths (JSON on /v2 only); AMP takes JSON, so a resource names the
// library's own hook for the form of a body, as the one for files does. Nothing else is adapted.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import test from 'node:test';
import ky from 'ky';
import Stripe from 'stripe';
import { newKey, newTenant, origin } from '../harness/client.mjs';
import { makeMission, writtenMission } from '../harness/missions.mjs';

const draft = { name: 'From elsewhere', objectives: ['Feel at home'], platforms: ['twitter'], status: 'draft' };

function asJson(method, data, headers, done) {
    if (method !== 'POST') return done(null, '');
    headers['Content-Type'] = 'application/json';
    done(null, JSON.stringify(data));
}

class Resource extends Stripe.StripeResource {
    requestDataProcessor = asJson;

    constructor(stripe, at) {
        super(stripe);
        this.at = at;
    }
    create(params, options) {
        return this._makeRequest('POST', this.at, params, options);
    }
    retrieve(id) {
        return this._makeRequest('GET', `${this.at}/${id}`);
    }
    list(params) {
        return this._makeRequest('GET', this.at, params, undefined, { methodType: 'list' });
    }
}

function stripeAt(address, key, settings) {
    const { protocol, hostname, port } = new URL(address);
    return new Stripe(key, { protocol: protocol.slice(0, -1), host: hostname, port, telemetry: false, ...settings });
}

// A proxy that loses the first answer: the API has done its work, the client never hears of it.
async function lossyProxy(t) {
    const seen = [];
    const { hostname, port } = new URL(origin);
    const proxy = http.createServer((request, response) => {
        const onward = { hostname, port, path: request.url, method: request.method, headers: request.headers };
        const forward = http.request(onward, (answer) => {
            seen.push({ sent: request.headers, status: answer.statusCode, headers: answer.headers });
            if (seen.length === 1) {
                answer.resume().on('end', () => response.destroy());
            } else {
                response.writeHead(answer.statusCode, answer.headers);
                answer.pipe(response);
            }
        });
        forward.on('error', () => response.destroy());
        request.pipe(forward);
    });
    t.after(() => {
        proxy.close();
        proxy.closeAllConnections();
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    return { url: `http://127.0.0.1:${proxy.address().port}`, seen };
}

// The two answers that the proxy saw: the lost one, and the same once more.
function sameKeyTwice(seen, key) {
    assert.deepEqual(seen.map((one) => one.status), [201, 201]);
    assert.deepEqual(seen.map((one) => one.sent['idempotency-key']), [key, key]);
    assert.deepEqual(seen.map((one) => one.headers['idempotent-replayed']), [undefined, 'true']);
}

async function onlyMission(api, id) {
    const { body } = await api.get('/missions');
    assert.deepEqual([body.total, body.data.map((mission) => mission.id)], [1, [id]]);
}

async function all(items) {
    const ids = [];
    for await (const item of items) ids.push(item.id);
    return ids;
}

test('stripe_walks_every_list_in_both_directions', async () => {
    const { tenant, test: api, keys } = newTenant();
    const stripe = stripeAt(origin, keys.test.key);
    await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    for (let i = 0; i < 7; i++) {
        await makeMission(api, draft);
        newKey(tenant.id, 'test');
    }
    for (const path of ['/missions', '/content', '/auth/keys']) {
        const list = (await api.get(`${path}?limit=100`)).body;
        const ids = list.data.map((item) => item.id);
        const resource = new Resource(stripe, `/v1${path}`);
        assert.ok(ids.length > 6 && ids.length === list.total, path);
        assert.deepEqual(await all(resource.list({ limit: 3 })), ids, path);
        assert.deepEqual(await all(resource.list({ limit: 3, starting_after: ids[1] })), ids.slice(2), path);
        // Backwards the library hands out the items nearest to the cursor first.
        const newer = ids.slice(0, -1).reverse();
        assert.deepEqual(await all(resource.list({ limit: 3, ending_before: ids.at(-1) })), newer, path);
        const five = await resource.list({ limit: 2 }).autoPagingToArray({ limit: 5 });
        assert.deepEqual(five.map((item) => item.id), ids.slice(0, 5), path);
    }
});

test('stripe_creates_and_reads_with_its_own_hook_for_bodies', async () => {
    const { test: api, keys } = newTenant();
    const missions = new Resource(stripeAt(origin, keys.test.key), '/v1/missions');
    const made = await missions.create(draft);
    assert.equal(made.lastResponse.statusCode, 201);
    assert.deepEqual(await missions.retrieve(made.id), made);
    await onlyMission(api, made.id);
});

test('stripe_makes_its_own_errors_of_ours', async () => {
    const { keys } = newTenant();
    const stripe = stripeAt(origin, keys.test.key);
    const missions = new Resource(stripe, '/v1/missions');
    const { StripeAPIError, StripeAuthenticationError, StripeInvalidRequestError, StripePermissionError,
        StripeRateLimitError } = Stripe.errors;
    async function fails(request, kind, statusCode, code, param = null) {
        await assert.rejects(request, (error) => {
            assert.ok(error instanceof kind, error.type);
            assert.deepEqual([error.statusCode, error.code, error.param], [statusCode, code, param]);
            assert.ok(error.message.length > 0 && error.doc_url.endsWith(`#${code}`));
            return true;
        });
    }
    await fails(missions.create({ ...draft, name: 5 }), StripeInvalidRequestError, 400, 'invalid_request', 'name');
    await fails(missions.list({ limit: 101 }), StripeInvalidRequestError, 400, 'invalid_request', 'limit');
    await fails(missions.retrieve('msn_0000000000000001'), StripeInvalidRequestError, 404, 'not_found');
    await fails(stripe.rawRequest('POST', '/v1/missions', draft), StripeAPIError, 415, 'unsupported_media_type');

    const unknown = stripeAt(origin, `amp_test_${'0'.repeat(32)}`);
    await fails(unknown.rawRequest('GET', '/v1/missions'), StripeAuthenticationError, 401, 'unauthorized');
    const { tenant } = newTenant({ rateLimit: 1 });
    const reader = stripeAt(origin, newKey(tenant.id, 'test', { scopes: ['missions:read'] }).key);
    await fails(reader.rawRequest('GET', '/v1/content'), StripePermissionError, 403, 'forbidden');
    await fails(reader.rawRequest('GET', '/v1/missions'), StripeRateLimitError, 429, 'rate_limit_exceeded');
});

test('a_lost_answer_that_stripe_asks_for_again_makes_one_mission', async (t) => {
    const { test: api, keys } = newTenant();
    const { url, seen } = await lossyProxy(t);
    const missions = new Resource(stripeAt(url, keys.test.key, { maxNetworkRetries: 2 }), '/v1/missions');
    const made = await missions.create(draft);
    assert.match(seen[0].sent['idempotency-key'], /^stripe-node-retry-/);
    sameKeyTwice(seen, seen[0].sent['idempotency-key']);
    await onlyMission(api, made.id);
});

test('stripe_callers_who_share_a_key_share_the_mission', async () => {
    const { test: api, keys } = newTenant();
    const missions = new Resource(stripeAt(origin, keys.test.key, { maxNetworkRetries: 5 }), '/v1/missions');
    const callers = Array.from({ length: 6 }, () => missions.create(draft, { idempotencyKey: 'shared' }));
    const ids = new Set((await Promise.all(callers)).map((mission) => mission.id));
    assert.equal(ids.size, 1);
    await onlyMission(api, [...ids][0]);
});

// The fetch() of Node 18 never ends the body of a request that is sent once more.
const fetchRepeats = Number(process.versions.node.split('.')[0]) >= 20;

test('a_lost_answer_that_ky_asks_for_again_makes_one_mission', { skip: !fetchRepeats }, async (t) => {
    const { test: api, keys } = newTenant();
    const { url, seen } = await lossyProxy(t);
    const client = ky.create({
        prefixUrl: `${url}/v1`,
        headers: { Authorization: `Bearer ${keys.test.key}`, 'Idempotency-Key': 'order-4711' },
        retry: { limit: 2, methods: ['post'], delay: () => 0 },
    });
    const made = await client.post('missions', { json: draft }).json();
    sameKeyTwice(seen, 'order-4711');
    await onlyMission(api, made.id);
});
