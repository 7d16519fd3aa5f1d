// Figures against an independent reckoning: a generated set of raw rows (the same each time, but for
// where today is) goes into the tables of AMP and into SQLite. There each figure of each answer is
// computed by plain SQL over the raw rows, and compared.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { after } from 'node:test';
import { amp, newTenant, sql, succeeds } from '../harness/client.mjs';
import { makeMission, monday, setClock } from '../harness/missions.mjs';

const platforms = ['', 'twitter', 'linkedin', 'instagram', 'facebook'];
const types = ['', 'post', 'thread', 'carousel', 'story'];
const pillars = ['', 'Ideas', 'News', '=Über, "alles"'];
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const POSTS = 2500, GAINS = 84, CALLS = 5000, DAYS = 400, ROUNDS = 20;
const DAY = 86400000, HOUR = 3600000;

const place = mkdtempSync(join(tmpdir(), 'figures-'));
const database = join(place, 'raw.db');
after(() => rmSync(place, { recursive: true }));

// --- A generator of numbers that are the same each time (mulberry32) ---
function numbers(seed) {
    let state = seed;
    return (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
    };
}

// --- SQLite ---

// Each statement answers one text of JSON; all of them in one go.
async function ask(statements) {
    const sqlite = spawn('sqlite3', ['-batch', '-bail', database], { timeout: 120000 });
    const [out, problems] = [text(sqlite.stdout), text(sqlite.stderr)];
    sqlite.stdin.end(statements.map((s) => `${s};`).join('\n'));
    assert.equal(await problems, '');
    return (await out).split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

const rows = (columns, query) =>
    `SELECT json_group_array(json_object(${columns.map((c) => `'${c}', ${c}`).join(', ')})) FROM (${query})`;

// --- The raw rows ---

const idOf = (n) => `0OxlNPC${String(n).padStart(9, '0')}`;
const quote = (value) => (typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value));

function inserts(table, columns, list, size = 1000) {
    const statements = [];
    for (let i = 0; i < list.length; i += size) {
        const values = list.slice(i, i + size).map((row) => `(${row.map(quote).join(',')})`);
        statements.push(`INSERT INTO ${table} (${columns}) VALUES ${values.join(',')};`);
    }
    return statements.join('\n');
}

function generate(missions, nowMs) {
    const random = numbers(7);
    const posts = [], gains = [], calls = [];
    for (let n = 1; n <= POSTS; n++) {
        const published = nowMs - random(DAYS * DAY);
        const loud = 1 + random(40);
        posts.push([idOf(n), missions[random(missions.length)], 1 + random(4), 1 + random(4), pillars[random(4)],
            published]);
        let hour = Math.floor(published / HOUR);
        for (let k = 0; k < GAINS; k++, hour += 1 + random(6)) {
            const correction = random(50) === 0 ? -1 : 1;
            const impressions = correction * random(30 * loud);
            gains.push([idOf(n), hour, impressions, Math.floor((impressions * random(10)) / 100), random(9), random(5),
                random(3), random(2), Math.floor((impressions * random(5)) / 200)]);
        }
    }
    for (let n = 1; n <= CALLS; n++) {
        const model = random(6);
        calls.push([idOf(n), missions[random(missions.length)], 1 + random(3), 2 + random(2), `provider${model % 3}`,
            `model${model}`, random(5000), random(2000), random(3000000), nowMs - random(DAYS * DAY)]);
    }
    return { posts, gains, calls, followers: generateFollowers(Math.floor(nowMs / DAY)) };
}

// Two accounts, one after the other: many days, but not all, and some on which followers leave.
function generateFollowers(today) {
    const random = numbers(11);
    const list = [];
    for (const [account, first, last] of [['one', today - DAYS, today - 90], ['two', today - 100, today]]) {
        for (let platform = 1; platform <= 4; platform++) {
            let followers = 50 + random(5000);
            for (let day = first + random(20); day <= last; day++) {
                followers += random(9) - 2;
                if (random(5) > 0) list.push([account, platform, day, followers]);
            }
        }
    }
    return list;
}

