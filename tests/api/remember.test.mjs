// What is answered from memory: unchanged data without a query, changed data never.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTenant, requestLog } from '../harness/client.mjs';

const body = { name: 'Remembered', objectives: ['Drive awareness'], platforms: ['twitter'], status: 'draft' };

test('a_change_shows_on_the_very_next_read_in_every_process', async () => {
    const { test: api } = newTenant();
    const id = (await api.post('/missions', body)).body.id;
    for (let change = 0; change < 25; change++) {
        const name = `Name ${change}`;
        assert.equal((await api.put(`/missions/${id}`, { name })).status, 200);
        // As many at once as there may be processes, each of which remembers for itself.
        const reads = await Promise.all(Array.from({ length: 12 }, () => api.get(`/missions/${id}`)));
        assert.deepEqual(new Set(reads.map((read) => read.body.name)), new Set([name]));
        const list = await api.get('/missions?limit=1');
        assert.equal(list.body.data[0].name, name);
    }
});

// Asks until an answer has cost no query. Each process remembers for itself, and there may be many, of
// which the web server chooses: so many are asked at once, several times.
async function untilRemembered(ask, check = () => {}) {
    const queries = [];
    for (let round = 0; round < 40 && !queries.includes(0); round++) {
        const answers = await Promise.all(Array.from({ length: 16 }, ask));
        answers.forEach(check);
        for (const answer of answers)
            queries.push((await requestLog(answer.headers.get('x-request-id'))).queries);
    }
    assert.ok(queries.includes(0), `queries of the answers: ${queries}`);
}

test('reading_the_same_again_costs_no_query', async () => {
    const { test: api } = newTenant();
    const id = (await api.post('/missions', body)).body.id;
    await untilRemembered(() => api.get(`/missions/${id}`));
});

test('figures_asked_for_again_cost_no_query_and_follow_every_change', async () => {
    const { test: api } = newTenant();
    const id = (await api.post('/missions', { ...body, status: 'active' })).body.id;
    const paths = ['/analytics', `/analytics/missions/${id}`, '/analytics/performance', '/analytics/costs'];
    for (const path of paths) await untilRemembered(() => api.get(path), (got) => assert.equal(got.status, 200));
    assert.equal((await api.get('/analytics')).body.summary.missions_active, 1);
    assert.equal((await api.post(`/missions/${id}/pause`)).status, 200);
    const after = await Promise.all(Array.from({ length: 12 }, () => api.get('/analytics')));
    assert.deepEqual(new Set(after.map((read) => read.body.summary.missions_active)), new Set([0]));
});

test('figures_are_of_the_day_they_are_asked_on', async () => {
    const { test: api } = newTenant();
    assert.equal((await api.post('/test/clock', { now: '2027-03-01T23:59:59.000Z' })).status, 200);
    assert.equal((await api.get('/analytics?period=7d')).body.period.end, '2027-03-01');
    assert.equal((await api.post('/test/clock', { advance_seconds: 1 })).status, 200);
    assert.equal((await api.get('/analytics?period=7d')).body.period.end, '2027-03-02');
});

test('a_replay_asked_for_again_costs_no_query_and_is_the_same', async () => {
    const { test: api } = newTenant();
    const headers = { 'Idempotency-Key': 'once' };
    const first = await api.post('/missions', body, headers);
    await untilRemembered(() => api.post('/missions', body, headers), (again) => {
        assert.deepEqual([again.status, again.text], [201, first.text]);
        assert.equal(again.headers.get('idempotent-replayed'), 'true');
        for (const name of ['location', 'etag']) assert.equal(again.headers.get(name), first.headers.get(name));
    });
    const other = await api.post('/missions', { ...body, name: 'Another' }, headers);
    assert.equal(other.status, 422);
});

test('a_created_and_a_deleted_mission_are_in_the_next_list', async () => {
    const { test: api } = newTenant();
    for (let round = 1; round <= 10; round++) {
        const id = (await api.post('/missions', body)).body.id;
        assert.equal((await api.get('/missions')).body.total, 1);
        assert.equal((await api.del(`/missions/${id}`)).status, 204);
        assert.equal((await api.get('/missions')).body.total, 0);
        assert.equal((await api.get(`/missions/${id}`)).status, 404);
    }
});

test('two_tenants_asking_the_same_get_their_own_answers', async () => {
    const [one, two] = [newTenant(), newTenant()];
    await one.test.post('/missions', body);
    for (let round = 0; round < 10; round++) {
        assert.equal((await one.test.get('/missions')).body.total, 1);
        assert.equal((await two.test.get('/missions')).body.total, 0);
    }
});
