// Publishing: now, at a time, not after all; once, whatever happens.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, sandboxUrl, sql, succeeds } from '../harness/client.mjs';
import {
    approvedContent,
    cancel,
    getContent,
    later,
    makeMission,
    monday,
    sentPosts,
    setClock,
    waitForContent,
    waitForStatus,
    writtenMission,
} from '../harness/missions.mjs';

const nowhere = 'cnt_0000000000000001';
const publish = (api, id) => api.post('/publish', { content_id: id });
const schedule = (api, id, time, more) =>
    api.post('/publish/schedule', { content_id: id, scheduled_for: time, ...more });

test('each post that is sent stands once in the ledger of costs, and costs nothing', async () => {
    const { test: api } = newTenant();
    const { mission, content: [c] } = await writtenMission(api);
    succeeds(await publish(api, c.id));
    assert.deepEqual(sql(`SELECT category, state, provider, model, microcents, job_id IS NOT NULL AS of_job FROM cost
        WHERE mission_id = '${mission.id.slice(4)}' AND content_id = '${c.id.slice(4)}'`),
    [{ category: '3', state: '2', provider: 'metricool', model: 'posts.create', microcents: '0', of_job: '1' }]);
});

test('publishing now answers with the post, which is really there', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    const done = succeeds(await publish(api, c.id));
    assert.deepEqual(Object.keys(done), [
        'content_id',
        'status',
        'published_at',
        'platform',
        'platform_post_id',
        'platform_url',
    ]);
    assert.deepEqual(
        [done.content_id, done.status, done.published_at, done.platform],
        [c.id, 'published', monday(), 'twitter'],
    );
    assert.match(done.platform_post_id, /^test_/);
    assert.equal(done.platform_url, `${sandboxUrl}/posts/${done.platform_post_id}`);
    const now = await getContent(api, c.id);
    assert.deepEqual(
        [now.status, now.publishing.attempts, now.publishing.last_error, now.publishing.platform_url],
        ['published', 1, null, done.platform_url],
    );
    assert.ok(now.publishing.metricool_post_id);
    const post = await (await fetch(done.platform_url)).json();
    assert.ok(post.data.text.startsWith(c.copy.primary));
    const [sent, ...others] = await sentPosts(tenant, monday());
    assert.deepEqual(
        [sent.network, sent.status, sent.platformId, others.length],
        ['twitter', 'PUBLISHED', done.platform_post_id, 0],
    );
    failsWith(await publish(api, c.id), 409, 'invalid_state');
    failsWith(await schedule(api, c.id, monday(1)), 409, 'invalid_state');
    failsWith(await cancel(api, c.id), 409, 'invalid_state');
});

test('a double click publishes once: of ten at the same moment one wins', async () => {
    const { test: api, tenant } = newTenant();
    const { content } = await writtenMission(api);
    for (const c of content.slice(0, 3)) {
        const before = (await sentPosts(tenant)).length;
        const answers = await Promise.all(Array.from({ length: 10 }, () => publish(api, c.id)));
        assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(9).fill(409)]);
        for (const lost of answers.filter((a) => a.status === 409)) failsWith(lost, 409, 'invalid_state');
        assert.equal((await sentPosts(tenant)).length, before + 1);
        assert.equal((await getContent(api, c.id)).publishing.attempts, 1);
    }
});

test('publishing by hand while the worker has it due publishes once', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    const [, ...answers] = await Promise.all([
        setClock(api, later(monday(), 3 * 3600)),
        ...Array.from({ length: 5 }, () => publish(api, c.id)),
    ]);
    for (const a of answers) assert.ok([200, 202, 409].includes(a.status), a.text);
    await waitForStatus(api, c.id, 'published');
    assert.equal((await sentPosts(tenant)).length, 1);
});