async function loadSqlite({ posts, gains, calls, followers }) {
    await ask([`PRAGMA synchronous = OFF;
        CREATE TABLE post (content TEXT PRIMARY KEY, mission TEXT, platform INT, type INT, pillar TEXT, published INT);
        CREATE TABLE gain (content TEXT, hour INT, i INT, e INT, l INT, c INT, s INT, v INT, k INT);
        CREATE TABLE call (id TEXT, mission TEXT, category INT, state INT, provider TEXT, model TEXT, tokens_in INT,
            tokens_out INT, microcents INT, spent INT);
        CREATE TABLE follower (account TEXT, platform INT, day INT, followers INT);
        BEGIN;
        ${inserts('follower', 'account, platform, day, followers', followers)}
        ${inserts('post', 'content, mission, platform, type, pillar, published', posts)}
        ${inserts('gain', 'content, hour, i, e, l, c, s, v, k', gains)}
        ${inserts('call', 'id, mission, category, state, provider, model, tokens_in, tokens_out, microcents, spent',
        calls)}
        COMMIT;
        CREATE TABLE fact AS
            SELECT mission, platform, type, pillar, hour, hour / 24 AS day, 0 AS posts, i, e, k
              FROM gain JOIN post USING (content)
             UNION ALL
            SELECT mission, platform, type, pillar, published / ${HOUR}, published / ${DAY}, 1, 0, 0, 0 FROM post;
        CREATE INDEX fact_day ON fact (day);
        CREATE TABLE total AS
            SELECT post.*, published / ${DAY} AS day, SUM(i) AS i, SUM(e) AS e, SUM(l) AS l, SUM(c) AS c, SUM(s) AS s,
                   SUM(v) AS v, SUM(k) AS k FROM post JOIN gain USING (content) GROUP BY content`]);
}

function loadAmp(tenant, { posts, gains, calls, followers }) {
    const own = `'${tenant}', 0, `;
    const totals = new Map(posts.map(([id]) => [id, [0, 0, 0, 0, 0, 0, 0]]));
    for (const [id, , ...values] of gains) values.forEach((v, i) => (totals.get(id)[i] += v));
    const mine = (table, columns, list) =>
        inserts(table, `tenant_id, livemode, ${columns}`, list.map((row) => [tenant, 0, ...row]));
    const last = posts.map(([id, mission, platform, type, pillar, published]) => {
        const t = totals.get(id);
        return [id, mission, platform, type, pillar, published, Math.floor(published / DAY), ...t,
            Math.round(rate(t[1], t[0]) * 100), published];
    });
    sql(`SET autocommit = 0;
        ${mine('metric_gain', 'content_id, hour, impressions, engagements, likes, comments, shares, saves, clicks', gains)}
        ${mine('metric_last', 'content_id, mission_id, platform, type, pillar, published_ms, day, impressions,'
            + ' engagements, likes, comments, shares, saves, clicks, rate, changed_ms', last)}
        ${mine('cost', 'id, mission_id, category, state, provider, model, tokens_in, tokens_out, microcents, spent_ms',
        calls)}
        ${mine('follower', 'blog_id, platform, day, followers', followers)}
        INSERT INTO content (tenant_id, livemode, id, mission_id, platform, type, status, copy, visuals, tags, language,
            model, zone, review_required, created_ms, updated_ms)
        SELECT ${own} content_id, mission_id, platform, type, 7, CONCAT('{"primary":"Text of ', content_id, '"}'), '[]',
            '[]', 'en', 'builtin', 'UTC', 0, published_ms, published_ms
          FROM metric_last WHERE tenant_id = '${tenant}' AND livemode = 0;
        COMMIT;`);
}

// --- The same figures a second time ---

// Half away from zero, two decimals; in JavaScript for what is loaded, in SQL for what is compared.
function rate(part, whole) {
    if (whole <= 0) return 0;
    const up = Math.floor((2 * Math.abs(part) * 10000 + whole) / (2 * whole));
    return ((part < 0 ? -1 : 1) * up) / 100 || 0;
}
const RATE = (e, i) => `CASE WHEN ${i} <= 0 THEN 0 ELSE (CASE WHEN ${e} < 0 THEN -1 ELSE 1 END)
    * ((2 * ABS(${e}) * 10000 + ${i}) / (2 * ${i})) / 100.0 END`;
const SUMS = 'COALESCE(SUM(posts), 0) AS posts_published, COALESCE(SUM(i), 0) AS impressions,'
    + ' COALESCE(SUM(e), 0) AS engagements, COALESCE(SUM(k), 0) AS link_clicks';
