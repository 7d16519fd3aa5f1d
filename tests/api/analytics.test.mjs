// Analytics: shapes, periods, and figures that agree with those of the provider.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, sql, succeeds, waitFor } from '../harness/client.mjs';
import {
    getContent,
    later,
    makeMission,
    monday,
    nextPull,
    sandboxFigures,
    sandboxFollowers,
    setClock,
    waitForContent,
    waitForStatus,
    writtenMission,
} from '../harness/missions.mjs';

const rate = (engagements, impressions) =>
    impressions ? Math.round((engagements / impressions) * 10000) / 100 : 0;
const sum = (list, key) => list.reduce((n, x) => n + x[key], 0);
const noFigures = { posts_published: 0, impressions: 0, engagements: 0, engagement_rate: 0 };
const flat = { current: 0, previous: 0, change_percent: null, direction: 'flat' };
const date = (days) => monday(days).slice(0, 10);

test('a new tenant has reached nothing, in full shape and without gaps', async () => {
    const { test: api } = newTenant();
    await setClock(api);
    const answer = succeeds(await api.get('/analytics'));
    assert.deepEqual(answer, {
        period: { start: date(-29), end: date(0) },
        summary: {
            missions_active: 0,
            content_published: 0,
            total_impressions: 0,
            total_engagements: 0,
            overall_engagement_rate: 0,
            total_link_clicks: 0,
            followers_gained: 0,
        },
        trends: { impressions: flat, engagements: flat, engagement_rate: flat },
        by_platform: {},
        time_series: Array.from({ length: 30 }, (_, i) => ({
            date: date(i - 29),
            impressions: 0,
            engagements: 0,
            posts: 0,
        })),
        top_content: [],
    });
});

test('a mission without posts has its platforms, and a KPI that stands at nothing', async () => {
    const { test: api } = newTenant();
    await setClock(api);
    const mission = await makeMission(api, {
        platforms: ['twitter', 'linkedin'],
        status: 'draft',
        kpis: [{ metric: 'impressions', target: 1000 }],
        duration_days: 9,
        starts_at: monday(),
    });
    const answer = succeeds(await api.get(`/analytics/missions/${mission.id}?period=7d`));
    assert.deepEqual(answer, {
        mission_id: mission.id,
        mission_name: mission.name,
        period: { start: date(-6), end: date(0) },
        status: 'draft',
        progress_percent: 0,
        summary: {
            posts_published: 0,
            posts_scheduled: 0,
            posts_pending: 0,
            impressions: 0,
            engagements: 0,
            engagement_rate: 0,
            link_clicks: 0,
            cost_cents: 0,
        },
        kpis: [{ metric: 'impressions', target: 1000, current: 0, progress_percent: 0, on_track: true }],
        by_platform: { twitter: noFigures, linkedin: noFigures },
        by_pillar: {},
        time_series: answer.time_series,
        top_content: [],
    });
    assert.equal(answer.time_series.length, 7);
});

