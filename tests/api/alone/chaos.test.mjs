// The proof of "exactly once": posts are published by four workers and four processes of the API while
// all of them are killed, the database is restarted, and a third of the provider's answers is lost.
// CHAOS_POSTS says how many; `make chaos` wants 2,000. Runs when nothing else does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { newTenant, sandboxUrl, sql, stack, succeeds, waitFor } from '../../harness/client.mjs';
import { call, get, killProcess, pause, random, restartDatabase } from '../../harness/victims.mjs';

const POSTS = Number(process.env.CHAOS_POSTS ?? 100);
const MANY = POSTS > 500;
const WORKERS = 4, TENANTS = MANY ? 4 : 1, A_DAY = MANY ? 120 : 50, LOST_PERCENT = 33, LIMIT_MS = 1800000;
const DAYS = Math.ceil(POSTS / TENANTS / A_DAY);
const NEVER_OUT = '4, 10'; // rejected, by the quality gate: of so many texts some are too much alike; archived
const CALM_BELOW = 10; // the last ones are let in peace: each death is an attempt, and pauses double

const settings = ['worker poll_ms 20', 'worker lease_s 2', 'worker max_attempts 40', 'metricool timeout_ms 1000',
    'metricool breaker_pause_s 1', `worker horizon_days ${DAYS + 1}`].join('\n');

