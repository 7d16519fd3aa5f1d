// Files of analytics: their form, their size, and what becomes of them when something fails.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { baseUrl, failsWith, newTenant, server, sql, succeeds, waitFor } from '../harness/client.mjs';
import { writtenMission } from '../harness/missions.mjs';

// What a file may add to a process. A fresh one has 25 MB, sanitizers included, which makes 64 MB; one
// that has served for a while holds on to what it has given back (AddressSanitizer's quarantine).
const GROWTH_MAX_KB = 39 * 1024;

// Posts as they would be after years, made by the database itself.
function fill(tenant, posts) {
    const id = tenant.id.slice(4);
    sql(`INSERT INTO metric_last (tenant_id, livemode, content_id, mission_id, platform, type, pillar, published_ms, day,
            impressions, engagements, rate, changed_ms)
        SELECT '${id}', 1, CONCAT('0OxlNPC', LPAD(seq, 9, '0')), '0OxlNPC000000001', 1 + seq % 3, 1 + seq % 2,
            CONCAT('=Pillar, "', seq % 7, '"'), 1600000000000 + seq * 60000, (1600000000000 + seq * 60000) DIV 86400000,
            seq % 5000, seq % 100, 0, 1600000000000 FROM seq_1_to_${posts}`);
}

// The memory of each process that serves requests (it has no arguments), now and at most, in kB. The
// most is counted anew from then on.
function memory() {
    const processes = new Map();
    for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
        try {
            const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
            if (!environment.includes(`AMP_CONFIG=${process.env.AMP_CONFIG}`)) continue;
            const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
            if (!program.endsWith('/amp') || args.some(Boolean)) continue;
            const status = readFileSync(`/proc/${pid}/status`, 'utf8');
            const read = (name) => Number(new RegExp(`${name}:\\s+([0-9]+)`).exec(status)[1]);
            processes.set(pid, { now: read('VmRSS'), peak: read('VmHWM') });
            writeFileSync(`/proc/${pid}/clear_refs`, '5');
        } catch (e) {
            if (!['ENOENT', 'EACCES', 'ESRCH'].includes(e.code)) throw e;
        }
    }
    return processes;
}

const everything = 'start_date=2020-01-01&end_date=2024-12-31';
const ask = (key, query) => fetch(`${baseUrl}/analytics/export?${query}`,
    { headers: { Authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(120000) });

test('a file of what is out has a line for each post, in either form', async () => {
    const { test: api } = newTenant();
    const { content: [c] } = await writtenMission(api);
    const { published_at: published } = succeeds(await api.post('/publish', { content_id: c.id }));
    const csv = await api.get('/analytics/export');
    assert.equal(csv.status, 200);
    assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
    assert.match(csv.headers.get('content-disposition'), /^attachment; filename="amp-content-[-0-9]{21}\.csv"$/);
    assert.equal(csv.headers.get('etag'), null);
    const [head, line, rest] = csv.text.split('\r\n');
    assert.equal(head, 'content_id,mission_id,platform,type,pillar,published_at,impressions,engagements,engagement_rate,'
        + 'link_clicks,likes,comments,shares,saves');
    assert.ok(line.startsWith(`${c.id},${c.mission_id},twitter,${c.type},`), line);
    assert.ok(line.includes(`,${published},`), line);
    assert.equal(rest, '');
    const json = await api.get('/analytics/export?format=json');
    assert.equal(json.headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
    assert.match(json.headers.get('content-disposition'), /\.jsonl"$/);
    const object = JSON.parse(json.text);
    assert.deepEqual([object.content_id, object.published_at], [c.id, published]);
    const days = (await api.get('/analytics/export?type=daily&format=json')).text.trimEnd().split('\n').map(JSON.parse);
    assert.equal(days.reduce((n, d) => n + d.posts_published, 0), 1);
});

test('a file of nothing is a head, or empty', async () => {
    const { live: api } = newTenant();
    const heads = { content: /^content_id,.*\r\n$/, costs: /^spent_at,.*\r\n$/, daily: /^date,.*\r\n$/ };
    for (const [type, head] of Object.entries(heads)) {
        assert.match((await api.get(`/analytics/export?type=${type}`)).text, head);
        assert.equal((await api.get(`/analytics/export?type=${type}&format=json`)).text, '');
    }
    const head = await api.head('/analytics/export');
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
});

test('bad questions about files are errors as everywhere', async () => {
    const { live: api } = newTenant();
    for (const [query, param] of [['format=xml', 'format'], ['type=users', 'type'], ['period=1d', 'period'],
        ['start_date=2024-02-01&end_date=2024-01-01', 'end_date'], ['limit=5', 'limit']])
        failsWith(await api.get(`/analytics/export?${query}`), 400, 'invalid_request', param);
});

test('a million rows go out whole in little memory, and what breaks off is seen to', { timeout: 280000 }, async (t) => {
    const { tenant, keys } = newTenant();
    fill(tenant, 1000000);
    for (let i = 0; i < 3; i++) await turn(); // to hear that idle connections were closed meanwhile

    const before = memory();
    const response = await ask(keys.live.key, everything);
    assert.equal(response.status, 200);
    let lines = 0, last = '';
    for await (const part of response.body) {
        for (const byte of part) lines += byte === 10;
        last = Buffer.from(part).toString('utf8').slice(-200);
    }
    assert.equal(lines, 1000001);
    assert.match(last, /\ncnt_0OxlNPC001000000,[^\n]*,"'=Pillar, ""1""",[^\n]*\r\n$/);
    const growth = [...memory()].filter(([pid]) => before.has(pid)).map(([pid, { peak }]) => peak - before.get(pid).now);
    assert.ok(growth.length > 0);
    assert.ok(Math.max(...growth) < GROWTH_MAX_KB, `${Math.max(...growth)} kB`);

    if (server.header === 'Apache') return t.diagnostic('Apache hides where an answer broke off');
    const broken = await ask(keys.live.key, everything);
    const reader = broken.body.getReader();
    assert.ok((await reader.read()).value.length > 0);
    const query = () => sql("SELECT id FROM information_schema.processlist WHERE info LIKE '%by_published%ORDER BY%'"
        + " AND info NOT LIKE '%processlist%'")[0];
    sql(`KILL ${(await waitFor(query, { what: 'the statement of the file' })).id}`);
    await assert.rejects(async () => {
        while (!(await reader.read()).done);
    });
});