test('figures are those that the provider reports', async () => {
    const { test: api, tenant } = newTenant();
    const { mission, content } = await writtenMission(api, {
        platforms: ['twitter', 'linkedin'],
        kpis: [
            { metric: 'impressions', target: 1, platform: 'twitter' },
            { metric: 'engagement_rate', target: 99 },
            { metric: 'followers_gained', target: 1 },
            { metric: 'followers_gained', target: 1000, platform: 'linkedin' },
        ],
    });
    const out = [];
    await setClock(api, later(monday(2), 4 * 3600)); // Wednesday, ten: three days of two posts are out
    await waitForContent(api, mission, 20); // and seven more days are written
    for (const c of content.slice(0, 6)) out.push(await waitForStatus(api, c.id, 'published'));
    const caughtUp = () =>
        waitFor(async () => nextPull(tenant) > succeeds(await api.get('/test/clock')).now, {
            what: 'the pull of figures',
        });
    await caughtUp();
    // To the very moment of a pull, in which all have their turn, also those that are two days old.
    sql(`UPDATE metric_last SET due_ms = 0 WHERE tenant_id = '${tenant.id.slice(4)}' AND livemode = FALSE`);
    const now = await setClock(api, nextPull(tenant));
    await caughtUp();

    const theirs = new Map([
        ...(await sandboxFigures(tenant, 'twitter', now)),
        ...(await sandboxFigures(tenant, 'linkedin', now)),
    ]);
    assert.equal(theirs.size, 6);
    const of = (platform) =>
        out.filter((c) => c.platform === platform).map((c) => theirs.get(c.publishing.platform_post_id));
    const total = (key) => sum([...theirs.values()], key);
    assert.ok(total('impressions') > 0 && total('engagements') > 0 && total('clicks') > 0);
    const group = (posts) => ({
        posts_published: posts.length,
        impressions: sum(posts, 'impressions'),
        engagements: sum(posts, 'engagements'),
        engagement_rate: rate(sum(posts, 'engagements'), sum(posts, 'impressions')),
    });

    const followers = {
        twitter: await sandboxFollowers(tenant, 'twitter', now),
        linkedin: await sandboxFollowers(tenant, 'linkedin', now),
    };
    const today = now.slice(0, 10);
    const gained = (platform, before) =>
        followers[platform].get(today) - followers[platform].get(before.slice(0, 10));
    const followed = async (query) =>
        succeeds(await api.get(`/analytics?${query}`)).summary.followers_gained;
    const aWeekAgo = later(now, -7 * 86400);
    const [{ known }] = sql(`SELECT MIN(day) AS known FROM follower WHERE tenant_id = '${tenant.id.slice(4)}'`);
    assert.ok(Date.parse(today) / 86400000 - known >= 89); // what was before the first post is known, too
    for (const platform of ['twitter', 'linkedin']) {
        assert.ok(gained(platform, aWeekAgo) > 0);
        assert.equal(await followed(`period=7d&platforms=${platform}`), gained(platform, aWeekAgo));
        assert.equal( // the first day that is known has no day before it
            await followed(`start_date=2000-01-01&end_date=${today}&platforms=${platform}`),
            gained(platform, new Date(known * 86400000).toISOString()),
        );
        assert.equal(await followed(`start_date=2000-01-01&end_date=2000-01-31&platforms=${platform}`), 0);
    }
    // What was asked stands in the ledger, and costs nothing.
    const calls = sql(`SELECT model, COUNT(*) AS n FROM cost WHERE tenant_id = '${tenant.id.slice(4)}' AND category = 3
        AND provider = 'metricool' AND state = 2 AND microcents = 0 AND mission_id IS NULL GROUP BY model ORDER BY model`);
    assert.deepEqual(calls.map((row) => row.model), ['analytics.followers', 'analytics.posts', 'settings.brands']);
    const { by_model: models } = succeeds(await api.get('/analytics/costs?period=all'));
    for (const { model, n } of calls)
        assert.equal(models.find((x) => x.model === model)?.calls, Number(n), model);
    assert.ok(calls[1].n >= 4 && calls[2].n >= 1, JSON.stringify(calls)); // of two networks, twice at least
    const sinceStart = (platform) => gained(platform, later(mission.starts_at, -86400));
    const overview = succeeds(await api.get('/analytics?period=7d'));
    assert.ok( // networks that are connected count, whether anything was published there or not
        overview.summary.followers_gained > gained('twitter', aWeekAgo) + gained('linkedin', aWeekAgo),
    );
    assert.deepEqual(overview.summary, {
        missions_active: 1,
        content_published: 6,
        total_impressions: total('impressions'),
        total_engagements: total('engagements'),
        overall_engagement_rate: rate(total('engagements'), total('impressions')),
        total_link_clicks: total('clicks'),
        followers_gained: overview.summary.followers_gained,
    });
    assert.deepEqual(overview.by_platform, {
        twitter: group(of('twitter')),
        linkedin: group(of('linkedin')),
    });
    assert.deepEqual(overview.trends.impressions, {
        current: total('impressions'),
        previous: 0,
        change_percent: null,
        direction: 'up',
    });
    for (const [key, summed] of [
        ['impressions', total('impressions')],
        ['engagements', total('engagements')],
        ['posts', 6],
    ])
        assert.equal(sum(overview.time_series, key), summed);
    assert.deepEqual(
        overview.time_series.filter((p) => p.posts).map((p) => [p.date, p.posts]),
        [0, 1, 2].map((d) => [date(d), 2]),
    );

    const best = [...theirs]
        .map(([id, f]) => [out.find((c) => c.publishing.platform_post_id === id), f])
        .sort((a, b) => b[1].impressions - a[1].impressions);
    assert.equal(overview.top_content.length, 5);
    overview.top_content.forEach((top, i) => assert.equal(top.impressions, best[i][1].impressions));
    const first = await getContent(api, overview.top_content[0].content_id);
    const figures = theirs.get(first.publishing.platform_post_id);
    assert.deepEqual(overview.top_content[0], {
        content_id: first.id,
        platform: first.platform,
        impressions: figures.impressions,
        engagement_rate: rate(figures.engagements, figures.impressions),
        preview: [...first.copy.primary].slice(0, 100).join(''),
    });

    const report = succeeds(await api.get(`/analytics/missions/${mission.id}?period=7d`));
    assert.deepEqual(report.summary, {
        posts_published: 6,
        posts_scheduled: 14,
        posts_pending: 0,
        impressions: total('impressions'),
        engagements: total('engagements'),
        engagement_rate: rate(total('engagements'), total('impressions')),
        link_clicks: total('clicks'),
        cost_cents: 0,
    });
    assert.deepEqual(report.by_platform, overview.by_platform);
    assert.deepEqual(report.time_series, overview.time_series);
    assert.deepEqual(report.top_content, overview.top_content);
    const pillars = Object.values(report.by_pillar);
    assert.deepEqual(
        [sum(pillars, 'posts_published'), sum(pillars, 'impressions')],
        [6, total('impressions')],
    );
    const onX = sum(of('twitter'), 'impressions');
    assert.deepEqual(report.kpis, [
        { metric: 'impressions', target: 1, current: onX, progress_percent: onX * 100, on_track: true },
        {
            metric: 'engagement_rate',
            target: 99,
            current: report.summary.engagement_rate,
            progress_percent: report.kpis[1].progress_percent,
            on_track: false,
        },
        ...[
            { target: 1, current: sinceStart('twitter') + sinceStart('linkedin'), on_track: true },
            { target: 1000, current: sinceStart('linkedin'), on_track: false },
        ].map((x) => ({
            metric: 'followers_gained',
            ...x,
            progress_percent: Math.round((x.current / x.target) * 10000) / 100,
        })),
    ]);

    const onlyX = succeeds(await api.get('/analytics?period=7d&platforms=twitter'));
    assert.deepEqual(onlyX.by_platform, { twitter: overview.by_platform.twitter });
    assert.equal(onlyX.summary.total_impressions, onX);
    const oneDay = succeeds(await api.get(`/analytics?start_date=${date(0)}&end_date=${date(0)}`));
    assert.deepEqual([oneDay.summary.content_published, oneDay.time_series.length], [2, 1]);
    const hours = succeeds(
        await api.get(`/analytics?start_date=${date(0)}&end_date=${date(2)}&granularity=hour`),
    );
    assert.equal(hours.time_series.length, 72);
    assert.equal(hours.time_series[9].date, `${date(0)}T09:00:00Z`);
    assert.equal(hours.time_series[9].posts, 2);
    assert.equal(sum(hours.time_series, 'impressions'), total('impressions'));
    const later7 = succeeds(await api.get(`/analytics?start_date=${date(7)}&end_date=${date(13)}`));
    assert.deepEqual(later7.trends.impressions, {
        current: 0,
        previous: total('impressions'),
        change_percent: -100,
        direction: 'down',
    });
});