const WITH_RATE = (query) => `SELECT *, ${RATE('engagements', 'impressions')} AS engagement_rate FROM (${query})`;
const shown = ['posts_published', 'impressions', 'engagements', 'engagement_rate'];
const date = (day) => new Date(day * DAY).toISOString().slice(0, 10);

const among = (q, name = 'platform') =>
    (q.platforms.length ? ` AND ${name} IN (${q.platforms.map((p) => platforms.indexOf(p)).join(',')})` : '');
const inPeriod = (q, [first, last] = q.days, name = 'day') =>
    ` ${name} BETWEEN ${first} AND ${last}${among(q)}${q.mission ? ` AND mission = '${q.mission}'` : ''}`;

const bucket = (q) => ({
    hour: "strftime('%Y-%m-%dT%H:00:00Z', at * 3600, 'unixepoch')",
    day: "date(at * 86400, 'unixepoch')",
    week: "date(at * 86400, 'unixepoch', 'weekday 0', '-6 days')",
    month: "strftime('%Y-%m-01', at * 86400, 'unixepoch')",
})[q.granularity];

// Every hour or day of the period, whether anything happened in it or not.
const times = (q) => (q.granularity === 'hour'
    ? `SELECT value AS at FROM generate_series(${q.days[0] * 24}, ${q.days[1] * 24 + 23})`
    : `SELECT value AS at FROM generate_series(${q.days[0]}, ${q.days[1]})`);

const series = (q) => rows(['date', 'impressions', 'engagements', 'posts'],
    `SELECT ${bucket(q)} AS date, COALESCE(SUM(i), 0) AS impressions, COALESCE(SUM(e), 0) AS engagements,
            COALESCE(SUM(posts), 0) AS posts
       FROM (${times(q)}) LEFT JOIN (SELECT ${q.granularity === 'hour' ? 'hour' : 'day'} AS at, SUM(i) AS i, SUM(e) AS e,
            SUM(posts) AS posts FROM fact WHERE ${inPeriod(q)} GROUP BY 1) USING (at) GROUP BY date ORDER BY date`);

const sums = (q, days) =>
    rows([...shown, 'link_clicks'], WITH_RATE(`SELECT ${SUMS} FROM fact WHERE ${inPeriod(q, days)}`));

// Every number known in the period less the one known before it: what is left is last less first.
const followersGained = (q, [first, last] = q.days) => rows(['n'], `SELECT COALESCE(SUM(step), 0) AS n FROM
    (SELECT platform, day, followers - LAG(followers) OVER (PARTITION BY account, platform ORDER BY day) AS step
       FROM follower) WHERE day BETWEEN ${first} AND ${last}${among(q)}`);

const groups = (q, by) => rows([by, ...shown],
    `SELECT * FROM (${WITH_RATE(`SELECT ${by}, ${SUMS}, MAX(posts + ABS(i) + ABS(e) + ABS(k)) AS any_of FROM fact
        WHERE ${inPeriod(q)} GROUP BY ${by}`)})`);

const top = (q) => rows(['content_id', 'platform', 'impressions', 'engagement_rate', 'preview'],
    `SELECT 'cnt_' || content AS content_id, platform, i AS impressions, ${RATE('e', 'i')} AS engagement_rate,
            'Text of ' || content AS preview FROM total WHERE ${inPeriod(q)}
      ORDER BY i DESC, day DESC, platform, content DESC LIMIT 5`);

const asObject = (list, by, names) => Object.fromEntries(list.map(({ [by]: key, ...figures }) =>
    [names ? names[key] : key, figures]));
const platformNames = (list) => list.map((x) => ({ ...x, platform: platforms[x.platform] }));

function trend(current, previous) {
    const percent = ((current - previous) / Math.abs(previous)) * 100;
    return {
        current, previous,
        change_percent: previous === 0 ? null
            : (Math.sign(percent) * Math.round(Math.abs(percent) * 100)) / 100 || 0,
        direction: current > previous ? 'up' : current < previous ? 'down' : 'flat',
    };
}