async function badLine() {
    const script = fileURLToPath(new URL('../../chaos/proxy.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, sandboxUrl, String(LOST_PERCENT)],
        { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = [];
    child.stdout.setEncoding('utf8').on('data', (text) => lines.push(...text.trim().split('\n')));
    await waitFor(() => lines.length, { what: 'the bad line' });
    const end = async () => {
        if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
        return JSON.parse(lines.at(-1));
    };
    return { url: `http://127.0.0.1:${lines[0]}/sandbox`, end };
}

const number = (statement) => Number(Object.values(sql(statement)[0])[0]);
const idOf = (tenant) => tenant.id.slice(4);
const those = (players) => `tenant_id IN (${players.map(({ tenant }) => `'${idOf(tenant)}'`)}) AND livemode = FALSE`;
const count = (players, which) => number(`SELECT COUNT(*) FROM content WHERE ${those(players)} AND ${which}`);

// A tenant whose mission has content for so many days, in the future of its own clock.
async function player(i) {
    const { test: client, tenant, keys } = newTenant();
    const now = new Date(Date.now() + 86400000);
    now.setUTCHours(0, 0, 0, 0);
    succeeds(await client.post('/test/clock', { now: now.toISOString() }));
    succeeds(await client.post('/missions', {
        name: `Chaos ${i}`, objectives: [`Reach everybody, by way ${i}`], duration_days: DAYS,
        platforms: ['twitter', 'linkedin', 'facebook', 'threads', 'bluesky'],
        constraints: { posts_per_day: A_DAY / 5 },
    }), 201);
    return { client, tenant, key: keys.test.key, end: now.getTime() + (DAYS + 1) * 86400000 };
}

// Somebody who is impatient: publishes by hand what is scheduled, twice at once, and moves the clock.
async function play({ key, end }, done) {
    while (!done()) {
        const { data } = await get(key, '/publish/queue?limit=30');
        const some = data.filter(() => random(10) === 0).slice(0, 2);
        await Promise.all(some.flatMap(({ id }) => [1, 2].map(() => call(key, 'POST', '/publish', { content_id: id }))));
        const { now } = await get(key, '/test/clock');
        if (Date.parse(now) < end) await call(key, 'POST', '/test/clock', { advance_seconds: 4 * 3600 });
        else await pause(200);
    }
}

// Every post that the sandbox took in since, as it stands in its file.
function ledgerSince(path, offset) {
    const posts = new Map();
    const text = readFileSync(path).subarray(offset).toString('utf8');
    for (const line of text.split('\n').filter(Boolean)) {
        const entry = JSON.parse(line);
        assert.equal(entry.op, 'put', 'nobody moves or deletes posts here');
        assert.ok(!posts.has(entry.id));
        posts.set(entry.id, entry);
    }
    return posts;
}

// The ledger holds each post once, and AMP says of each the same as the ledger.
function compare(players, posts) {
    const contents = sql(`SELECT id, status, platform_post_id, provider_post_id FROM content WHERE ${those(players)}
        AND status NOT IN (${NEVER_OUT})`);
    for (const x of contents) {
        assert.equal(x.status, '7', `${x.id} is not published`);
        assert.ok(x.platform_post_id.startsWith('test_'));
        assert.ok(posts.has(Number(x.provider_post_id)), `${x.id} is not in the ledger`);
    }
    assert.equal(new Set(contents.map((x) => x.provider_post_id)).size, contents.length);
    assert.equal(posts.size, contents.length, 'posts that no content knows');
    const attempts = sql(`SELECT content_id, provider_post_id, copy FROM publication WHERE ${those(players)} AND state = 4`);
    assert.equal(attempts.length, contents.length);
    for (const { provider_post_id: id, copy } of attempts) {
        const { primary, thread_parts: parts } = JSON.parse(copy);
        const beginning = (parts[0] ?? primary).split(/[\\\n]/)[0].slice(0, 40);
        assert.ok(posts.get(Number(id)).post.text.includes(beginning), beginning);
    }
    const whole = new Set([...posts.values()].map((p) => `${p.account} ${p.networks} ${p.publish_ms} ${p.post.text}`));
    assert.equal(whole.size, posts.size, 'the same post twice');
    return contents.length;
}

test(`${POSTS} posts are out exactly once, whoever dies and whatever is lost`, { timeout: LIMIT_MS }, async (t) => {
    const line = await badLine();
    const start = `STACK_WORKERS=${WORKERS} STACK_PROCESSES=4 STACK_SANDBOX_URL='${line.url}' STACK_EXTRA_CONFIG='${settings}'`;
    let kills = 0, restarts = 0, over = false;
    try {
        stack(`${start} stack_start`);
        const path = stack('stack_setting sandbox ledger');
        const offset = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        const players = await Promise.all(Array.from({ length: TENANTS }, (_, i) => player(i)));
        await waitFor(() => count(players, 'status = 5') >= POSTS, { timeout: 300000, what: 'content' });
        const began = Date.now();
        const busy = Promise.all(players.map((p) => play(p, () => over)));
        const out = () => count(players, 'status = 7');
        const open = () => count(players, `status NOT IN (7, ${NEVER_OUT})`);
        const ends = () => players.every(({ end, tenant }) => number(`SELECT clock_ms FROM test_clock
            WHERE tenant_id = '${idOf(tenant)}'`) >= end);
        while (out() < POSTS || open() || !ends()) {
            await Promise.race([busy, pause(100 + random(400))]);
            assert.ok(Date.now() - began < LIMIT_MS, `${open()} are not out`);
            if (out() >= POSTS && open() < CALM_BELOW && restarts === 2) continue;
            if (restarts < 2 && out() > (POSTS * (restarts + 1)) / 3) {
                restartDatabase();
                restarts++;
            } else {
                killProcess(WORKERS);
                kills++;
            }
        }
        over = true;
        await busy;
        const seconds = (Date.now() - began) / 1000;
        const n = compare(players, ledgerSince(path, offset));
        const repeated = number(`SELECT COUNT(*) FROM publication WHERE ${those(players)} AND attempt > 1`);
        assert.ok(n >= POSTS && restarts === 2);
        const lost = await line.end();
        t.diagnostic(`${n} posts, ${kills} processes killed, ${restarts} restarts of the database, ${repeated} further`
            + ` attempts, ${Math.round(seconds)} s; the line: ${JSON.stringify(lost)}`);
    } finally {
        over = true;
        await line.end();
        stack('stack_start');
    }
});
