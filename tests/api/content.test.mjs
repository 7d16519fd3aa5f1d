// Content: listed, previewed, approved, rejected, written anew.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api as client, failsWith, newKey, newTenant, succeeds } from '../harness/client.mjs';
import {
    approvedContent,
    getContent,
    later,
    listContent,
    makeMission,
    monday,
    refusesBadPages,
    sentPosts,
    setClock,
    waitForContent,
    waitForStatus,
    walk,
    writtenMission,
} from '../harness/missions.mjs';

const keys = {
    '': [
        'id',
        'mission_id',
        'platform',
        'type',
        'status',
        'copy',
        'visuals',
        'metadata',
        'scheduling',
        'publishing',
        'review',
        'version',
        'livemode',
        'created_at',
        'updated_at',
    ],
    copy: [
        'primary',
        'headline',
        'hook',
        'thread_parts',
        'hashtags',
        'mentions',
        'cta',
        'alt_text',
        'first_comment',
    ],
    metadata: [
        'topic',
        'pillar',
        'tags',
        'language',
        'confidence_score',
        'generation_model',
        'generation_cost_cents',
    ],
    scheduling: ['scheduled_for', 'timezone'],
    publishing: [
        'published_at',
        'platform_post_id',
        'platform_url',
        'metricool_post_id',
        'attempts',
        'last_error',
    ],
    review: [
        'required',
        'approvals',
        'approvals_required',
        'reviewed_by',
        'reviewed_at',
        'notes',
        'rejection_reason',
    ],
};
const reviewed = { constraints: { require_approval: true } };
const reject = (api, id, body = { reason: 'Too salesy' }) => api.post(`/content/${id}/reject`, body);
const approve = (api, id, body) => api.post(`/content/${id}/approve`, body);
const nowhere = 'cnt_0000000000000001';

test('content has every key, and texts of its own', async () => {
    const { test: api } = newTenant();
    const { mission, content } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    for (const c of content) {
        assert.deepEqual(Object.keys(c), keys['']);
        for (const part of Object.keys(keys).slice(1)) assert.deepEqual(Object.keys(c[part]), keys[part]);
        assert.equal(c.mission_id, mission.id);
        assert.equal(c.status, 'scheduled');
        assert.equal(c.metadata.generation_model, 'builtin');
        assert.equal(c.metadata.generation_cost_cents, 0);
        assert.ok(c.metadata.confidence_score >= 0 && c.metadata.confidence_score <= 1);
        assert.match(c.scheduling.scheduled_for, /T09:00:00Z$/);
        assert.deepEqual([c.version, c.livemode, c.publishing.attempts], [1, false, 0]);
    }
    assert.equal(new Set(content.map((c) => c.copy.primary)).size, content.length, 'no text twice');
});

test('the list filters, in ranges that are half open, and counts exactly', async () => {
    const { test: api } = newTenant();
    const { mission, content } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    const other = await makeMission(api, { ...reviewed, platforms: ['bluesky'] });
    await waitForContent(api, other, 7);
    const count = async (query, expected) =>
        assert.equal(
            (await walk(api, `/content?${new URLSearchParams(query)}`, 4)).length,
            expected,
            JSON.stringify(query),
        );
    await count({}, 21);
    await count({ mission_id: mission.id }, 14);
    await count({ mission_id: mission.id, platform: 'twitter' }, 7);
    await count({ status: 'pending_review' }, 7);
    await count({ status: 'scheduled', platform: 'bluesky' }, 0);
    await count(
        { type: content[0].type, mission_id: mission.id },
        content.filter((c) => c.type === content[0].type).length,
    );
    await count({ mission_id: 'msn_0000000000000001' }, 0);
    const nine = (days) => `${monday(days).slice(0, 10)}T09:00:00Z`;
    const scheduled = async (after, before, expected, more = { mission_id: mission.id }) =>
        count({ ...more, scheduled_after: after, scheduled_before: before }, expected);
    await scheduled(nine(0), nine(2), 4);
    await scheduled(later(nine(0), 1), later(nine(2), 1), 4);
    await scheduled(nine(1), nine(1), 0);
    await scheduled(nine(2), nine(1), 0);
    await scheduled(nine(0).replace('Z', '+00:00'), nine(7), 14);
    await scheduled(nine(0).slice(0, 10), nine(1).slice(0, 10), 2); // a date is its midnight
    await scheduled(nine(1), nine(3), 2, { status: 'scheduled', platform: 'linkedin' });
    await count({ scheduled_after: nine(5), status: 'pending_review' }, 2);
    const now = monday();
    await count({ created_after: now }, 21);
    await count({ created_after: later(now, 1) }, 0);
    await count({ created_before: now }, 0);
    await count({ created_before: later(now, 1), status: 'pending_review' }, 7);
    await count({ created_after: now, created_before: now }, 0);
    await count({ created_after: '1970-01-01', created_before: '9999-12-31', mission_id: other.id }, 7);
});

