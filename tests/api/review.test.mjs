// Review: changed, given another version, put away, decided on in bulk.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
    api as client,
    failsWith,
    newKey,
    newTenant,
    newUser,
    onceStaysWithin,
    signIn,
    sql,
    succeeds,
} from '../harness/client.mjs';
import {
    getContent,
    later,
    monday,
    sentPosts,
    setClock,
    waitForStatus,
    writtenMission,
} from '../harness/missions.mjs';

const reviewed = { constraints: { require_approval: true } };
const nobodys = 'cnt_0000000000000001';
const change = (api, id, body, headers) => api.put(`/content/${id}`, body, headers);
const words = (c, primary) => ({ ...c.copy, primary, hook: null, thread_parts: [] });
const versions = async (api, id) => succeeds(await api.get(`/content/${id}/versions`));

test('what was got may be sent back, and is no change', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, reviewed);
    assert.deepEqual(succeeds(await change(api, c.id, c)), c);
    assert.deepEqual(succeeds(await change(api, c.id, {})), c);
    for (const [body, param] of [
        [{ status: 'approved' }, 'status'],
        [{ mission_id: 'msn_0000000000000001' }, 'mission_id'],
        [{ metadata: { ...c.metadata, confidence_score: 1 } }, 'metadata'],
        [{ scheduling: { ...c.scheduling, timezone: 'Europe/Madrid' } }, 'scheduling.timezone'],
        [{ copy: { primary: ' ' } }, 'copy.primary'],
        [{ colour: 'red' }, 'colour'],
    ])
        failsWith(await change(api, c.id, body), 400, 'invalid_request', param);
    failsWith(await change(api, nobodys, {}), 404, 'not_found');
    assert.deepEqual(await getContent(api, c.id), c);
});

test('new words are a new version, have to be approved anew, and the old ones stay readable', async () => {
    const {
        test: api,
        keys: { test: key },
        tenant,
    } = newTenant();
    const {
        content: [, c],
    } = await writtenMission(api, reviewed);
    assert.deepEqual((await versions(api, c.id)).data.map((v) => [v.version, v.cause]), [[1, 'written']]);
    succeeds(await api.post(`/content/${c.id}/approve`));
    const copy = words(c, 'Said with awareness, and by hand.');
    const edited = succeeds(await change(api, c.id, { copy }));
    assert.deepEqual(
        [edited.status, edited.version, edited.review.approvals, edited.copy.primary],
        ['pending_review', 2, 0, copy.primary],
    );
    assert.equal(edited.scheduling.scheduled_for, c.scheduling.scheduled_for);
    const list = await versions(api, c.id);
    assert.equal(list.total, 2);
    assert.deepEqual(
        list.data.map((v) => [v.version, v.cause, v.author, v.copy.primary]),
        [
            [2, 'edited', key.id, copy.primary],
            [1, 'written', null, c.copy.primary],
        ],
    );
    const page = succeeds(await api.get(`/content/${c.id}/versions?limit=1`));
    assert.deepEqual([page.has_more, page.data[0].version], [true, 2]);
    const next = succeeds(await api.get(`/content/${c.id}/versions?starting_after=${page.data[0].id}`));
    assert.deepEqual([next.has_more, next.data.length, next.data[0].version], [false, 1, 1]);
    failsWith(await api.get(`/content/${nobodys}/versions`), 404, 'not_found');

    succeeds(await api.post(`/content/${c.id}/approve`));
    await setClock(api, later(c.scheduling.scheduled_for, 60));
    await waitForStatus(api, c.id, 'published');
    assert.ok((await sentPosts(tenant)).some((p) => p.text.startsWith(copy.primary)));
    failsWith(await change(api, c.id, { copy: c.copy }), 409, 'invalid_state');
});

test('where nobody has to approve, a change leaves it scheduled', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    const edited = succeeds(await change(api, c.id, { copy: words(c, 'More awareness, by hand.') }));
    assert.deepEqual([edited.status, edited.version], ['scheduled', 2]);
});

