// When a mission posts and about what: best hours, what results teach, and what is planned anew.
import assert from 'node:assert/strict';
import test from 'node:test';
import { newTenant, sql, succeeds, waitFor } from '../harness/client.mjs';
import { install, newSite } from '../harness/installation.mjs';
import {
    bestTimes, getContent, later, listContent, makeMission, monday, nextPull, sentPosts, setClock, waitForContent,
    waitForStatus, writtenMission,
} from '../harness/missions.mjs';

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const slotOf = (x) => x.scheduling.scheduled_for;
const hourOf = (x) => new Date(slotOf(x)).getUTCHours();
const dayOf = (x) => slotOf(x).slice(0, 10);
const weekdayOf = (x) => weekdays[new Date(slotOf(x)).getUTCDay()];
const count = (list, is) => list.filter(is).length;

async function stageOf(api, mission, name) {
    const { stages } = succeeds(await api.get(`/missions/${mission.id}/pipeline`));
    return stages.find((s) => s.stage === name).output;
}

function planOf(output, platform) {
    return output.calendar.find((p) => p.platform === platform);
}

// The best hours of a day, three hours apart as far as there is room.
function choose(hours, n) {
    const chosen = [];
    for (let apart = 3; chosen.length < n; apart--) {
        for (const { hour } of hours) {
            if (chosen.length < n && chosen.every((h) => Math.abs(h - hour) >= Math.max(apart, 1))) chosen.push(hour);
        }
    }
    return chosen.sort((a, b) => a - b);
}

function follows(content, plan, n) {
    for (const day of new Set(content.map(dayOf))) {
        const own = content.filter((x) => dayOf(x) === day);
        const { hours } = plan.times.week.find((d) => d.weekday === weekdayOf(own[0]));
        assert.deepEqual(own.map(hourOf), choose(hours, n), day);
    }
}

// Everything of a mission is out and looked at, a week after it began.
async function playWeek(api, tenant, mission, posts) {
    await setClock(api, monday(7));
    const out = { mission_id: mission.id, status: 'published' };
    await waitFor(async () => (await listContent(api, out)).total === posts, { what: 'the posts', timeout: 60000 });
    await waitFor(async () => nextPull(tenant) > monday(7), { what: 'the figures' });
    return waitFor(() => stageOf(api, mission, 'optimize'), { what: 'what they teach' });
}

const edit = async (api, x, i, word) => succeeds(await api.put(`/content/${x.id}`, {
    copy: { ...x.copy, primary: `A thing worth saying, number ${i}. [sandbox:${word}]`, thread_parts: [] },
}));

test('each platform posts at its own best hours, which are Metricool\'s', async () => {
    const { test: api, tenant } = newTenant();
    await setClock(api);
    const mission = await makeMission(api, {
        platforms: ['twitter', 'linkedin'], constraints: { use_optimal_times: true, posts_per_day: 2 },
    });
    assert.deepEqual(mission.constraints.posting_times, []);
    const content = await waitForContent(api, mission, 28);
    const strategy = await stageOf(api, mission, 'strategy');
    for (const platform of mission.platforms) {
        const plan = planOf(strategy, platform);
        const { source, base, week, results } = plan.times;
        assert.deepEqual([source, base, results, week.length], ['provider', 'provider', [], 7]);
        const theirs = await bestTimes(tenant, platform);
        const best = Math.max(...theirs.values());
        for (const { weekday, hours } of week) {
            assert.equal(hours.length, 8);
            for (const { hour, score } of hours)
                assert.ok(Math.abs(score - theirs.get(`${weekday} ${hour}`) / best) < 0.002, `${weekday} ${hour}`);
        }
        const own = content.filter((x) => x.platform === platform);
        follows(own, plan, 2);
        assert.equal(new Set(own.map(slotOf)).size, 14);
        assert.equal(plan.first_slot_at, slotOf(own[0]));
    }
    const by = (platform) => content.filter((x) => x.platform === platform).map(slotOf);
    assert.notDeepEqual(by('twitter'), by('linkedin'));
    // What was asked for it stands in the ledger, and costs nothing.
    assert.deepEqual(sql(`SELECT provider, model, microcents, COUNT(*) AS n FROM cost WHERE job_id =
        '${mission.pipeline_job_id.slice(4)}' AND mission_id = '${mission.id.slice(4)}' GROUP BY 1, 2, 3`),
    [{ provider: 'metricool', model: 'scheduler.besttimes', microcents: '0', n: '2' }]);
});