test('a deleted mission is gone from its own address, what it reached stays in the overview', async () => {
    const { test: api } = newTenant();
    const {
        mission,
        content: [c],
    } = await writtenMission(api);
    succeeds(await api.post('/publish', { content_id: c.id }));
    succeeds(await api.del(`/missions/${mission.id}`), 204);
    failsWith(await api.get(`/analytics/missions/${mission.id}`), 404, 'not_found');
    const { summary } = succeeds(await api.get('/analytics'));
    assert.deepEqual([summary.missions_active, summary.content_published], [0, 1]);
});

test('periods are those that were asked for', async () => {
    const { test: api } = newTenant();
    await setClock(api);
    const year = monday().slice(0, 4);
    const start = async (query, expected, n) => {
        const { period, time_series: series } = succeeds(await api.get(`/analytics?${query}`));
        assert.deepEqual(period, { start: expected, end: date(0) }, query);
        if (n) assert.equal(series.length, n, query);
    };
    await start('period=7d', date(-6), 7);
    await start('period=30d', date(-29), 30);
    await start('period=90d', date(-89), 90);
    await start('period=ytd', `${year}-01-01`);
    await start('period=all', date(0), 1);
    await start(`start_date=2024-01-01&end_date=${date(0)}&granularity=month`, '2024-01-01');
    const weeks = succeeds(
        await api.get('/analytics?start_date=2024-01-31&end_date=2024-02-29&granularity=week'),
    );
    assert.deepEqual(
        weeks.time_series.map((p) => p.date),
        ['2024-01-29', '2024-02-05', '2024-02-12', '2024-02-19', '2024-02-26'],
    );
    const months = succeeds(
        await api.get('/analytics?start_date=2023-12-31&end_date=2024-02-01&granularity=month'),
    );
    assert.deepEqual(
        months.time_series.map((p) => p.date),
        ['2023-12-01', '2024-01-01', '2024-02-01'],
    );
});

