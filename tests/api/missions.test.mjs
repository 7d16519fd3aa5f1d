// Missions: stated, listed, changed, paused, deleted.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, onceStaysWithin, staysWithin, succeeds, waitFor } from '../harness/client.mjs';
import {
    approvedContent,
    later,
    listContent,
    makeMission,
    monday,
    refusesBadPages,
    setClock,
    smallest,
    waitForContent,
    waitForStatus,
    walk,
    writtenMission,
} from '../harness/missions.mjs';

const keys = [
    'id',
    'name',
    'description',
    'status',
    'status_reason',
    'objectives',
    'platforms',
    'constraints',
    'kpis',
    'brand_context_id',
    'duration_days',
    'starts_at',
    'ends_at',
    'pipeline_job_id',
    'livemode',
    'created_at',
    'updated_at',
];
const defaults = {
    tone: null,
    cadence: 'daily',
    posts_per_day: 1,
    posting_times: ['09:00'],
    timezone: 'UTC',
    require_approval: false,
    auto_approve_threshold: null,
    auto_approve_after_hours: null,
    min_approvals: 1,
    use_optimal_times: false,
    earliest_time: null,
    latest_time: null,
    exclude_days: [],
    budget_cents: null,
    excluded_topics: [],
    language: 'en',
};
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const nowhere = 'msn_0000000000000001';

const full = () => ({
    name: 'Q1 Developer Outreach',
    description: 'Win developers for our API.',
    objectives: ['Increase brand awareness among developers', 'Drive sign-ups'],
    platforms: ['twitter', 'linkedin'],
    constraints: {
        tone: 'professional yet approachable',
        cadence: 'daily',
        posts_per_day: 2,
        posting_times: ['09:00', '14:00'],
        timezone: 'America/New_York',
        require_approval: false,
        auto_approve_threshold: null,
        auto_approve_after_hours: null,
        min_approvals: 1,
        use_optimal_times: false,
        earliest_time: null,
        latest_time: null,
        exclude_days: [],
        budget_cents: 100000,
        excluded_topics: ['pricing'],
        language: 'en',
    },
    kpis: [{ metric: 'engagement_rate', target: 4.0, platform: 'all' }],
    brand_context_id: null,
    duration_days: 90,
    starts_at: later(monday(), -6 * 3600),
    ends_at: later(monday(90), 18 * 3600 - 1),
});

const { test: api, live } = newTenant();
const draft = (wishes) => makeMission(api, { status: 'draft', ...wishes });
const refuses = async (body, param, code = 'invalid_request', status = 400) =>
    failsWith(await api.post('/missions', body), status, code, param);

test('the smallest body makes an active mission with all documented defaults', async () => {
    const answer = await live.post('/missions', smallest);
    const mission = succeeds(answer, 201);
    assert.deepEqual(Object.keys(mission), keys);
    assert.match(mission.id, /^msn_[0-9A-Za-z]{16}$/);
    assert.match(mission.pipeline_job_id, /^job_[0-9A-Za-z]{16}$/);
    for (const name of ['starts_at', 'ends_at', 'created_at', 'updated_at'])
        assert.match(mission[name], time);
    assert.deepEqual(mission, {
        ...mission,
        ...smallest,
        description: null,
        status: 'active',
        status_reason: null,
        constraints: defaults,
        kpis: [],
        brand_context_id: null,
        duration_days: 30,
        livemode: true,
        updated_at: mission.created_at,
        starts_at: mission.created_at,
    });
    assert.equal(mission.ends_at.slice(10), 'T23:59:59Z');
    assert.equal(
        (Date.parse(mission.ends_at.slice(0, 10)) - Date.parse(mission.starts_at.slice(0, 10))) / 86400000,
        30,
    );
    assert.equal(answer.headers.get('location'), `/api/v1/missions/${mission.id}`);
    succeeds(await live.del(`/missions/${mission.id}`), 204);
});