test('best hours keep to what the mission states, and are usual ones where nobody knows better', async () => {
    const { test: api } = newTenant();
    await setClock(api);
    const mission = await makeMission(api, {
        platforms: ['mastodon'],
        constraints: {
            use_optimal_times: true, posts_per_day: 3, posting_times: ['07:15'], timezone: 'Asia/Kolkata',
            earliest_time: '07:00', latest_time: '18:30', exclude_days: ['wednesday'],
        },
    });
    const content = await waitForContent(api, mission, 18); // Monday 11:30 there: the first of today is over
    const plan = planOf(await stageOf(api, mission, 'strategy'), 'mastodon');
    assert.equal(plan.times.source, 'default');
    assert.ok(!plan.times.week.some((d) => d.weekday === 'wednesday'));
    const local = content.map((x) => new Date(Date.parse(slotOf(x)) + 5.5 * 3600000).toISOString());
    assert.deepEqual(local.slice(0, 2).map((t) => t.slice(11, 16)), ['12:00', '18:00']);
    assert.deepEqual(local.slice(2, 5).map((t) => t.slice(11, 16)), ['07:15', '12:00', '18:00']);
    assert.equal(count(local, (t) => t.startsWith(monday(2).slice(0, 10))), 0);
});

test('planning anew moves nothing that is written, and writes nothing twice', async () => {
    const { test: api } = newTenant();
    await setClock(api);
    const mission = await makeMission(api, { constraints: { use_optimal_times: true, posts_per_day: 2 } });
    const content = await waitForContent(api, mission, 14);
    const before = await stageOf(api, mission, 'strategy');
    succeeds(await api.post(`/missions/${mission.id}/run`, { from: 'intake' }), 202);
    const after = await waitFor(() => stageOf(api, mission, 'strategy'), { what: 'the strategy' });
    assert.deepEqual(after.calendar[0].times, before.calendar[0].times);
    const marker = await makeMission(api, { name: 'Marker' });
    await waitForContent(api, marker, 7);
    assert.deepEqual((await waitForContent(api, mission, 14)).map(slotOf), content.map(slotOf));
});

test('the pillar whose posts do better gets more of what is planned afterwards', { timeout: 120000 }, async () => {
    const { test: api, tenant } = newTenant();
    await setClock(api);
    const times = ['09:00', '13:00', '18:00'];
    const mission = await makeMission(api, { constraints: { posts_per_day: 3, posting_times: times } });
    const content = await waitForContent(api, mission, 21);
    const planned = (await stageOf(api, mission, 'strategy')).pillars;
    const better = planned[2].name;
    const isBetter = (x) => x.metadata.pillar === better;
    for (const [i, x] of content.entries()) await edit(api, x, i, isBetter(x) ? 'popular' : 'ignored');

    const learned = (await playWeek(api, tenant, mission, 21)).pillars;
    const weight = Object.fromEntries(learned.map((p) => [p.name, p]));
    assert.equal(weight[better].planned_weight, planned[2].weight);
    assert.ok(weight[better].weight > 1.3 * planned[2].weight, JSON.stringify(weight[better]));
    assert.ok(weight[better].lift > 1 && weight[better].posts === count(content, isBetter));
    for (const p of learned.filter((x) => x.name !== better)) assert.ok(p.lift < 1 && p.weight < p.planned_weight);

    // Changed, it is planned by what was learned at once.
    const changed = { constraints: { posts_per_day: 3, posting_times: ['10:00', '14:00', '19:00'] } };
    succeeds(await api.put(`/missions/${mission.id}`, changed));
    const anew = await waitForContent(api, mission, 21, { status: 'scheduled' });
    assert.ok(count(anew, isBetter) > count(content, isBetter), `${count(anew, isBetter)} of 21`);
    const kept = Object.fromEntries((await stageOf(api, mission, 'optimize')).pillars.map((p) => [p.name, p.weight]));
    assert.ok(kept[better] > 1.3 * planned[2].weight);
});