test('another time is no other version', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    const at = (scheduled_for) => change(api, c.id, { scheduling: { scheduled_for } });
    failsWith(await at(monday()), 422, 'validation_failed', 'scheduling.scheduled_for');
    const moved = succeeds(await at(later(monday(), 7200)));
    assert.deepEqual(
        [moved.status, moved.version, moved.scheduling.scheduled_for],
        ['scheduled', 1, later(monday(), 7200)],
    );
    const without = succeeds(await at(null));
    assert.deepEqual([without.status, without.scheduling.scheduled_for], ['approved', null]);
    assert.equal(succeeds(await at(later(monday(), 3600))).status, 'scheduled');
    await setClock(api, later(monday(), 3660));
    const out = await waitForStatus(api, c.id, 'published');
    assert.equal(out.publishing.published_at, later(monday(), 3600));
});

test('a change of what somebody else has changed is refused', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, reviewed);
    const { headers } = await api.get(`/content/${c.id}`);
    const tag = { 'If-Match': headers.get('etag') };
    succeeds(await change(api, c.id, { copy: words(c, 'First awareness.') }, tag));
    failsWith(
        await change(api, c.id, { copy: words(c, 'Second awareness.') }, tag),
        412,
        'precondition_failed',
        'If-Match',
    );
});

test('words that must not be are refused to people too', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, {
        constraints: { require_approval: true, excluded_topics: ['pricing'] },
    });
    const bad = async (text, message) => {
        const refused = await change(api, c.id, { copy: words(c, text) });
        failsWith(refused, 422, 'validation_failed', 'copy');
        assert.match(refused.body.error.message, message);
    };
    await bad('Our Pricing, explained', /"pricing"/);
    await bad('x'.repeat(281), /280/);
    assert.deepEqual(await getContent(api, c.id), c);
});

test('what cannot be written without an excluded topic takes its place without words, and says so', async () => {
    const { test: api } = newTenant();
    const { mission, content } = await writtenMission(api, { constraints: { excluded_topics: ['awareness'] } });
    for (const c of content) {
        assert.deepEqual([c.status, c.copy.primary, c.metadata.confidence_score], ['rejected', '', 0]);
        assert.match(c.review.rejection_reason, /without "awareness"/);
    }
    const preview = succeeds(await api.get(`/content/${content[0].id}/preview`));
    assert.deepEqual([preview.valid, preview.issues[0].code], [false, 'empty_text']);
    const { stages } = succeeds(await api.get(`/missions/${mission.id}/pipeline`));
    assert.deepEqual(stages.find((one) => one.output?.texts).output, { texts: 7, published: 0, rejected: 7 });
    const mended = succeeds(await change(api, content[0].id, { copy: { primary: 'Said by hand.' } }));
    assert.equal(mended.status, 'pending_review');
});

test('the words of the brand, and its links, bind people too', async () => {
    const { test: api } = newTenant();
    const link = 'https://example.com/docs';
    const brand = succeeds(
        await api.post('/brand-contexts', {
            name: 'Acme',
            banned_words: ['cheap'],
            links: [{ url: link, required: true }],
        }),
        201,
    );
    const {
        content: [c],
    } = await writtenMission(api, { ...reviewed, brand_context_id: brand.id });
    const bad = async (text, message) => {
        const refused = await change(api, c.id, { copy: words(c, text) });
        failsWith(refused, 422, 'validation_failed', 'copy');
        assert.match(refused.body.error.message, message);
        const edits = { copy: words(c, text) };
        failsWith(await api.post(`/content/${c.id}/approve`, { edits }), 422, 'validation_failed', 'edits');
    };
    await bad(`Cheap awareness: ${link}`, /"cheap", which the brand never says/);
    await bad('Awareness without a link.', /The link https:\/\/example\.com\/docs is missing/);
    assert.deepEqual(await getContent(api, c.id), c);
    const comment = { ...words(c, 'Awareness, simply put.'), first_comment: link };
    succeeds(await change(api, c.id, { copy: comment }));
    succeeds(await change(api, c.id, { copy: words(c, `Awareness, by hand: ${link}`) }));
});