test('the full example is taken as it is and returned as it was sent', async () => {
    const body = full();
    const mission = succeeds(await api.post('/missions', body), 201);
    assert.deepEqual(mission, { ...mission, ...body });
    assert.deepEqual(Object.keys(mission), keys);
    assert.equal(mission.livemode, false);
    assert.deepEqual(Object.keys(mission.constraints), Object.keys(defaults));
    succeeds(await api.del(`/missions/${mission.id}`), 204);
});

test('a draft starts no pipeline', async () => {
    const mission = await draft();
    assert.equal(mission.status, 'draft');
    assert.equal(mission.pipeline_job_id, null);
});

test('times with an offset are kept as UTC in whole seconds', async () => {
    const mission = await draft({
        starts_at: '2030-02-28T23:30:00.75-02:00',
        ends_at: '2030-03-31T23:59:59.999Z',
    });
    assert.deepEqual([mission.starts_at, mission.ends_at], ['2030-03-01T01:30:00Z', '2030-03-31T23:59:59Z']);
});

test('texts come back byte for byte and are counted in code points', async () => {
    const name = '  Ünïcödé \u{1F680} "quoted" \\ </script>  ';
    assert.equal((await draft({ name })).name, name);
    assert.equal((await draft({ name: '\u{1F680}'.repeat(200) })).name.length, 400);
    await refuses({ ...smallest, name: '\u{1F680}'.repeat(201) }, 'name');
});