test('rows and total are of the same moment while content is being written', async () => {
    const { test: api } = newTenant();
    await setClock(api);
    const mission = await makeMission(api, { platforms: ['twitter', 'linkedin', 'bluesky'] });
    const watch = async (query) => {
        for (let total = 0; total < 21;) {
            const list = await listContent(api, { mission_id: mission.id, ...query });
            assert.equal(list.data.length, list.total, JSON.stringify(query));
            total = list.total;
        }
    };
    const past = { scheduled_after: monday(-1) };
    const all = { starting_after: 'cnt_zzzzzzzzzzzzzzzz' };
    await Promise.all([watch({}), watch(past), watch(all), watch({ ...past, ...all })]);
});

test('bad filters and pages are refused by name', async () => {
    const { test: api } = newTenant();
    await refusesBadPages(api, '/content', nowhere);
    for (const [query, param] of [
        ['status=lost', 'status'],
        ['type=tweet', 'type'],
        ['platform=', 'platform'],
        ['mission_id=5', 'mission_id'],
        ['mission_id=cnt_0000000000000001', 'mission_id'],
        ['created_after=yesterday', 'created_after'],
        ['created_before=2024-02-30', 'created_before'],
        ['scheduled_after=2024-01-01T00:00:00', 'scheduled_after'],
        ['scheduled_before=1700000000', 'scheduled_before'],
        ['scheduled_after=2024-01-01&scheduled_after=2024-01-01', 'scheduled_after'],
        ['q=x', 'q'],
    ])
        failsWith(await api.get(`/content?${query}`), 400, 'invalid_request', param);
});

test('a preview shows what will really be sent', async () => {
    const { test: api, tenant } = newTenant();
    const { content } = await writtenMission(api, {
        platforms: ['twitter', 'instagram'],
        name: 'Bed & <b>Breakfast</b>',
    });
    const [photo, tweet] = [
        content.find((c) => c.platform === 'instagram'),
        content.find((c) => c.platform === 'twitter' && c.type === 'post'),
    ];
    const preview = succeeds(await api.get(`/content/${tweet.id}/preview`));
    assert.deepEqual(Object.keys(preview), [
        'content_id',
        'platform',
        'valid',
        'rendered',
        'length',
        'issues',
        'html',
    ]);
    assert.deepEqual(Object.keys(preview.rendered), ['text', 'parts', 'hashtags', 'first_comment', 'media']);
    assert.deepEqual([preview.content_id, preview.platform, preview.valid], [tweet.id, 'twitter', true]);
    assert.equal(preview.length.limit, 280);
    assert.ok(preview.length.used > 0 && preview.length.used <= 280);
    assert.ok(preview.rendered.text.startsWith(tweet.copy.primary));
    assert.ok(preview.html.includes('<article') && !preview.html.includes('<script'));
    succeeds(await api.post('/publish', { content_id: tweet.id }));
    assert.equal((await sentPosts(tenant))[0].text, preview.rendered.text);

    assert.equal(photo.status, 'draft', 'without an image Instagram takes nothing');
    const bad = succeeds(await api.get(`/content/${photo.id}/preview`));
    assert.equal(bad.valid, false);
    assert.deepEqual(Object.keys(bad.issues[0]), ['severity', 'code', 'message', 'field']);
    assert.deepEqual(
        [bad.issues[0].severity, bad.issues[0].code, bad.issues[0].field],
        ['error', 'media_required', 'visuals'],
    );
});

test('approving schedules what has a place in the calendar, and notes who did it', async () => {
    const {
        test: api,
        keys: { test: key },
        tenant,
    } = newTenant();
    const { content } = await writtenMission(api, reviewed);
    for (const c of content) assert.deepEqual([c.status, c.review.required], ['pending_review', true]);
    const [first, second, third] = content;
    const approved = succeeds(await approve(api, first.id, { notes: 'Lovely' }));
    assert.deepEqual(approved, {
        ...first,
        status: 'scheduled',
        updated_at: approved.updated_at,
        review: {
            ...first.review,
            approvals: 1,
            reviewed_by: key.id,
            reviewed_at: monday(),
            notes: 'Lovely',
        },
    });
    failsWith(await approve(api, first.id), 409, 'invalid_state');
    failsWith(await reject(api, first.id), 409, 'invalid_state');
    const wished = later(monday(3), 1800);
    assert.equal(
        succeeds(await approve(api, second.id, { schedule_for: wished })).scheduling.scheduled_for,
        wished,
    );
    assert.equal(succeeds(await approve(api, third.id, {})).status, 'scheduled');
    await setClock(api, later(monday(3), 3600));
    for (const c of [first, second, third]) await waitForStatus(api, c.id, 'published');
    assert.equal((await getContent(api, second.id)).publishing.published_at, wished);
    const late = succeeds(await approve(api, content[3].id));
    assert.equal(late.status, 'scheduled', 'Thursday nine is still to come');
    assert.equal((await sentPosts(tenant)).length, 3);
});

