// What will be published, and how much of it on which day.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, sandboxUrl, sql, succeeds } from '../harness/client.mjs';
import { cancel, getContent, later, monday, setClock, waitForStatus, writtenMission } from '../harness/missions.mjs';

const date = (time) => time.slice(0, 10);

test('the queue has what will be published, the next first, in pages both ways', async () => {
    const { test: api } = newTenant();
    const { content, mission } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    const ids = (list) => list.data.map((x) => x.id);
    const all = succeeds(await api.get('/publish/queue?limit=100'));
    assert.deepEqual([all.total, all.has_more], [14, false]);
    assert.deepEqual(all.data.map((x) => x.scheduling.scheduled_for),
        content.map((x) => x.scheduling.scheduled_for));
    const first = succeeds(await api.get('/publish/queue?limit=5'));
    assert.deepEqual([ids(first), first.has_more, first.total], [ids(all).slice(0, 5), true, 14]);
    const next = succeeds(await api.get(`/publish/queue?limit=5&starting_after=${ids(first)[4]}`));
    assert.deepEqual(ids(next), ids(all).slice(5, 10));
    const back = succeeds(await api.get(`/publish/queue?limit=3&ending_before=${ids(next)[0]}`));
    assert.deepEqual(ids(back), ids(all).slice(2, 5));
    const one = succeeds(await api.get(`/publish/queue?platform=twitter&mission_id=${mission.id}`
        + `&from=${monday(1)}&to=${monday(2)}`));
    assert.deepEqual([one.total, one.data[0].platform, date(one.data[0].scheduling.scheduled_for)],
        [1, 'twitter', date(monday(1))]);
    succeeds(await cancel(api, ids(all)[0]));
    assert.equal(succeeds(await api.get('/publish/queue')).total, 13);
    failsWith(await api.get('/publish/queue?starting_after=cnt_0000000000000001'), 400, 'invalid_request',
        'starting_after');
    failsWith(await api.get('/publish/queue?sort=time'), 400, 'invalid_request', 'sort');
});

test('the calendar counts each day of the range, in the zone that is asked for', async () => {
    const { test: api } = newTenant();
    const { content, mission } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    const [c] = content;
    await setClock(api, later(monday(), 4 * 3600));
    await waitForStatus(api, c.id, 'published');
    await waitForStatus(api, content[1].id, 'published');
    const days = async (query) => succeeds(await api.get(`/publish/calendar?${query}`)).days;
    const week = await days(`from=${date(monday())}&to=${date(monday(6))}`);
    assert.equal(week.length, 7);
    assert.deepEqual(week[0], { date: date(monday()), scheduled: 0, publishing: 0, published: 2, failed: 0 });
    assert.deepEqual(week[1], { date: date(monday(1)), scheduled: 2, publishing: 0, published: 0, failed: 0 });
    assert.equal((await days('')).length, 30);
    // Nine in the morning UTC is the evening before that in Honolulu.
    const [before] = await days(`from=${monday(1)}&to=${monday(1)}&timezone=Pacific/Honolulu`);
    assert.deepEqual([before.date, before.scheduled + before.published], [date(monday(0)), 2]);
    const [twitter] = await days(`from=${date(monday(1))}&to=${date(monday(1))}&platform=twitter&mission_id=${mission.id}`);
    assert.equal(twitter.scheduled, 1);
    for (const [query, param] of [['from=2030-01-02&to=2030-01-01', 'to'], ['from=2030-01-01&to=2031-01-02', 'to'],
        ['timezone=Moon/Base', 'timezone'], ['days=3', 'days']])
        failsWith(await api.get(`/publish/calendar?${query}`), 400, 'invalid_request', param);
});

test('pictures are copied first, and go out with the words that describe them', async () => {
    const { test: api, tenant } = newTenant();
    const { content: [c] } = await writtenMission(api, { platforms: ['instagram'], constraints: { require_approval: true } });
    const id = c.id.slice(4);
    const visuals = (url) => JSON.stringify([{ type: 'image', url, thumbnail_url: null, alt_text: 'A chart',
        dimensions: { width: 1200, height: 675 }, format: 'png', position: 1 }]);
    const where = `WHERE tenant_id = '${tenant.id.slice(4)}' AND id = '${id}'`;
    sql(`UPDATE content SET visuals = '[]' ${where}`);
    sql(`UPDATE content SET status = 3 ${where}`); // approved
    failsWith(await api.post('/publish', { content_id: c.id }), 422, 'validation_failed');
    sql(`UPDATE content SET visuals = '${visuals('ftp://nowhere.example/a.png')}' ${where}`);
    failsWith(await api.post('/publish', { content_id: c.id }), 502, 'provider_error');
    assert.match((await getContent(api, c.id)).publishing.last_error, /cannot fetch the picture ftp:/);
    sql(`UPDATE content SET visuals = '${visuals('https://example.com/a.png')}' ${where}`);
    const done = succeeds(await api.post('/publish', { content_id: c.id }));
    assert.equal(done.status, 'published');
    const headers = { 'X-Mc-Auth': `sandbox_${tenant.id.slice(4)}`, 'X-AMP-Test-Time': '9999-01-01T00:00:00Z' };
    const { data } = await (await fetch(`${sandboxUrl}/ledger`, { headers })).json();
    const { post } = data.posts[0];
    assert.deepEqual([post.media, post.mediaAltText], [['https://example.com/a.png'], ['A chart']]);
    assert.equal(post.instagramData.type, 'POST');
});