test('what contradicts itself, is missing, unknown, of the wrong type or out of range is named', async () => {
    const with_ = (wishes) => ({ ...smallest, ...wishes });
    const constraints = (wishes) => with_({ constraints: wishes });
    const cases = [
        [{}, /^(name|objectives|platforms)$/],
        [{ ...smallest, name: undefined }, 'name'],
        [{ ...smallest, objectives: undefined }, 'objectives'],
        [{ ...smallest, platforms: undefined }, 'platforms'],
        [with_({ name: '' }), 'name'],
        [with_({ name: ' \t' }), 'name'],
        [with_({ name: 5 }), 'name'],
        [with_({ name: null }), 'name'],
        [with_({ name: 'x'.repeat(201) }), 'name'],
        [with_({ description: 'x'.repeat(5001) }), 'description'],
        [with_({ objectives: [] }), 'objectives'],
        [with_({ objectives: 'x' }), 'objectives'],
        [
            with_({
                objectives: Array(11)
                    .fill(0)
                    .map((_, i) => `o${i}`),
            }),
            'objectives',
        ],
        [with_({ objectives: ['fine', ''] }), 'objectives[1]'],
        [with_({ objectives: ['x'.repeat(501)] }), 'objectives[0]'],
        [with_({ objectives: [7] }), 'objectives[0]'],
        [with_({ platforms: [] }), 'platforms'],
        [with_({ platforms: ['twitter', 'myspace'] }), 'platforms[1]'],
        [with_({ platforms: ['Twitter'] }), 'platforms[0]'],
        [with_({ platforms: ['twitter', 'twitter'] }), 'platforms[1]'],
        [with_({ status: 'paused' }), 'status'],
        [with_({ status: 'lost' }), 'status'],
        [with_({ duration_days: 0 }), 'duration_days'],
        [with_({ duration_days: '30' }), 'duration_days'],
        [with_({ duration_days: 1.5 }), 'duration_days'],
        [with_({ duration_days: 1e30 }), 'duration_days'],
        [with_({ starts_at: '2030-01-01' }), 'starts_at'],
        [with_({ starts_at: '2030-01-01T00:00:00' }), 'starts_at'],
        [with_({ starts_at: '2030-02-30T00:00:00Z' }), 'starts_at'],
        [with_({ starts_at: 1893456000 }), 'starts_at'],
        [with_({ starts_at: '2031-01-01T00:00:00Z', ends_at: '2030-01-01T00:00:00Z' }), 'ends_at'],
        [
            with_({ starts_at: '2030-01-01T00:00:00Z', ends_at: '2030-03-01T00:00:00Z', duration_days: 7 }),
            'duration_days',
        ],
        [with_({ kpis: [{ metric: 'karma', target: 1 }] }), 'kpis[0].metric'],
        [with_({ kpis: [{ metric: 'impressions' }] }), 'kpis[0].target'],
        [with_({ kpis: [{ metric: 'impressions', target: -1 }] }), 'kpis[0].target'],
        [with_({ kpis: [{ metric: 'impressions', target: 1, platform: 'x' }] }), 'kpis[0].platform'],
        [with_({ brand_context_id: 'brc_1' }), 'brand_context_id'],
        [with_({ brand_context_id: 'msn_0000000000000001' }), 'brand_context_id'],
        [with_({ constraints: null }), 'constraints'],
        [with_({ constraints: [] }), 'constraints'],
        [constraints({ cadence: 'yearly' }), 'constraints.cadence'],
        [constraints({ posts_per_day: 0 }), 'constraints.posts_per_day'],
        [constraints({ posts_per_day: 25 }), 'constraints.posts_per_day'],
        [constraints({ posts_per_day: 1, posting_times: ['09:00', '10:00'] }), 'constraints.posting_times'],
        [constraints({ posting_times: ['9:00'] }), 'constraints.posting_times[0]'],
        [constraints({ posting_times: ['09:00', '24:00'] }), 'constraints.posting_times[1]'],
        [constraints({ posting_times: ['09:00', '09:00'] }), 'constraints.posting_times[1]'],
        [constraints({ timezone: 'Mars/Base' }), 'constraints.timezone'],
        [constraints({ timezone: '../../etc/passwd' }), 'constraints.timezone'],
        [constraints({ require_approval: 1 }), 'constraints.require_approval'],
        [constraints({ auto_approve_threshold: 1.01 }), 'constraints.auto_approve_threshold'],
        [constraints({ auto_approve_after_hours: 0 }), 'constraints.auto_approve_after_hours'],
        [constraints({ min_approvals: 0 }), 'constraints.min_approvals'],
        [constraints({ earliest_time: '18:00', latest_time: '09:00' }), 'constraints.latest_time'],
        [constraints({ exclude_days: ['someday'] }), 'constraints.exclude_days[0]'],
        [
            constraints({
                exclude_days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
            }),
            'constraints.exclude_days',
        ],
        [constraints({ budget_cents: -1 }), 'constraints.budget_cents'],
        [constraints({ budget_cents: 0.5 }), 'constraints.budget_cents'],
        [constraints({ excluded_topics: [''] }), 'constraints.excluded_topics[0]'],
        [constraints({ language: 'e' }), 'constraints.language'],
        [constraints({ mood: 'good' }), 'constraints.mood'],
        [with_({ nmae: 'typo' }), 'nmae'],
        [with_({ id: nowhere }), 'id'],
        [with_({ tenant_id: 'x' }), 'tenant_id'],
        [with_({ livemode: true }), 'livemode'],
        [with_({ created_at: '2024-01-01T00:00:00Z' }), 'created_at'],
        [with_({ pipeline_job_id: null }), 'pipeline_job_id'],
        [with_({ status_reason: 'x' }), 'status_reason'],
    ];
    const before = succeeds(await api.get('/missions')).total;
    for (const [body, param] of cases) {
        const error = await refuses(body);
        if (param instanceof RegExp) assert.match(error.param, param);
        else assert.equal(error.param, param, JSON.stringify(body));
    }
    assert.equal(succeeds(await api.get('/missions')).total, before);
});

test('what only stored data and the clock can tell is 422', async () => {
    await refuses(
        { ...smallest, brand_context_id: 'brc_0000000000000001' },
        'brand_context_id',
        'validation_failed',
        422,
    );
    await refuses(
        { ...smallest, starts_at: '2020-01-01T00:00:00Z', duration_days: 7 },
        'ends_at',
        'validation_failed',
        422,
    );
});