test('what is approved after its place in the calendar waits to be scheduled', async () => {
    const { test: api } = newTenant();
    const { content } = await writtenMission(api, reviewed);
    await setClock(api, later(monday(), 4 * 3600));
    const approved = succeeds(await approve(api, content[0].id));
    assert.deepEqual([approved.status, approved.scheduling.scheduled_for], ['approved', null]);
});

test('approvals that do not fit are refused and change nothing', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, reviewed);
    const bad = async (body, param, status = 400, code = 'invalid_request') =>
        failsWith(await approve(api, c.id, body), status, code, param);
    await bad({ note: 'x' }, 'note');
    await bad({ notes: 5 }, 'notes');
    await bad({ notes: 'x'.repeat(5001) }, 'notes');
    await bad({ schedule_for: 'tomorrow' }, 'schedule_for');
    await bad({ schedule_for: monday() }, 'schedule_for', 422, 'validation_failed');
    await bad({ schedule_for: later(monday(), 59) }, 'schedule_for', 422, 'validation_failed');
    await bad({ schedule_for: later(monday(366), 1) }, 'schedule_for', 422, 'validation_failed');
    await bad({ edits: [] }, 'edits');
    await bad({ edits: { status: 'approved' } }, 'edits.status');
    await bad({ edits: { copy: {} } }, 'edits.copy.primary');
    await bad({ edits: { copy: { primary: ' ' } } }, 'edits.copy.primary');
    await bad({ edits: { copy: { primary: 'x', hashtags: ['two words'] } } }, 'edits.copy.hashtags[0]');
    await bad({ edits: { visuals: [{ url: 'javascript:alert(1)' }] } }, 'edits.visuals[0].url');
    await bad({ edits: { copy: { primary: 'x'.repeat(281) } } }, 'edits', 422, 'validation_failed');
    assert.deepEqual(await getContent(api, c.id), c);
    failsWith(await approve(api, nowhere), 404, 'not_found');
    failsWith(await reject(api, nowhere), 404, 'not_found');
});

test('edits are applied first, make a new version and are what is published', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [, c],
    } = await writtenMission(api, reviewed);
    const visual = {
        type: 'image',
        url: 'https://example.com/a.png',
        thumbnail_url: null,
        alt_text: 'A',
        dimensions: { width: 1200, height: 675 },
        format: 'png',
        position: 1,
    };
    const approved = succeeds(
        await approve(api, c.id, {
            edits: { copy: { primary: 'Mine & yours \u{1F680}', hashtags: ['#Own'] }, visuals: [visual] },
        }),
    );
    assert.equal(approved.version, 2);
    assert.deepEqual(approved.copy, {
        ...Object.fromEntries(keys.copy.map((k) => [k, null])),
        primary: 'Mine & yours \u{1F680}',
        thread_parts: [],
        hashtags: ['#Own'],
        mentions: [],
    });
    assert.deepEqual(approved.visuals, [visual]);
    assert.deepEqual(await getContent(api, c.id), approved);
    succeeds(await api.post('/publish', { content_id: c.id }));
    assert.equal((await sentPosts(tenant))[0].text, 'Mine & yours \u{1F680}\n\n#Own');
});

test('several approvals are needed where the mission says so, and nobody counts twice', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, { constraints: { require_approval: true, min_approvals: 2 } });
    const one = succeeds(await approve(api, c.id));
    assert.deepEqual(
        [one.status, one.review.approvals, one.review.approvals_required],
        ['pending_review', 1, 2],
    );
    failsWith(await approve(api, c.id), 409, 'invalid_state');
    assert.equal((await getContent(api, c.id)).review.approvals, 1);
    const second = client(newKey(tenant.id, 'test', { scopes: ['content:write'] }).key);
    const two = succeeds(await approve(second, c.id));
    assert.deepEqual([two.status, two.review.approvals], ['scheduled', 2]);
});