async function checkOverview(api, q) {
    const before = [2 * q.days[0] - q.days[1] - 1, q.days[0] - 1];
    const [[now], [then], byPlatform, points, best, [followers]] = await ask([sums(q), sums(q, before),
        groups(q, 'platform'), series(q), top(q), followersGained(q)]);
    const answer = succeeds(await api.get(`/analytics?${q.text}`));
    assert.deepEqual(answer.period, { start: date(q.days[0]), end: date(q.days[1]) });
    assert.deepEqual(answer.summary, {
        missions_active: 0,
        content_published: now.posts_published,
        total_impressions: now.impressions,
        total_engagements: now.engagements,
        overall_engagement_rate: now.engagement_rate,
        total_link_clicks: now.link_clicks,
        followers_gained: followers.n,
    });
    assert.deepEqual(answer.trends, {
        impressions: trend(now.impressions, then.impressions),
        engagements: trend(now.engagements, then.engagements),
        engagement_rate: trend(now.engagement_rate, then.engagement_rate),
    });
    assert.deepEqual(answer.by_platform, asObject(byPlatform, 'platform', platforms));
    assert.deepEqual(answer.time_series, points);
    assert.deepEqual(answer.top_content, platformNames(best));
}

async function checkMission(api, q, mission, nowMs) {
    q = { ...q, mission: mission.id.slice(4) };
    const today = Math.floor(nowMs / DAY);
    const life = { ...q, platforms: [], days: [0, today] };
    const cost = ([first, last]) => rows(['m'], `SELECT COALESCE(SUM(microcents), 0) AS m FROM call
        WHERE mission = '${q.mission}' AND spent / ${DAY} BETWEEN ${first} AND ${last}`);
    const started = [Math.floor(Date.parse(mission.starts_at) / DAY), today];
    const [[now], byPlatform, byPillar, points, best, [all], [x], [spent], [spentEver], [followers], [ofX]] = await ask([
        sums(q), groups(q, 'platform'), groups(q, 'pillar'), series(q), top(q), sums(life),
        sums({ ...life, platforms: ['twitter'] }), cost(q.days), cost([0, today]),
        followersGained({ platforms: mission.platforms }, started),
        followersGained({ platforms: ['twitter'] }, started)]);
    const answer = succeeds(await api.get(`/analytics/missions/${mission.id}?${q.text}`));
    assert.deepEqual(answer.summary, {
        posts_published: now.posts_published,
        posts_scheduled: 0,
        posts_pending: 0,
        impressions: now.impressions,
        engagements: now.engagements,
        engagement_rate: now.engagement_rate,
        link_clicks: now.link_clicks,
        cost_cents: Math.round(spent.m / 1e6),
    });
    const own = mission.platforms.filter((p) => !q.platforms.length || q.platforms.includes(p));
    const nothing = { posts_published: 0, impressions: 0, engagements: 0, engagement_rate: 0 };
    assert.deepEqual(answer.by_platform,
        { ...Object.fromEntries(own.map((p) => [p, nothing])), ...asObject(byPlatform, 'platform', platforms) });
    assert.deepEqual(answer.by_pillar, asObject(byPillar, 'pillar'));
    assert.deepEqual(answer.time_series, points);
    assert.deepEqual(answer.top_content, platformNames(best));
    const passed = answer.progress_percent / 100;
    const percent = (part, whole) => Math.round((part / whole) * 10000) / 100;
    const costPer = Math.round((spentEver.m / 1e6 / all.engagements) * 100) / 100;
    const kpi = (metric, target, current, onTrack) =>
        ({ metric, target, current, progress_percent: percent(current, target), on_track: onTrack });
    assert.deepEqual(answer.kpis, [
        kpi('impressions', 1e6, all.impressions, all.impressions >= 1e6 * passed),
        kpi('engagements', 900, x.engagements, x.engagements >= 900 * passed),
        kpi('link_clicks', 1e5, all.link_clicks, all.link_clicks >= 1e5 * passed),
        kpi('posts_published', 400, all.posts_published, all.posts_published >= 400 * passed),
        kpi('engagement_rate', 4, x.engagement_rate, x.engagement_rate >= 4),
        {
            metric: 'cost_per_engagement_cents', target: 0.01, current: costPer, on_track: costPer <= 0.01,
            progress_percent: costPer <= 0.01 ? 100 : percent(0.01, costPer),
        },
        ...[followers.n, ofX.n].map((n) => ({
            ...kpi('followers_gained', 20, n, n >= 20 * passed), progress_percent: Math.max(percent(n, 20), 0),
        })),
    ]);
}

const sortKeys = {
    impressions: 'i', engagements: 'e', engagement_rate: RATE('e', 'i'), published_at: 'published',
};