test('a mission is read at the cost of one query', async () => {
    const { id } = await draft();
    succeeds(await api.get(`/missions/${id}`)); // the key is known from now on
    await staysWithin(await api.get(`/missions/${id}`), { queries: 2 });
});

// A transaction's begin and end, the row, its count and the audit log are five. A mission that starts has
// a job, and somebody may want to hear of it; an answer that is kept is looked for first.
test('a mission is stated, changed, paused and resumed with few statements', async () => {
    const { test: own } = newTenant();
    const state = (status, headers) => own.post('/missions', { ...smallest, status }, headers);
    const once = (i) => ({ 'Idempotency-Key': `once-${i}` });
    const { id } = succeeds(await state('active'), 201);
    const sets = [['twitter', 'instagram'], ['twitter']];
    await onceStaysWithin({ queries: 5 }, () => state('draft'));
    await onceStaysWithin({ queries: 7 }, () => state('active'));
    await onceStaysWithin({ queries: 7 }, (i) => state('draft', once(i)));
    await onceStaysWithin({ queries: 5 }, (i) => own.put(`/missions/${id}`, { name: `Name ${i}` }));
    const { id: idle } = succeeds(await state('draft'), 201);
    await onceStaysWithin({ queries: 11 }, (i) => own.put(`/missions/${idle}`, { platforms: sets[i % 2] }));
    const pause = async () => {
        succeeds(await own.post(`/missions/${id}/resume`, {}));
        return own.post(`/missions/${id}/pause`, {});
    };
    const resume = async () => {
        succeeds(await own.post(`/missions/${id}/pause`, {}));
        return own.post(`/missions/${id}/resume`, {});
    };
    succeeds(await own.post(`/missions/${id}/pause`, {}));
    await onceStaysWithin({ queries: 6 }, pause);
    succeeds(await own.post(`/missions/${id}/resume`, {}));
    await onceStaysWithin({ queries: 9 }, resume);
});

test('the list filters, counts exactly and walks in both directions', async () => {
    const { test: own } = newTenant();
    const empty = await own.get('/missions');
    assert.equal(empty.text, '{"data":[],"has_more":false,"total":0}');
    const made = [];
    for (let i = 0; i < 7; i++) {
        const platforms = i % 2 ? ['linkedin'] : ['twitter', 'linkedin'];
        made.push(await makeMission(own, { name: `M${i}`, platforms, status: i < 5 ? 'draft' : 'active' }));
    }
    const seen = await walk(own, '/missions', 3);
    assert.deepEqual(
        seen.map((m) => m.id),
        made
            .map((m) => m.id)
            .sort()
            .reverse(),
    );
    assert.equal((await walk(own, '/missions?status=draft', 2)).length, 5);
    assert.equal((await walk(own, '/missions?platform=twitter', 2)).length, 4);
    assert.equal((await walk(own, '/missions?status=active&platform=twitter', 1)).length, 1);
    assert.equal((await walk(own, '/missions?platform=bluesky', 1)).length, 0);
    const exact = succeeds(await own.get('/missions?limit=7'));
    assert.deepEqual([exact.data.length, exact.has_more, exact.total], [7, false, 7]);
    succeeds(await own.del(`/missions/${seen[3].id}`), 204);
    const rest = succeeds(await own.get(`/missions?starting_after=${seen[3].id}`)); // only a position
    assert.deepEqual(
        rest.data.map((m) => m.id),
        seen.slice(4).map((m) => m.id),
    );
    assert.equal(rest.total, 6);
    assert.deepEqual(rest.data[0], succeeds(await own.get(`/missions/${rest.data[0].id}`)));
    const past = succeeds(await own.get(`/missions?starting_after=${nowhere}`));
    assert.deepEqual([past.data, past.has_more, past.total], [[], false, 6]);
});