test('a draft that gets its image goes where it would have gone', async () => {
    const { test: api } = newTenant();
    const visuals = [{ url: 'https://example.com/a.png' }];
    for (const [mission, status] of [
        [{ platforms: ['instagram'] }, 'scheduled'],
        [{ platforms: ['instagram'], ...reviewed }, 'pending_review'],
    ]) {
        const {
            content: [c],
        } = await writtenMission(api, mission);
        assert.equal(c.status, 'draft');
        failsWith(await api.post(`/content/${c.id}/approve`), 422, 'validation_failed');
        const still = succeeds(await change(api, c.id, { copy: words(c, 'Awareness, in words.') }));
        assert.deepEqual([still.status, still.version], ['draft', 2]);
        const whole = succeeds(await change(api, c.id, { visuals }));
        assert.deepEqual([whole.status, whole.version], [status, 3]);
        assert.equal(whole.scheduling.scheduled_for, c.scheduling.scheduled_for);
    }
});

test('rejected words that were mended wait for a review, even where none is asked for', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, reviewed);
    succeeds(await api.post(`/content/${c.id}/reject`, { reason: 'No' }));
    const mended = succeeds(await change(api, c.id, { copy: words(c, 'Awareness, mended.') }));
    assert.deepEqual([mended.status, mended.review.rejection_reason], ['pending_review', null]);
    assert.equal(mended.scheduling.scheduled_for, c.scheduling.scheduled_for);
});

test('what is written anew says why, and nobody brings it out meanwhile', async () => {
    const {
        test: api,
        keys: { test: key },
    } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    const draft = succeeds(await api.post(`/content/${c.id}/regenerate`, { feedback: 'Ask a question' }));
    assert.equal(draft.status, 'draft');
    const fresh = await waitForStatus(api, c.id, 'pending_review');
    assert.equal(fresh.version, 2);
    assert.notEqual(fresh.copy.primary, c.copy.primary);
    const [newest] = (await versions(api, c.id)).data;
    assert.deepEqual(
        [newest.cause, newest.author, newest.reason],
        ['regenerated', key.id, 'Ask a question'],
    );
    succeeds(await api.post(`/content/${c.id}/archive`));
    failsWith(await api.post(`/content/${c.id}/regenerate`), 409, 'invalid_state');
});

test('what is archived is over', async () => {
    const { test: api } = newTenant();
    const {
        content: [c, d],
    } = await writtenMission(api, reviewed);
    assert.equal(succeeds(await api.post(`/content/${c.id}/archive`)).status, 'archived');
    failsWith(await api.post(`/content/${c.id}/archive`), 409, 'invalid_state');
    failsWith(await api.post(`/content/${c.id}/approve`), 409, 'invalid_state');
    failsWith(await change(api, c.id, { copy: d.copy }), 409, 'invalid_state');
    succeeds(await api.post(`/content/${d.id}/approve`));
    failsWith(await api.post(`/content/${d.id}/archive`), 409, 'invalid_state');
    failsWith(await api.post(`/content/${nobodys}/archive`), 404, 'not_found');
});

test('content is approved with few statements', async () => {
    const { test: api } = newTenant();
    const { content } = await writtenMission(api, reviewed);
    const approve = (i) => api.post(`/content/${content[i].id}/approve`);
    await onceStaysWithin({ queries: 9, times: content.length }, approve);
});

test('of many each has its own result, and a repeated request the same', async () => {
    const { test: api } = newTenant();
    const { content } = await writtenMission(api, reviewed);
    const ids = content.map((c) => c.id);
    succeeds(await api.post(`/content/${ids[1]}/approve`));
    const body = { ids: [ids[0], nobodys, ids[1], ids[2]], notes: 'All good' };
    const once = { 'Idempotency-Key': 'bulk-1' };
    const answer = succeeds(await api.post('/content/bulk/approve', body, once));
    assert.deepEqual([answer.succeeded, answer.failed], [2, 2]);
    assert.deepEqual(
        answer.results.map((r) => [r.id, r.ok, r.error?.code]),
        [
            [ids[0], true, undefined],
            [nobodys, false, 'not_found'],
            [ids[1], false, 'invalid_state'],
            [ids[2], true, undefined],
        ],
    );
    for (const id of [ids[0], ids[2]]) assert.equal((await getContent(api, id)).status, 'scheduled');
    assert.equal((await getContent(api, ids[0])).review.notes, 'All good');
    assert.deepEqual(succeeds(await api.post('/content/bulk/approve', body, once)), answer);

    const no = succeeds(
        await api.post('/content/bulk/reject', { ids: [ids[3], ids[0]], reason: 'Too long' }),
    );
    assert.deepEqual(
        no.results.map((r) => r.ok),
        [true, false],
    );
    assert.equal((await getContent(api, ids[3])).review.rejection_reason, 'Too long');
    for (const [bad, param] of [
        [{}, 'ids'],
        [{ ids: [] }, 'ids'],
        [{ ids: [ids[0], ids[0]] }, 'ids[1]'],
        [{ ids: ['msn_0000000000000001'] }, 'ids[0]'],
        [{ ids: Array.from({ length: 101 }, (_, i) => `cnt_${String(i).padStart(16, '0')}`) }, 'ids'],
    ])
        failsWith(await api.post('/content/bulk/approve', bad), 400, 'invalid_request', param);
    failsWith(await api.post('/content/bulk/reject', { ids }), 400, 'invalid_request', 'reason');
});