test('an edited text has to be approved anew by as many', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, { constraints: { require_approval: true, min_approvals: 2 } });
    succeeds(await approve(api, c.id));
    const edits = { copy: { ...c.copy, primary: 'Said in other words.', thread_parts: [] } };
    const edited = succeeds(await approve(api, c.id, { edits }));
    assert.deepEqual(
        [edited.status, edited.version, edited.review.approvals],
        ['pending_review', 2, 1],
    );
    failsWith(await approve(api, c.id), 409, 'invalid_state');
    const second = client(newKey(tenant.id, 'test', { scopes: ['content:write'] }).key);
    const two = succeeds(await approve(second, c.id));
    assert.deepEqual([two.status, two.review.approvals], ['scheduled', 2]);
});

test('of ten approvals at once one counts', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, reviewed);
    const answers = await Promise.all(Array.from({ length: 10 }, () => approve(api, c.id)));
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(9).fill(409)]);
    assert.equal((await getContent(api, c.id)).review.approvals, 1);
});

test('a rejection keeps the reason and takes the text out of the calendar', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c, next],
    } = await writtenMission(api, reviewed);
    for (const [body, param] of [
        [{}, 'reason'],
        [{ reason: '' }, 'reason'],
        [{ reason: '  ' }, 'reason'],
        [{ reason: null }, 'reason'],
        [{ reason: 'R', regenerate: 'yes' }, 'regenerate'],
        [{ reason: 'R', feedback: 5 }, 'feedback'],
        [{ reason: 'R', notes: 'x' }, 'notes'],
    ])
        failsWith(await reject(api, c.id, body), 400, 'invalid_request', param);
    failsWith(await reject(api, c.id, ''), 400, 'invalid_json');
    const rejected = succeeds(await reject(api, c.id, { reason: 'Too salesy', feedback: 'Be plain' }));
    assert.deepEqual(
        [
            rejected.status,
            rejected.scheduling.scheduled_for,
            rejected.review.rejection_reason,
            rejected.review.notes,
        ],
        ['rejected', null, 'Too salesy', 'Be plain'],
    );
    failsWith(await reject(api, c.id), 409, 'invalid_state');
    failsWith(await approve(api, c.id), 409, 'invalid_state');
    failsWith(await api.post('/publish', { content_id: c.id }), 409, 'invalid_state');
    succeeds(await approve(api, next.id));
    await setClock(api, later(monday(1), 4 * 3600));
    await waitForStatus(api, next.id, 'published');
    assert.equal((await sentPosts(tenant)).length, 1);
    assert.equal((await getContent(api, c.id)).status, 'rejected');
});

test('a text that is to be written anew comes back as a new version in its old place', async () => {
    const { test: api } = newTenant();
    const {
        content: [, , c],
    } = await writtenMission(api, reviewed);
    succeeds(await reject(api, c.id, { reason: 'Too salesy', feedback: 'Be plain', regenerate: true }));
    const anew = await waitForStatus(api, c.id, 'pending_review');
    assert.equal(anew.version, 2);
    assert.notEqual(anew.copy.primary, c.copy.primary);
    assert.equal(anew.scheduling.scheduled_for, c.scheduling.scheduled_for);
    assert.equal(anew.review.approvals, 0);
    assert.equal(succeeds(await approve(api, c.id)).status, 'scheduled');
    assert.equal((await listContent(api, { mission_id: c.mission_id })).total, 7);
});

test('what nobody reviews in time approves itself where the mission says so', async () => {
    const { test: api } = newTenant();
    const { content } = await writtenMission(api, {
        constraints: { require_approval: true, auto_approve_after_hours: 2 },
    });
    await setClock(api, later(monday(), 2 * 3600));
    for (const c of content) {
        const approved = await waitForStatus(api, c.id, 'scheduled');
        assert.equal(approved.scheduling.scheduled_for, c.scheduling.scheduled_for);
        assert.match(approved.review.notes, /2 hours/);
        const [entry] = succeeds(await api.get(`/audit?action=approveContent&object=${c.id}`)).data;
        assert.deepEqual([entry.actor, entry.detail, entry.status], ['system', approved.review.notes, null]);
        assert.match(entry.request_id, /^job_/);
    }
});

test('approved content that was cancelled keeps its text', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    const approved = await approvedContent(api, c.id);
    assert.deepEqual(
        [approved.status, approved.scheduling.scheduled_for, approved.copy],
        ['approved', null, c.copy],
    );
    failsWith(await approve(api, c.id), 409, 'invalid_state');
});