test('bad filters and pages are refused by name', async () => {
    const { id } = await draft();
    await refusesBadPages(api, '/missions', id);
    for (const [query, param] of [
        ['status=lost', 'status'],
        ['status=', 'status'],
        ['status=draft&status=draft', 'status'],
        ['status=draft,active', 'status'],
        ['platform=x', 'platform'],
        ['name=M', 'name'],
        ['status[]=draft', 'status[]'],
    ])
        failsWith(await api.get(`/missions?${query}`), 400, 'invalid_request', param);
    failsWith(await api.get(`/missions/${id}?verbose=1`), 400, 'invalid_request', 'verbose');
});

test('PUT changes what it names and leaves the rest', async () => {
    const mission = await draft({ description: 'Old', constraints: { tone: 'dry', posts_per_day: 3 } });
    const put = async (body) => succeeds(await api.put(`/missions/${mission.id}`, body));
    let changed = await put({ name: 'New' });
    assert.deepEqual(changed, { ...mission, name: 'New', updated_at: changed.updated_at });
    assert.deepEqual(await put({}), changed, 'an empty object is no change');
    assert.equal((await put({ description: null })).description, null);
    changed = await put({ constraints: { cadence: 'weekly' } });
    assert.deepEqual(changed.constraints, { ...defaults, cadence: 'weekly' }, 'objects are replaced whole');
    assert.deepEqual((await put({ platforms: ['bluesky'] })).platforms, ['bluesky']);
    changed = await put({ duration_days: 10 });
    assert.equal(changed.duration_days, 10);
    assert.equal(
        (Date.parse(changed.ends_at) + 1000 - Date.parse(changed.starts_at.slice(0, 10))) / 86400000,
        11,
    );
    assert.deepEqual(succeeds(await api.get(`/missions/${mission.id}`)), changed);
});

test('what GET answered may be edited and sent back', async () => {
    const mission = succeeds(await api.post('/missions', { ...full(), status: 'draft' }), 201);
    const got = succeeds(await api.get(`/missions/${mission.id}`));
    const edited = { ...got, name: 'Edited', kpis: [{ metric: 'impressions', target: 10 }] };
    const put = succeeds(await api.put(`/missions/${mission.id}`, edited));
    assert.deepEqual(put, {
        ...edited,
        kpis: [{ metric: 'impressions', target: 10, platform: 'all' }],
        updated_at: put.updated_at,
    });
});

test('PUT refuses what is read-only unless it says what is so', async () => {
    const mission = await draft();
    const others = {
        id: nowhere,
        livemode: true,
        created_at: '2024-01-01T00:00:00Z',
        status: 'active',
        status_reason: 'because',
        pipeline_job_id: 'job_0000000000000001',
    };
    for (const [name, value] of Object.entries(others)) {
        failsWith(
            await api.put(`/missions/${mission.id}`, { name: 'X', [name]: value }),
            400,
            'invalid_request',
            name,
        );
        succeeds(await api.put(`/missions/${mission.id}`, { [name]: mission[name] }));
    }
    succeeds(await api.put(`/missions/${mission.id}`, { updated_at: '1999-01-01T00:00:00Z' }));
    for (const [body, param] of [
        [{ name: null }, 'name'],
        [{ name: '' }, 'name'],
        [{ platforms: [] }, 'platforms'],
        [{ objectives: null }, 'objectives'],
        [{ kpis: null }, 'kpis'],
        [{ starts_at: null }, 'starts_at'],
        [{ nmae: 'x' }, 'nmae'],
        [{ constraints: { timezone: 'X' } }, 'constraints.timezone'],
        [{ ends_at: later(mission.starts_at, -1) }, 'ends_at'],
        [{ tenant_id: null }, 'tenant_id'],
    ])
        failsWith(await api.put(`/missions/${mission.id}`, body), 400, 'invalid_request', param);
    failsWith(await api.put(`/missions/${mission.id}`, ''), 400, 'invalid_json');
    assert.equal(succeeds(await api.get(`/missions/${mission.id}`)).name, mission.name);
});