test('the hour at which posts do better comes first in what is planned afterwards', { timeout: 120000 }, async () => {
    const { test: api, tenant } = newTenant();
    await setClock(api);
    const mission = await makeMission(api, { constraints: { use_optimal_times: true, posts_per_day: 3 } });
    const content = await waitForContent(api, mission, 21);
    const better = hourOf(content[2]);
    for (const [i, x] of content.entries()) await edit(api, x, i, hourOf(x) === better ? 'popular' : 'ignored');

    const { times } = planOf(await playWeek(api, tenant, mission, 21), 'twitter');
    assert.deepEqual([times.source, times.base], ['results', 'provider']);
    assert.equal(times.results.reduce((sum, r) => sum + r.posts, 0), 21);
    for (const r of times.results) assert.ok(r.hour === better ? r.lift > 1.3 : r.lift < 1, JSON.stringify(r));
    const having = times.week.filter((d) => d.hours.some((h) => h.hour === better));
    assert.ok(having.length > 0);
    for (const { hours } of having) {
        assert.equal(hours[0].hour, better);
        assert.ok(hours[0].score > hours[0].planned_score);
    }

    succeeds(await api.put(`/missions/${mission.id}`, { constraints: { use_optimal_times: true, posts_per_day: 2 } }));
    const anew = await waitForContent(api, mission, 14, { status: 'scheduled' });
    const plan = planOf(await stageOf(api, mission, 'optimize'), 'twitter');
    assert.equal(plan.times.source, 'results');
    follows(anew, plan, 2);
    // With fewer posts a day fewer hours are kept in reserve, perhaps without this one.
    const still = plan.times.week.filter((d) => d.hours.some((h) => h.hour === better));
    assert.ok(still.length > 0 && still.length <= having.length);
    for (const { weekday } of still)
        assert.equal(count(anew, (x) => weekdayOf(x) === weekday && hourOf(x) === better), 1, weekday);
});

test('topics of the brand are pillars by their weights, are written about, and follow the brand', async () => {
    const { test: api } = newTenant();
    await setClock(api);
    const brand = succeeds(await api.post('/brand-contexts', {
        name: 'Acme', topics: [{ name: 'API design', weight: 60 }, { name: 'Observability', weight: 20 }],
    }), 201);
    const mission = await makeMission(api, {
        platforms: ['twitter', 'linkedin'], brand_context_id: brand.id, constraints: { posts_per_day: 6 },
    });
    const weights = (output) => Object.fromEntries(output.pillars.map((p) => [p.name, p.weight]));
    const strategy = await waitFor(() => stageOf(api, mission, 'strategy'), { what: 'the strategy' });
    const planned = weights(strategy);
    assert.deepEqual(strategy.pillars.map((p) => p.name).sort(), ['API design', 'Behind the Scenes', 'Community',
        'Education', 'Observability', 'Product Value', 'Thought Leadership']);
    assert.equal(Object.values(planned).reduce((a, b) => a + b), 100);
    assert.equal(planned.Observability, 12); // a quarter of half of all, and the rest for what weighs thrice as much
    assert.ok(planned['API design'] >= 37 && planned['API design'] <= 43, JSON.stringify(planned));

    const content = await waitForContent(api, mission, 84);
    const near = (list, name, weight) => {
        const share = count(list, (x) => x.metadata.pillar === name) / list.length;
        assert.ok(Math.abs(share * 100 - weight) < 4, `${name}: ${share}`);
    };
    for (const platform of mission.platforms) {
        for (const [name, weight] of Object.entries(planned)) near(content.filter((x) => x.platform === platform), name, weight);
    }
    for (const x of content.filter((y) => ['API design', 'Observability'].includes(y.metadata.pillar)))
        assert.equal(x.metadata.topic.toLowerCase(), x.metadata.pillar.toLowerCase());

    succeeds(await api.put(`/brand-contexts/${brand.id}`, { topics: [{ name: 'Observability', weight: 1 }] }));
    await setClock(api, monday(1)); // texts are written for another day
    const now = await waitFor(async () => {
        const output = await stageOf(api, mission, 'strategy');
        return output.brand_revision > strategy.brand_revision && output;
    }, { what: 'another strategy' });
    assert.ok(weights(now).Observability >= 50 && !weights(now)['API design'], JSON.stringify(weights(now)));
    const all = await waitForContent(api, mission, 96);
    const added = all.filter((x) => !content.some((y) => y.id === x.id));
    assert.equal(count(added, (x) => x.metadata.pillar === 'API design'), 0);
    assert.ok(count(added, (x) => x.metadata.pillar === 'Observability') >= 2);
});