// The ranking from beginning to end, and the distributions.
async function checkPerformance(api, q, sort) {
    const cell = '((published / 86400000 + 3) % 7)';
    const hour = '(published / 3600000 % 24)';
    const of = (by) => WITH_RATE(`SELECT ${by}, COUNT(*) AS posts_published, SUM(i) AS impressions, SUM(e) AS engagements
        FROM total WHERE ${inPeriod(q)} GROUP BY ${by}`);
    const [ranking, byType, byHour, byWeekday, slots] = await ask([
        rows(['content_id', 'mission_id', 'platform', 'type', 'pillar', 'published_at', 'impressions', 'engagements',
            'engagement_rate', 'link_clicks'],
        `SELECT 'cnt_' || content AS content_id, 'msn_' || mission AS mission_id, platform, type,
                NULLIF(pillar, '') AS pillar, strftime('%Y-%m-%dT%H:%M:%SZ', published / 1000, 'unixepoch') AS published_at,
                i AS impressions, e AS engagements, ${RATE('e', 'i')} AS engagement_rate, k AS link_clicks
           FROM total WHERE ${inPeriod(q)} ORDER BY ${sortKeys[sort]} DESC, content DESC`),
        rows(['type', ...shown], of('type')),
        rows(['hour', ...shown], of(`${hour}`).replaceAll(`SELECT ${hour},`, `SELECT ${hour} AS hour,`)),
        rows(['weekday', ...shown], of(`${cell}`).replaceAll(`SELECT ${cell},`, `SELECT ${cell} AS weekday,`)),
        rows(['platform', 'weekday', 'hour', ...shown], `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY platform
            ORDER BY engagement_rate DESC, impressions DESC, weekday, hour) AS place FROM (${WITH_RATE(
        `SELECT platform, ${cell} AS weekday, ${hour} AS hour, COUNT(*) AS posts_published, SUM(i) AS impressions,
                SUM(e) AS engagements FROM total WHERE ${inPeriod(q)} GROUP BY 1, 2, 3`)})) WHERE place <= 5
            ORDER BY platform, place`),
    ]);
    const found = [];
    let answer, cursor = '';
    do {
        answer = succeeds(await api.get(`/analytics/performance?${q.text}&sort=${sort}&limit=100${cursor}`));
        found.push(...answer.content);
        cursor = `&cursor=${answer.next_cursor}`;
    } while (answer.has_more);
    assert.equal(answer.next_cursor, null);
    assert.deepEqual(found, platformNames(ranking).map((x) => ({ ...x, type: types[x.type] })));
    assert.deepEqual(answer.by_type, asObject(byType, 'type', types));
    const none = { posts_published: 0, impressions: 0, engagements: 0, engagement_rate: 0 };
    assert.deepEqual(answer.by_hour,
        Array.from({ length: 24 }, (_, i) => byHour.find((x) => x.hour === i) ?? { hour: i, ...none }));
    assert.deepEqual(answer.by_weekday, weekdays.map((weekday, i) =>
        ({ ...(byWeekday.find((x) => x.weekday === i) ?? none), weekday })));
    const times = {};
    for (const { platform, weekday, ...slot } of slots)
        (times[platforms[platform]] ??= []).push({ weekday: weekdays[weekday], ...slot });
    assert.deepEqual(answer.best_times, times);
}

// Cents by the largest remainders, of equal ones to the first.
const shared = (query, order) => `SELECT *, m / 1000000 + (ROW_NUMBER() OVER (ORDER BY m % 1000000 DESC, ${order})
    <= (SELECT (SUM(m) + 500000) / 1000000 - SUM(m / 1000000) FROM (${query}))) AS cents FROM (${query}) ORDER BY ${order}`;