test('scheduled posts go out when the clock moves, at their time and no earlier', async () => {
    const { test: api, tenant } = newTenant();
    const { content } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    await setClock(api, later(monday(), 3 * 3600 - 1));
    const marker = await makeMission(api, { name: 'Marker' }); // once it is written, the worker has passed by
    await waitForContent(api, marker, 7);
    assert.deepEqual(await sentPosts(tenant), []);
    succeeds(await api.del(`/missions/${marker.id}`), 204);
    await setClock(api, later(monday(2), 3 * 3600));
    for (const c of content.slice(0, 6)) {
        const out = await waitForStatus(api, c.id, 'published');
        assert.equal(out.publishing.published_at, c.scheduling.scheduled_for);
        assert.deepEqual(
            [out.publishing.attempts, out.scheduling.scheduled_for],
            [1, c.scheduling.scheduled_for],
        );
    }
    const sent = await sentPosts(tenant);
    assert.deepEqual(sent.map((p) => p.network).sort(), [
        ...Array(3).fill('linkedin'),
        ...Array(3).fill('twitter'),
    ]);
    for (const c of content.slice(6)) assert.equal((await getContent(api, c.id)).status, 'scheduled');
});

test('a thread is sent as a thread', async () => {
    const { test: api, tenant } = newTenant();
    const { content } = await writtenMission(api, { constraints: { posts_per_day: 1 } });
    const thread = content.find((c) => c.type === 'thread');
    assert.ok(thread, 'a week on X has one');
    assert.ok(thread.copy.thread_parts.length > 1);
    const preview = succeeds(await api.get(`/content/${thread.id}/preview`));
    succeeds(await publish(api, thread.id));
    const [post] = await sentPosts(tenant);
    assert.deepEqual([post.text, ...post.descendants.map((d) => d.text)], preview.rendered.parts);
});

test('a schedule is made, cancelled and made again', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c, other],
    } = await writtenMission(api);
    failsWith(await schedule(api, c.id, monday(1)), 409, 'invalid_state'); // it is scheduled already
    const cancelled = succeeds(await cancel(api, c.id));
    assert.deepEqual(cancelled, {
        content_id: c.id,
        status: 'approved',
        previous_scheduled_for: c.scheduling.scheduled_for,
        cancelled_at: monday(),
    });
    failsWith(await cancel(api, c.id), 409, 'invalid_state');
    const time = later(monday(), 7200);
    const scheduled = succeeds(await schedule(api, c.id, time.replace('Z', '+00:00')));
    assert.deepEqual(Object.keys(scheduled), ['content_id', 'status', 'scheduled_for', 'metricool_post_id']);
    assert.deepEqual(scheduled, {
        content_id: c.id,
        status: 'scheduled',
        scheduled_for: time,
        metricool_post_id: scheduled.metricool_post_id,
    });
    assert.equal((await getContent(api, c.id)).scheduling.scheduled_for, time);
    succeeds(await cancel(api, other.id));
    await setClock(api, later(monday(1), 4 * 3600));
    await waitForStatus(api, c.id, 'published');
    assert.equal((await getContent(api, other.id)).status, 'approved', 'what was cancelled stays');
    assert.equal((await sentPosts(tenant)).length, 1);
});

test('a schedule lies between a minute and a year ahead', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    await approvedContent(api, c.id);
    const year = 365 * 86400;
    for (const seconds of [-86400, 0, 59, year + 1])
        failsWith(
            await schedule(api, c.id, later(monday(), seconds)),
            422,
            'validation_failed',
            'scheduled_for',
        );
    assert.equal((await getContent(api, c.id)).status, 'approved');
    for (const seconds of [60, year]) {
        succeeds(await schedule(api, c.id, later(monday(), seconds)));
        succeeds(await cancel(api, c.id));
    }
});