test('what a pause made impossible has new times after it: nothing is lost, nothing double', { timeout: 60000 }, async () => {
    const { test: api, tenant } = newTenant();
    const { mission, content } = await writtenMission(api);
    succeeds(await api.post(`/missions/${mission.id}/pause`));
    await setClock(api, later(monday(2), 12 * 3600)); // Wednesday evening: three days were missed
    // Of something else, so that its text is not by chance one of the first's.
    const marker = await makeMission(api, { name: 'Marker', objectives: ['Sell more of our beer'], duration_days: 1 });
    await waitForContent(api, marker, 1); // the worker has passed by
    succeeds(await api.post(`/missions/${mission.id}/resume`));
    const nine = (day) => later(monday(day), 3 * 3600);
    const ahead = { mission_id: mission.id, status: 'scheduled', scheduled_after: nine(3).replace('09:', '08:') };
    const planned = await waitFor(async () => {
        const { data, total } = await listContent(api, ahead);
        return total === 7 && data;
    }, { what: 'new times' });
    assert.deepEqual(planned.map(slotOf).sort(), [3, 4, 5, 6, 7, 8, 9].map(nine));
    assert.deepEqual(planned.map((x) => x.id).sort(), content.map((x) => x.id).sort());
    await setClock(api, later(monday(9), 4 * 3600));
    for (const x of content) await waitForStatus(api, x.id, 'published');
    const own = (await listContent(api, { mission_id: mission.id, status: 'published' })).data.map((x) => x.copy.primary);
    const sent = (await sentPosts(tenant)).map((p) => p.text).filter((t) => own.some((o) => t.startsWith(o)));
    assert.equal(sent.length, 7, JSON.stringify({ own, sent }));
    assert.equal(new Set(sent).size, 7);
});

test('hours are learned, and shown as learned, only where learning is switched on', { timeout: 120000 }, async () => {
    const site = newSite('hours');
    try {
        for (const learn of [true, false]) {
            const amp = install(site, `[worker]\nlearn = ${learn}\n`, 'test');
            amp.request('POST', '/test/clock', { now: monday() });
            const { id } = amp.request('POST', '/missions', {
                name: 'Spring', objectives: ['Drive awareness'], platforms: ['twitter'], duration_days: 30,
                constraints: { use_optimal_times: true, posts_per_day: 3 },
            });
            const stages = () => Object.fromEntries(amp.request('GET', `/missions/${id}/pipeline`).stages
                .map((s) => [s.stage, s.output]));
            const timesOf = (output) => output && planOf(output, 'twitter').times;
            await amp.work();
            amp.request('POST', '/test/clock', { now: monday(8) });
            await amp.work();
            const { analytics, optimize, strategy } = stages();
            assert.ok(analytics.posts >= 20 && analytics.impressions > 0, JSON.stringify(analytics));
            assert.deepEqual([timesOf(strategy).source, timesOf(strategy).results], ['provider', []]);
            assert.equal(timesOf(optimize)?.source, learn ? 'results' : undefined);
            // Who plans anew plans with what is known.
            amp.request('PUT', `/missions/${id}`, { constraints: { use_optimal_times: true, posts_per_day: 2 } });
            await amp.work();
            const again = timesOf(stages().strategy);
            assert.deepEqual([again.source, again.base, again.results.length > 0],
                learn ? ['results', 'provider', true] : ['provider', 'provider', false]);
        }
    } finally {
        site.remove();
    }
});

test('another number a day and another zone: what is not out is planned anew, what is out stays', async () => {
    const { test: api } = newTenant();
    const { mission, content } = await writtenMission(api);
    await setClock(api, later(monday(), 4 * 3600)); // Monday, ten
    const out = await waitForStatus(api, content[0].id, 'published');
    await waitForContent(api, mission, 8);
    const zone = 'America/New_York';
    const constraints = { posts_per_day: 2, posting_times: ['09:00', '15:00'], timezone: zone };
    succeeds(await api.put(`/missions/${mission.id}`, { constraints }));
    const anew = await waitForContent(api, mission, 13, { status: 'scheduled' });
    const local = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
    const times = anew.map((x) => local.format(new Date(slotOf(x))));
    // One of today's two is out already.
    assert.deepEqual(times, ['15:00', ...Array(6).fill(['09:00', '15:00']).flat()]);
    assert.equal(new Set(anew.map(slotOf)).size, 13);
    assert.deepEqual(await getContent(api, out.id), out);
    assert.equal((await listContent(api, { mission_id: mission.id, status: 'archived' })).total, 7);
});