async function checkCosts(api, q, missions) {
    q = { ...q, granularity: q.granularity === 'hour' ? 'day' : q.granularity, platforms: [] };
    const asked = q.text.replace('granularity=hour', 'granularity=day');
    const spent = `spent / ${DAY} BETWEEN ${q.days[0]} AND ${q.days[1]}`;
    const use = 'COUNT(*) AS calls, SUM(tokens_in) AS tokens_in, SUM(tokens_out) AS tokens_out, SUM(microcents) AS m';
    const used = ['calls', 'tokens_in', 'tokens_out', 'cents'];
    const [[total], byProvider, byModel, byMission, byCategory, points, [reached], [budget]] = await ask([
        rows(['m'], `SELECT COALESCE(SUM(microcents), 0) AS m FROM call WHERE ${spent}`),
        rows(['provider', ...used], shared(`SELECT provider, ${use} FROM call WHERE ${spent} GROUP BY 1`, 'provider')),
        rows(['provider', 'model', ...used],
            shared(`SELECT provider, model, ${use} FROM call WHERE ${spent} GROUP BY 1, 2`, 'provider, model')),
        rows(['mission', 'cents'],
            shared(`SELECT mission, SUM(microcents) AS m FROM call WHERE ${spent} GROUP BY 1`, 'm DESC, mission')),
        rows(['category', 'cents'],
            shared(`SELECT category, SUM(microcents) AS m FROM call WHERE ${spent} GROUP BY 1`, 'category')),
        rows(['date', 'cents'], shared(`SELECT ${bucket(q)} AS date, COALESCE(SUM(m), 0) AS m FROM (${times(q)}) LEFT JOIN
            (SELECT spent / ${DAY} AS at, SUM(microcents) AS m FROM call WHERE ${spent} GROUP BY 1) USING (at)
            GROUP BY date`, 'date')),
        sums(q),
        rows(['m'], `SELECT 0 AS m`),
    ]);
    const answer = succeeds(await api.get(`/analytics/costs?${asked}`));
    const cents = Math.round(total.m / 1e6);
    const per = (n) => (n > 0 ? Math.round((total.m / 1e6 / n) * 100) / 100 : null);
    assert.deepEqual(answer, {
        period: { start: date(q.days[0]), end: date(q.days[1]) },
        total_cents: cents,
        budget: { limit_cents: null, spent_cents: budget.m, remaining_cents: null },
        by_provider: byProvider,
        by_model: byModel,
        by_mission: byMission.map((x) => ({
            mission_id: `msn_${x.mission}`,
            mission_name: missions.find(({ id }) => id === `msn_${x.mission}`).name,
            cents: x.cents,
        })),
        by_category: Object.fromEntries(['generation', 'images', 'publishing'].map((name, i) =>
            [name, byCategory.find((x) => x.category === i + 1)?.cents ?? 0])),
        time_series: points,
        cost_per_post_cents: per(reached.posts_published),
        cost_per_engagement_cents: per(reached.engagements),
    });
    for (const parts of [byProvider, byModel, byMission, byCategory, points])
        assert.equal(parts.reduce((n, x) => n + x.cents, 0), cents);
}

// Files as JSON lines, all of them.
async function checkExports(api, q) {
    const TIME = (name) => `strftime('%Y-%m-%dT%H:%M:%SZ', ${name} / 1000, 'unixepoch')`;
    const queries = {
        content: [['content_id', 'mission_id', 'platform', 'type', 'pillar', 'published_at', 'impressions', 'engagements',
            'engagement_rate', 'link_clicks', 'likes', 'comments', 'shares', 'saves'],
        `SELECT 'cnt_' || content AS content_id, 'msn_' || mission AS mission_id, platform, type, pillar,
            ${TIME('published')} AS published_at, i AS impressions, e AS engagements, ${RATE('e', 'i')} AS engagement_rate,
            k AS link_clicks, l AS likes, c AS comments, s AS shares, v AS saves
           FROM total WHERE ${inPeriod(q)} ORDER BY published, content`],
        daily: [['date', 'mission_id', 'platform', 'type', 'pillar', ...shown, 'link_clicks'],
            WITH_RATE(`SELECT date(day * 86400, 'unixepoch') AS date, 'msn_' || mission AS mission_id, platform, type, pillar,
                ${SUMS} FROM fact WHERE ${inPeriod(q)} GROUP BY mission, day, platform, type, pillar
                ORDER BY mission, day, platform, type, pillar`)],
        costs: [['spent_at', 'mission_id', 'content_id', 'category', 'provider', 'model', 'tokens_in', 'tokens_out', 'cents'],
            `SELECT ${TIME('spent')} AS spent_at, 'msn_' || mission AS mission_id, NULL AS content_id, category, provider,
                model, tokens_in, tokens_out, microcents / 1000000.0 AS cents FROM call
              WHERE spent / ${DAY} BETWEEN ${q.days[0]} AND ${q.days[1]} ORDER BY spent, id`],
    };
    const expected = await ask(Object.values(queries).map(([columns, query]) => rows(columns, query)));
    const categories = ['', 'generation', 'images', 'publishing'];
    for (const [i, type] of Object.keys(queries).entries()) {
        const file = await api.get(`/analytics/export?${q.text}&type=${type}&format=json`);
        assert.equal(file.status, 200, file.text);
        const lines = file.text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
        assert.deepEqual(lines, expected[i].map((x) => ({
            ...x,
            ...(x.platform && { platform: platforms[x.platform], type: types[x.type] }),
            ...(x.category && { category: categories[x.category] }),
        })), type);
    }
}