test('what does not exist is not found, whatever is asked of it', async () => {
    for (const id of [
        nowhere,
        'msn_2xK9mPqR4vN8sT3',
        'cnt_0000000000000001',
        'msn_000000000000000!',
        'MSN_0000000000000001',
    ]) {
        failsWith(await api.get(`/missions/${id}`), 404, 'not_found');
        failsWith(await api.put(`/missions/${id}`, { name: 'X' }), 404, 'not_found');
        failsWith(await api.del(`/missions/${id}`), 404, 'not_found');
        failsWith(await api.post(`/missions/${id}/pause`), 404, 'not_found');
        failsWith(await api.post(`/missions/${id}/resume`), 404, 'not_found');
    }
});

test('draft, active and paused lead only to where they may', async () => {
    const mission = await draft();
    const move = (verb) => api.post(`/missions/${mission.id}/${verb}`);
    failsWith(await move('pause'), 409, 'invalid_state');
    const active = succeeds(await move('resume'));
    assert.equal(active.status, 'active');
    assert.match(active.pipeline_job_id, /^job_/);
    failsWith(await move('resume'), 409, 'invalid_state');
    const paused = succeeds(await move('pause'));
    assert.deepEqual([paused.status, paused.status_reason], ['paused', null]);
    failsWith(await move('pause'), 409, 'invalid_state');
    assert.deepEqual(succeeds(await api.get(`/missions/${mission.id}`)), paused);
    assert.equal(succeeds(await move('resume')).status, 'active');
    failsWith(await api.post(`/missions/${mission.id}/pause`, { now: true }), 400, 'invalid_request', 'now');
    succeeds(await api.post(`/missions/${mission.id}/pause`, {}));
});

test('of ten that pause at once one does', async () => {
    const { id } = await makeMission(api);
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.post(`/missions/${id}/pause`)));
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(9).fill(409)]);
    succeeds(await api.del(`/missions/${id}`), 204);
});

test('a deleted mission is gone, its unpublished content cancelled, its published content kept', async () => {
    const { test: own } = newTenant();
    const { mission, content } = await writtenMission(own);
    succeeds(await own.post('/publish', { content_id: content[0].id }));
    succeeds(await own.del(`/missions/${mission.id}`), 204);
    failsWith(await own.del(`/missions/${mission.id}`), 404, 'not_found');
    failsWith(await own.get(`/missions/${mission.id}`), 404, 'not_found');
    failsWith(await own.put(`/missions/${mission.id}`, { name: 'X' }), 404, 'not_found');
    failsWith(await own.post(`/missions/${mission.id}/resume`), 404, 'not_found');
    assert.equal(succeeds(await own.get('/missions')).total, 0);
    const left = await listContent(own, { mission_id: mission.id });
    assert.equal(left.total, 7);
    const states = left.data.map((c) => c.status).sort();
    assert.deepEqual(states, [...Array(6).fill('archived'), 'published']);
    for (const c of left.data.filter((x) => x.status === 'archived'))
        assert.equal(c.scheduling.scheduled_for, null);
    failsWith(await own.post('/publish', { content_id: content[1].id }), 409, 'invalid_state');
    assert.equal((await listContent(own, { status: 'scheduled' })).total, 0);
});

