// missions.mjs: missions with content that the real pipeline wrote, the clock of test mode, and what
// the sandbox knows of a tenant.
import assert from 'node:assert/strict';
import { failsWith, sandboxUrl, sql, succeeds, waitFor } from './client.mjs';

// The smallest body that makes a mission.
export const smallest = { name: 'My Mission', objectives: ['Drive awareness'], platforms: ['twitter'] };

const day = 86400000;

// So many seconds later, as the API prints times.
export function later(time, seconds) {
    return new Date(new Date(time).getTime() + seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function nextMonday() {
    const date = new Date(Date.now() + 7 * day);
    date.setUTCHours(6, 0, 0, 0);
    return date.getTime() + ((8 - date.getUTCDay()) % 7) * day;
}

const firstMonday = nextMonday(); // once, so that it stays the same past midnight

// A Monday, six in the morning, one to two weeks ahead, or some days after it.
export function monday(plusDays = 0) {
    return later(firstMonday, plusDays * 86400);
}

// Stops the clock of test mode, or moves it on.
export async function setClock(api, now = monday()) {
    return succeeds(await api.post('/test/clock', { now })).now;
}

export async function makeMission(api, wishes = {}) {
    return succeeds(await api.post('/missions', { ...smallest, ...wishes }), 201);
}

export async function listContent(api, query) {
    return succeeds(await api.get(`/content?limit=100&${new URLSearchParams(query)}`));
}

function bySlot(a, b) {
    const key = (x) => `${x.scheduling.scheduled_for} ${x.platform}`;
    return key(a) < key(b) ? -1 : 1;
}

// Waits until the pipeline has written so many, and returns them by time and platform.
export async function waitForContent(api, mission, count, query = {}) {
    const all = { mission_id: mission.id, ...query };
    const find = async () => {
        const list = await listContent(api, all);
        return list.total === count && list.data;
    };
    return (await waitFor(find, { what: `${count} contents of ${mission.id}` })).sort(bySlot);
}

// A mission on a clock that stands still on a Monday, with its first seven days written: a content
// a day and platform, at nine.
export async function writtenMission(api, wishes = {}) {
    await setClock(api);
    const mission = await makeMission(api, wishes);
    const content = await waitForContent(api, mission, 7 * mission.platforms.length);
    return { mission, content };
}

export async function getContent(api, id) {
    return succeeds(await api.get(`/content/${id}`));
}

export function waitForStatus(api, id, status) {
    const find = async () => {
        const content = await getContent(api, id);
        return content.status === status && content;
    };
    return waitFor(find, { what: `${id} to be ${status}` });
}

export function cancel(api, id) {
    return api.del(`/publish/${id}`);
}

// A content in no calendar any more, approved.
export async function approvedContent(api, id) {
    succeeds(await cancel(api, id));
    return getContent(api, id);
}

// --- The sandbox ---

// Each tenant has an account of its own there.
async function askSandbox(tenant, path, now) {
    const headers = { 'X-Mc-Auth': `sandbox_${tenant.id.slice(4)}` };
    if (now) headers['X-AMP-Test-Time'] = now;
    const response = await fetch(sandboxUrl + path, { headers });
    const body = await response.json();
    assert.equal(response.status, 200, JSON.stringify(body));
    return body.data ?? body;
}

// Everything that a tenant's test mode ever sent: [{network, status, url, text, at}], newest first.
export async function sentPosts(tenant, now = '9999-01-01T00:00:00Z') {
    const { posts, counts } = await askSandbox(tenant, '/ledger', now);
    assert.equal(counts.created, posts.length);
    return posts
        .filter((p) => !p.deleted)
        .map(({ post }) => ({
            network: post.providers[0].network,
            platformId: post.providers[0].id,
            status: post.providers[0].status,
            url: post.providers[0].publicUrl,
            text: post.text,
            descendants: post.descendants,
        }));
}

const figuresCalls = {
    twitter: (from, to) =>
        `/api/stats/twitter/posts?start=${from.replaceAll('-', '')}&end=${to.replaceAll('-', '')}`,
    linkedin: (from, to) =>
        `/api/v2/analytics/posts/linkedin?from=${from}T00:00:00&to=${to}T23:59:59&timezone=UTC`,
};

// What the sandbox says at that instant about posts of a platform, by the post's id there.
export async function sandboxFigures(tenant, platform, now) {
    const [brand] = await askSandbox(tenant, '/api/v2/settings/brands?userId=1');
    const call = figuresCalls[platform](monday(-30).slice(0, 10), monday(60).slice(0, 10));
    const posts = await askSandbox(tenant, `${call}&blogId=${brand.id}&userId=${brand.userId}`, now);
    return new Map(
        posts.map((p) => [
            p.tweetId ?? p.postId,
            {
                impressions: p.impressions,
                engagements: p.interactions,
                clicks: p.urlClicks ?? p.clicks,
            },
        ]),
    );
}

const followersCalls = {
    twitter: '/api/stats/timeline/twitterFollowers?start=20260101&end=20991231',
    linkedin:
        '/api/v2/analytics/timelines?metric=followers&metricType=account&network=linkedin' +
        '&to=2099-12-31T23:59:59&timezone=UTC',
};

// How many follow a platform's account in the sandbox, by date: the last 100 days before that instant.
export async function sandboxFollowers(tenant, platform, now) {
    const [brand] = await askSandbox(tenant, '/api/v2/settings/brands?userId=1');
    const from = later(now, -100 * 86400).slice(0, 19);
    const call = followersCalls[platform].replace('20260101', from.slice(0, 10).replaceAll('-', ''));
    const days = await askSandbox(tenant, `${call}&from=${from}&blogId=${brand.id}&userId=1`, now);
    const pairs = Array.isArray(days[0].values)
        ? days[0].values.map(({ dateTime, value }) => [dateTime.slice(0, 10), value])
        : days.map(([ms, value]) => [new Date(Number(ms)).toISOString().slice(0, 10), Number(value)]);
    return new Map(pairs);
}

const weekdays = [null, 'sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

// How good the sandbox says that the hours of a week are: 'monday 9' → a number.
export async function bestTimes(tenant, platform) {
    const [brand] = await askSandbox(tenant, '/api/v2/settings/brands?userId=1');
    const range = `start=${monday().slice(0, 19)}&end=${monday(7).slice(0, 19)}&timezone=UTC`;
    const who = `blogId=${brand.id}&userId=${brand.userId}`;
    const days = await askSandbox(tenant, `/api/v2/scheduler/besttimes/${platform}?${range}&${who}`);
    return new Map(days.flatMap((d) =>
        d.bestTimesByHour.map((h) => [`${weekdays[d.dayOfWeek]} ${h.hourOfDay}`, h.value])));
}

// When the worker will next ask for figures, on the tenant's clock; it has done so until then.
export function nextPull(tenant) {
    const id = tenant.id.slice(4);
    const [job] = sql(
        `SELECT run_ms FROM job WHERE tenant_id = '${id}' AND ref_id = '${id}'` +
            ' AND NOT livemode AND state = 1',
    );
    return job && new Date(Number(job.run_ms)).toISOString().replace('.000Z', 'Z');
}

// --- Lists ---

// Walks a list from one end to the other and back; what it saw.
export async function walk(api, path, limit) {
    const join = path.includes('?') ? '&' : '?';
    const seen = [];
    let page = succeeds(await api.get(`${path}${join}limit=${limit}`));
    seen.push(...page.data);
    while (page.has_more) {
        page = succeeds(await api.get(`${path}${join}limit=${limit}&starting_after=${seen.at(-1).id}`));
        assert.ok(page.data.length > 0 && page.data.length <= limit);
        seen.push(...page.data);
    }
    const back = [];
    let first = seen.at(-1)?.id;
    while (first) {
        page = succeeds(await api.get(`${path}${join}limit=${limit}&ending_before=${first}`));
        back.unshift(...page.data);
        first = page.has_more ? page.data[0].id : undefined;
    }
    assert.deepEqual(
        back.map((x) => x.id),
        seen.slice(0, -1).map((x) => x.id),
        'the way back',
    );
    assert.deepEqual(
        seen.map((x) => x.id),
        seen
            .map((x) => x.id)
            .sort()
            .reverse(),
        'newest first',
    );
    assert.equal(page.total, seen.length);
    return seen;
}

// What every list answers to bad cursors and limits; `id` is one of its objects.
export async function refusesBadPages(api, path, id) {
    const bad = async (query, param) =>
        failsWith(await api.get(`${path}?${query}`), 400, 'invalid_request', param);
    for (const limit of ['0', '101', '-1', 'x', '1.0', '%2B1', '99999999999999999999'])
        await bad(`limit=${limit}`, 'limit');
    await bad('limit=', 'limit');
    await bad('limit=1&limit=1', 'limit');
    await bad('page=2', 'page');
    for (const name of ['starting_after', 'ending_before']) {
        await bad(`${name}=nonsense`, name);
        await bad(`${name}=${id.startsWith('usr_') ? 'tnt' : 'usr'}_${id.slice(4)}`, name);
        await bad(`${name}=${id}x`, name);
    }
    await bad(`starting_after=${id}&ending_before=${id}`, 'ending_before');
}