// --- The questions ---

function question(random, today) {
    const q = { platforms: platforms.slice(1).filter(() => random(3) === 0) };
    const names = { '7d': 6, '30d': 29, '90d': 89 };
    const named = ['7d', '30d', '90d', 'ytd', 'all', null, null, null, null][random(9)];
    if (named === null) {
        const length = [1, 1 + random(10), 1 + random(60), 1 + random(500)][random(4)];
        const last = today + 5 - random(DAYS);
        q.days = [last - length + 1, last];
        q.text = `start_date=${date(q.days[0])}&end_date=${date(last)}`;
    } else {
        q.days = named === 'ytd' ? [Date.UTC(new Date(today * DAY).getUTCFullYear(), 0, 1) / DAY, today]
            : named === 'all' ? 'all' : [today - names[named], today];
        q.text = `period=${named}`;
    }
    q.granularity = ['hour', 'day', 'week', 'month'][random(4)];
    if (q.granularity === 'hour' && (q.days === 'all' || q.days[0] < today - 89)) q.granularity = 'day';
    q.text += `&granularity=${q.granularity}`;
    if (q.platforms.length) q.text += `&platforms=${q.platforms.join(',')}`;
    return q;
}

// Where everything is asked for, the period begins with the first figures, or costs.
async function fromTheFirst(q, today, where = '', withCosts = false) {
    if (q.days !== 'all') return q;
    const tables = [`SELECT MIN(day) AS d FROM fact ${where}`,
        ...(withCosts ? [`SELECT MIN(spent / ${DAY}) FROM call`] : [])];
    const [[{ d }]] = await ask([rows(['d'], `SELECT MIN(d) AS d FROM (${tables.join(' UNION ALL ')})`)]);
    return { ...q, days: [d, today] };
}

test('every figure is what plain SQL makes of the raw rows', { timeout: 280000 }, async () => {
    const { test: api, tenant } = newTenant();
    const nowMs = Date.parse(await setClock(api));
    const today = Math.floor(nowMs / DAY);
    const missions = [];
    for (let i = 0; i < 5; i++) {
        missions.push(await makeMission(api, {
            name: `Mission ${i}`, status: 'draft', platforms: platforms.slice(1, 2 + (i % 3)), starts_at: monday(),
            duration_days: 10,
            kpis: [{ metric: 'impressions', target: 1e6 }, { metric: 'engagements', target: 900, platform: 'twitter' },
                { metric: 'link_clicks', target: 1e5 }, { metric: 'posts_published', target: 400 },
                { metric: 'engagement_rate', target: 4, platform: 'twitter' },
                { metric: 'cost_per_engagement_cents', target: 0.01 }, { metric: 'followers_gained', target: 20 },
                { metric: 'followers_gained', target: 20, platform: 'twitter' }],
        }));
    }
    const data = generate(missions.map(({ id }) => id.slice(4)), nowMs);
    assert.ok(data.gains.length >= 200000);
    loadAmp(tenant.id.slice(4), data);
    assert.deepEqual(amp(['analytics', 'rebuild', '--tenant', tenant.id]), { tenants: 1 });
    await loadSqlite(data);

    const random = numbers(42);
    for (let round = 0; round < ROUNDS; round++) {
        const q = question(random, today);
        const mission = missions[random(missions.length)];
        const sort = Object.keys(sortKeys)[round % 4];
        const all = await fromTheFirst(q, today);
        try {
            await checkOverview(api, all);
            await checkMission(api, await fromTheFirst(q, today, `WHERE mission = '${mission.id.slice(4)}'`), mission, nowMs);
            await checkPerformance(api, all, sort);
            await checkCosts(api, await fromTheFirst(q, today, '', true), missions);
            if (all.days[1] - all.days[0] < 40 || round % 5 === 0) await checkExports(api, all);
        } catch (e) {
            e.message = `${q.text} (${mission.name}, ${sort}): ${e.message}`;
            throw e;
        }
    }
});