test('the best time is a full hour, not before the wish', async () => {
    const { test: api } = newTenant();
    const { content } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    for (const c of content.slice(0, 2)) {
        await approvedContent(api, c.id);
        const wish = later(monday(2), 1234);
        const { scheduled_for: time } = succeeds(await schedule(api, c.id, wish, { use_optimal_time: true }));
        assert.ok(
            Date.parse(time) >= Date.parse(wish) && Date.parse(time) < Date.parse(wish) + 3 * 86400000,
            time,
        );
        assert.match(time, /:00:00Z$/);
    }
});

test('bodies that do not fit are refused by name', async () => {
    const { test: api } = newTenant();
    const bad = async (path, body, param) =>
        failsWith(await api.post(path, body), 400, 'invalid_request', param);
    await bad('/publish', {}, 'content_id');
    await bad('/publish', { content_id: 5 }, 'content_id');
    await bad('/publish', { content_id: 'msn_0000000000000001' }, 'content_id');
    await bad('/publish', { content_id: nowhere, now: true }, 'now');
    await bad('/publish/schedule', { content_id: nowhere }, 'scheduled_for');
    await bad('/publish/schedule', { content_id: nowhere, scheduled_for: '2030-01-01' }, 'scheduled_for');
    await bad('/publish/schedule', { content_id: nowhere, scheduled_for: null }, 'scheduled_for');
    await bad(
        '/publish/schedule',
        { content_id: nowhere, scheduled_for: monday(), use_optimal_time: 'yes' },
        'use_optimal_time',
    );
    failsWith(await api.post('/publish', ''), 400, 'invalid_json');
    failsWith(await publish(api, nowhere), 422, 'validation_failed', 'content_id');
    failsWith(await schedule(api, nowhere, monday()), 422, 'validation_failed', 'content_id');
    failsWith(await cancel(api, nowhere), 404, 'not_found');
});

test('content that waits for a review is not published past it', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, { constraints: { require_approval: true } });
    failsWith(await publish(api, c.id), 409, 'invalid_state');
    failsWith(await schedule(api, c.id, monday(1)), 409, 'invalid_state');
    failsWith(await cancel(api, c.id), 409, 'invalid_state');
    assert.deepEqual(await sentPosts(tenant), []);
});

test('what the platform would refuse is refused before anything leaves', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, { platforms: ['instagram'] });
    assert.equal(c.status, 'draft');
    failsWith(await api.post(`/content/${c.id}/approve`), 422, 'validation_failed');
    sql(`UPDATE content SET status = 3 WHERE id = '${c.id.slice(4)}'`); // approved by an older program
    failsWith(await publish(api, c.id), 422, 'validation_failed');
    failsWith(await schedule(api, c.id, monday(1)), 422, 'validation_failed', 'content_id');
    assert.deepEqual(await sentPosts(tenant), []);
});

test('scheduled content that cannot be sent fails with the reason, and can be scheduled again', async () => {
    const { test: api } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    const copy = JSON.stringify({ ...c.copy, hook: null, primary: 'x'.repeat(281), thread_parts: [] });
    sql(`UPDATE content SET copy = '${copy}' WHERE id = '${c.id.slice(4)}'`);
    await setClock(api, later(monday(), 3 * 3600));
    const failed = await waitForStatus(api, c.id, 'failed');
    assert.match(failed.publishing.last_error, /280/);
    failsWith(await publish(api, c.id), 422, 'validation_failed');
});

test('a platform that the provider does not serve is told apart, and nothing leaves', async () => {
    const { test: api, tenant } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api, { platforms: ['mastodon'] });
    failsWith(await publish(api, c.id), 422, 'validation_failed', 'platform');
    assert.deepEqual(await sentPosts(tenant), []);
});

test('live mode without a connection publishes nothing and says why', async () => {
    const { live } = newTenant();
    const mission = await makeMission(live);
    const content = await waitForContent(live, mission, 7);
    failsWith(await publish(live, content[0].id), 409, 'integration_not_connected');
    assert.equal((await getContent(live, content[0].id)).status, 'scheduled');
    succeeds(await live.del(`/missions/${mission.id}`), 204);
});
