// Processes of the program, workers, the provider's processes and the database are killed at any
// moment while missions are planned, written and published. Runs when nothing else does.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test from 'node:test';
import { newTenant, sandboxUrl, sql, stack, succeeds, waitFor } from '../../harness/client.mjs';
import { call, get, killProcess, pause, random, restartDatabase } from '../../harness/victims.mjs';

const KILLS = 26, POSTS = 150, DAY_S = 86400;

// What fails because something was killed is tried again soon, and as often as that happens.
const quick = ['worker poll_ms 20', 'worker lease_s 2', 'worker max_attempts 40', 'metricool timeout_ms 2000',
    'metricool breaker_pause_s 1'].join('\n');

const killOne = (i) => (i % 9 === 8 ? restartDatabase() : killProcess(2));

const mission = (name, constraints) => ({
    name, objectives: ['Drive awareness', 'Win customers'], platforms: ['twitter', 'linkedin', 'facebook'],
    duration_days: 14, constraints: { posts_per_day: 2, ...constraints },
});

// Once and only once, however often it takes.
async function makeMission(key, name, constraints) {
    const headers = { 'Idempotency-Key': randomUUID() };
    const body = mission(name, constraints);
    while ((await call(key, 'POST', '/missions', body, headers)).status !== 201);
}

// Brings one content from its review to where it is published or scheduled, however often it takes.
async function handle(key, id) {
    for (;;) {
        const content = await get(key, `/content/${id}`);
        if (content.status === 'pending_review') {
            await call(key, 'POST', `/content/${id}/approve`);
        } else if (content.status === 'approved' && random(2)) {
            await Promise.all([1, 2].map(() => call(key, 'POST', '/publish', { content_id: id })));
        } else if (content.status === 'approved') {
            const { now } = await get(key, '/test/clock');
            const soon = new Date(Date.parse(now) + (120 + random(DAY_S)) * 1000).toISOString();
            await call(key, 'POST', '/publish/schedule', { content_id: id, scheduled_for: soon });
        } else {
            return;
        }
    }
}

// The main job, until there is nothing more to kill for. The workers are never far behind.
async function work(key, tenant, done) {
    let made = 0;
    for (let round = 0; !done() || published(tenant) < POSTS; round++) {
        if (round % 6 === 0) {
            await makeMission(key, `Alone ${round}`, {});
            await makeMission(key, `Reviewed ${round}`, { require_approval: true });
            made += 2;
        }
        const { data } = await get(key, '/content?status=pending_review&limit=6');
        await Promise.all(data.map(({ id }) => handle(key, id)));
        await call(key, 'POST', '/test/clock', { advance_seconds: DAY_S / 2 });
        await waitFor(() => unfinished(tenant) < 20, { what: 'the workers' });
    }
    return made;
}

// --- What there is in the end ---

const idOf = (text) => text.slice(4);
const mine = (tenant) => `tenant_id = '${idOf(tenant)}' AND livemode = FALSE`;
const number = (statement) => Number(Object.values(sql(statement)[0])[0]);
const published = (tenant) => number(`SELECT COUNT(*) FROM content WHERE ${mine(tenant)} AND status = 7`);

// How much is on its way, overdue, or due and not done.
function unfinished(tenant) {
    const clock = `(SELECT clock_ms FROM test_clock WHERE tenant_id = '${idOf(tenant)}')`;
    return number(`SELECT (SELECT COUNT(*) FROM content WHERE ${mine(tenant)} AND (status = 6
            OR status = 5 AND scheduled_ms <= ${clock}))
        + (SELECT COUNT(*) FROM job WHERE ${mine(tenant)} AND state = 1 AND run_ms <= ${clock}) AS n`);
}

// What the sandbox was sent, as it looks on the tenant's clock.
async function ledger(tenant, now) {
    const response = await fetch(`${sandboxUrl}/ledger`, {
        headers: { Authorization: `Bearer sandbox_${idOf(tenant)}`, 'X-AMP-Test-Time': now },
    });
    assert.equal(response.status, 200);
    return (await response.json()).data;
}