test('a change of platforms, times or dates plans anew what is not published', async () => {
    const { test: own } = newTenant();
    const { mission, content } = await writtenMission(own, { starts_at: later(monday(), 0.25) });
    succeeds(await own.post('/publish', { content_id: content[0].id }));
    const put = async (body) => succeeds(await own.put(`/missions/${mission.id}`, body));
    await put({ ...succeeds(await own.get(`/missions/${mission.id}`)), name: 'Another name' });
    assert.equal((await listContent(own, { mission_id: mission.id, status: 'scheduled' })).total, 6);
    await put({ platforms: ['linkedin', 'bluesky'], constraints: { posting_times: ['18:30'] } });
    const anew = await waitForContent(own, mission, 14, { status: 'scheduled' });
    for (const c of anew) {
        assert.match(c.scheduling.scheduled_for, /T18:30:00Z$/);
        assert.notEqual(c.platform, 'twitter');
    }
    assert.equal((await listContent(own, { mission_id: mission.id, status: 'archived' })).total, 6);
    assert.equal((await listContent(own, { mission_id: mission.id, status: 'published' })).total, 1);
    await put({ ends_at: later(monday(2), 18 * 3600 - 1) });
    await waitForContent(own, mission, 6, { status: 'scheduled' });
});

test('a paused mission publishes nothing until it is resumed', async () => {
    const { test: own } = newTenant();
    const { mission, content } = await writtenMission(own);
    succeeds(await own.post(`/missions/${mission.id}/pause`));
    failsWith(await own.post('/publish', { content_id: content[6].id }), 409, 'invalid_state');
    await setClock(own, later(monday(1), 3600)); // Tuesday, seven: Monday's was due
    const marker = await makeMission(own, { name: 'Marker' }); // once it is written, the worker has passed by
    await waitForContent(own, marker, 7);
    assert.equal((await listContent(own, { mission_id: mission.id, status: 'published' })).total, 0);
    succeeds(await own.post(`/missions/${mission.id}/resume`));
    await setClock(own, later(monday(1), 4 * 3600));
    await waitForStatus(own, content[1].id, 'published');
});

test('a mission completes when its time is over, and is final then', async () => {
    const { test: own } = newTenant();
    await setClock(own);
    const mission = await makeMission(own, { duration_days: 2 });
    await waitForContent(own, mission, 3);
    await setClock(own, monday(4));
    const done = await waitFor(
        async () => {
            const m = succeeds(await own.get(`/missions/${mission.id}`));
            return m.status === 'completed' && m;
        },
        { what: 'completion' },
    );
    assert.equal(done.ends_at, mission.ends_at);
    failsWith(await own.post(`/missions/${mission.id}/pause`), 409, 'invalid_state');
    failsWith(await own.post(`/missions/${mission.id}/resume`), 409, 'invalid_state');
    failsWith(await own.put(`/missions/${mission.id}`, { name: 'X' }), 409, 'invalid_state');
    const published = async () =>
        (await listContent(own, { mission_id: mission.id, status: 'published' })).total === 3;
    await waitFor(published, { what: 'its last posts' });
});

test('slots follow the time zone and the days of the mission', async () => {
    const { test: own } = newTenant();
    await setClock(own);
    const mission = await makeMission(own, {
        constraints: {
            timezone: 'Asia/Kolkata',
            posting_times: ['07:45', '21:10'],
            exclude_days: ['saturday', 'sunday'],
        },
    });
    const content = await waitForContent(own, mission, 10);
    const slots = content.map((c) => c.scheduling.scheduled_for);
    assert.deepEqual(slots.slice(0, 3), [
        `${monday().slice(0, 10)}T15:40:00Z`,
        `${monday(1).slice(0, 10)}T02:15:00Z`,
        `${monday(1).slice(0, 10)}T15:40:00Z`,
    ]);
    for (const c of content) assert.equal(c.scheduling.timezone, 'Asia/Kolkata');
});

test('approved content is not lost when its mission is renamed', async () => {
    const { test: own } = newTenant();
    const { mission, content } = await writtenMission(own);
    const kept = await approvedContent(own, content[2].id);
    succeeds(await own.put(`/missions/${mission.id}`, { name: 'Other', kpis: [] }));
    assert.deepEqual((await own.get(`/content/${kept.id}`)).body, kept);
});