test('an approver decides, and writes nothing', async () => {
    const { test: api, tenant } = newTenant();
    const { content: [c] } = await writtenMission(api, reviewed);
    const { api: approver } = await signIn(newUser(tenant.id, 'approver'), { mode: 'test' });
    const edits = { copy: words(c, 'Other words') };
    failsWith(await approver.post(`/content/${c.id}/approve`, { edits }), 403, 'forbidden', 'edits');
    const again = { reason: 'Dull', regenerate: true };
    failsWith(await approver.post(`/content/${c.id}/reject`, again), 403, 'forbidden', 'regenerate');
    assert.equal((await getContent(api, c.id)).status, 'pending_review');
    assert.equal(succeeds(await approver.post(`/content/${c.id}/approve`)).status, 'scheduled');
});

test('two keys of one person are one approver', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, { constraints: { require_approval: true, min_approvals: 2 } });
    const user = succeeds(await api.get('/auth/whoami')).user;
    const another = succeeds(await api.post('/auth/keys', { name: 'B', scopes: ['admin'] }), 201);
    succeeds(await api.post(`/content/${c.id}/approve`));
    const second = client(another.key);
    if (user) failsWith(await second.post(`/content/${c.id}/approve`), 409, 'invalid_state');
    const other = client(newKey(tenant.id, 'test', { scopes: ['content:write'] }).key);
    assert.equal(succeeds(await other.post(`/content/${c.id}/approve`)).status, 'scheduled');
});

test('a threshold decides what has to be reviewed', async () => {
    const { test: api } = newTenant();
    for (const [auto_approve_threshold, require_approval, status] of [
        [0, true, 'scheduled'],
        [1, true, 'pending_review'],
        [1, false, 'pending_review'],
    ]) {
        const { content } = await writtenMission(api, {
            constraints: { require_approval, auto_approve_threshold },
        });
        for (const c of content) assert.equal(c.status, status, JSON.stringify(c.metadata));
    }
});

test('what has failed for a deleted mission cannot be brought out any more', async () => {
    const { test: api } = newTenant();
    const {
        mission,
        content: [c],
    } = await writtenMission(api);
    // Being published when its mission was deleted, and failed afterwards.
    sql(`UPDATE content SET status = 6 WHERE id = '${c.id.slice(4)}'`);
    assert.equal((await api.del(`/missions/${mission.id}`)).status, 204);
    sql(`UPDATE content SET status = 8 WHERE id = '${c.id.slice(4)}'`);
    const body = { content_id: c.id, scheduled_for: monday(1) };
    failsWith(await api.post('/publish/schedule', body), 409, 'invalid_state');
    failsWith(await api.post('/publish', { content_id: c.id }), 409, 'invalid_state');
    failsWith(await api.post(`/content/${c.id}/regenerate`), 409, 'invalid_state');
    failsWith(await change(api, c.id, { copy: words(c, 'Anew.') }), 409, 'invalid_state');
});

test('hourly is once an hour', async () => {
    const { test: api } = newTenant();
    const body = (posting_times) => ({
        name: 'M',
        objectives: ['O'],
        platforms: ['twitter'],
        status: 'draft',
        constraints: { cadence: 'hourly', posting_times },
    });
    const twice = await api.post('/missions', body(['09:00', '09:30']));
    failsWith(twice, 400, 'invalid_request', 'constraints.posting_times');
    succeeds(await api.post('/missions', body(['09:30', '10:30'])), 201);
});