// Counts that are kept, and those that are counted now, where both are not 0.
function counts(kept, counted) {
    const rows = (statement) => sql(`${statement} ORDER BY k`).map((row) => `${row.k}: ${row.n}`);
    assert.deepEqual(rows(kept), rows(counted));
}

function countsAgree(tenant) {
    const kind = "CONCAT_WS(' ', mission_id, status, platform, type)";
    const all = "CONCAT_WS(' ', '0000000000000000', status, platform, type)";
    const from = `FROM content WHERE ${mine(tenant)} GROUP BY k`;
    counts(`SELECT ${kind} k, SUM(n) n FROM content_count WHERE ${mine(tenant)} GROUP BY k HAVING n <> 0`,
        `SELECT k, n FROM (SELECT ${kind} k, COUNT(*) n ${from} UNION SELECT ${all} k, COUNT(*) n ${from}) x`);
    const sort = "CONCAT_WS(' ', status, platform_set)";
    counts(`SELECT ${sort} k, SUM(n) n FROM mission_count WHERE ${mine(tenant)} GROUP BY k HAVING n <> 0`,
        `SELECT ${sort} k, COUNT(*) n FROM mission WHERE ${mine(tenant)} GROUP BY k`);
}

async function eachPostIsOutOnce(tenant, now) {
    const { posts, counts: sums } = await ledger(tenant, now);
    const contents = sql(`SELECT id, status, provider_post_id post FROM content WHERE ${mine(tenant)}
        AND status IN (7, 8)`);
    const failed = contents.filter((x) => x.status === '8');
    assert.deepEqual(failed, []);
    assert.deepEqual(sums, { created: contents.length, deleted: 0, pending: 0, published: contents.length });
    assert.equal(new Set(contents.map((x) => x.post)).size, contents.length);
    const known = new Set(contents.map((x) => x.post));
    assert.deepEqual(posts.filter(({ post }) => !known.has(String(post.id))), []);
    assert.equal(number(`SELECT SUM(posts) FROM rollup_day WHERE ${mine(tenant)}
        AND mission_id = '0000000000000000'`), contents.length);
    assert.equal(number(`SELECT COUNT(*) FROM metric_last WHERE ${mine(tenant)}`), contents.length);
}

test('whatever is killed, each post is out once and nothing is stuck', async () => {
    stack(`STACK_EXTRA_CONFIG='${quick}' stack_start`);
    try {
        const { tenant, keys, test: client } = newTenant();
        let kills = 0;
        succeeds(await client.post('/test/clock', { advance_seconds: 1 }));
        const busy = work(keys.test.key, tenant.id, () => kills >= KILLS);
        for (; kills < KILLS; kills++) {
            await Promise.race([busy, pause(100 + random(900))]);
            killOne(kills);
        }
        const made = await busy;
        await waitFor(() => unfinished(tenant.id) === 0, { timeout: 240000, what: 'the end of all work' });
        assert.equal(number(`SELECT COUNT(*) FROM mission WHERE ${mine(tenant.id)}`), made);
        assert.ok(published(tenant.id) >= POSTS);
        await eachPostIsOutOnce(tenant.id, succeeds(await client.get('/test/clock')).now);
        countsAgree(tenant.id);
    } finally {
        stack('stack_start');
    }
});

test('a worker that is told to stop ends by itself', () => {
    // It has blocked SIGTERM (bit 14 of the mask) as soon as it works.
    const code = stack('works() { [[ $(readlink "/proc/$pid/exe") == */amp ]]'
        + ' && grep -q "^SigBlk:.*[4-7c-f]...$" "/proc/$pid/status"; };'
        + ' "${stack_as[@]}" AMP_CONFIG="$STACK_CONFIG" "$STACK_AMP" work >/dev/null 2>&1 & pid=$!;'
        + ' stack_wait 30 works; kill "$pid"; wait "$pid"; echo $?');
    assert.equal(code, '0');
});