test('bad questions are refused by name, also about nobody', async () => {
    const { test: api } = newTenant();
    const mission = await makeMission(api, { status: 'draft' });
    const cases = [
        ['period=1d', 'period'],
        ['period=', 'period'],
        ['period=7d&period=7d', 'period'],
        ['granularity=minute', 'granularity'],
        ['platforms=myspace', 'platforms'],
        ['platforms=twitter,,linkedin', 'platforms'],
        ['platforms=', 'platforms'],
        ['start_date=2024-01-01', 'end_date'],
        ['end_date=2024-01-01', 'start_date'],
        ['start_date=2024-02-01&end_date=2024-01-01', 'end_date'],
        ['start_date=2024-02-30&end_date=2024-03-01', 'start_date'],
        ['start_date=2024-01-01T00:00:00Z&end_date=2024-03-01', 'start_date'],
        ['period=7d&start_date=2024-01-01&end_date=2024-01-02', 'period'],
        ['start_date=1970-01-01&end_date=9999-12-31', 'granularity'],
        ['start_date=2020-01-01&end_date=2024-01-01&granularity=hour', 'granularity'],
        ['limit=5', 'limit'],
        ['mission_id=msn_0000000000000001', 'mission_id'],
    ];
    for (const path of ['/analytics', `/analytics/missions/${mission.id}`]) {
        for (const [query, param] of cases)
            failsWith(await api.get(`${path}?${query}`), 400, 'invalid_request', param);
    }
    failsWith(await api.get('/analytics/missions/msn_0000000000000001'), 404, 'not_found');
    failsWith(
        await api.get('/analytics/missions/msn_0000000000000001?period=1d'),
        400,
        'invalid_request',
        'period',
    );
});

test('live figures know nothing of test figures', async () => {
    const { test: api, live } = newTenant();
    const {
        content: [c],
    } = await writtenMission(api);
    succeeds(await api.post('/publish', { content_id: c.id }));
    assert.equal(succeeds(await api.get('/analytics')).summary.content_published, 1);
    assert.equal(succeeds(await live.get('/analytics?period=all')).summary.content_published, 0);
});

test('content that waits for a review is pending in the report', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api, { constraints: { require_approval: true } });
    const { summary } = succeeds(await api.get(`/analytics/missions/${mission.id}`));
    assert.deepEqual([summary.posts_scheduled, summary.posts_pending], [0, 7]);
});

// The very ages that docs/analytics.md names, with the interval of an hour that is the default.
test('the older a post, the more rarely it is asked about', async () => {
    const { test: api, tenant } = newTenant();
    const { mission, content: [c] } = await writtenMission(api);
    succeeds(await api.post('/publish', { content_id: c.id }));
    succeeds(await api.post(`/missions/${mission.id}/pause`)); // nothing else goes out meanwhile
    const [account, post] = [tenant.id.slice(4), c.id.slice(4)];
    const due = () => sql(`SELECT due_ms FROM metric_last WHERE tenant_id = '${account}'
        AND content_id = '${post}'`)[0].due_ms;
    const makeOlder = (days) => sql(`UPDATE content SET published_ms = published_ms - ${days * 86400000}
        WHERE tenant_id = '${account}' AND id = '${post}'`);
    // Moves the clock, and waits until all is asked that is due then. Was the post?
    const asked = async (time) => {
        const before = due();
        await setClock(api, time);
        await waitFor(() => !(nextPull(tenant) <= time), { what: `the figures of ${time}` });
        return due() !== before;
    };
    const countPulls = async (day) => {
        let pulls = 0;
        for (let next = nextPull(tenant); next && next <= monday(day + 1); next = nextPull(tenant))
            pulls += await asked(next);
        return pulls;
    };
    assert.equal(await countPulls(0), 24);
    for (const [day, older, pulls] of [[2, 0, 4], [4, 12, 1], [6, 80, 0]]) {
        makeOlder(older);
        assert.ok(await asked(monday(day)), `before day ${day}`);
        assert.equal(await countPulls(day), pulls, `on day ${day}`);
    }
    assert.equal(nextPull(tenant), undefined);
});
