// Workers amidst the calls of a model: paused missions, workers that are told to stop, or killed, and
// eight at once. The model is the sandbox's, which keeps a ledger of what it answered.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { sandboxToken, sandboxUrl, sql, waitFor } from '../harness/client.mjs';
import { install, newSite } from '../harness/installation.mjs';
import { random } from '../harness/victims.mjs';

const PARALLEL = 2, LEASE_S = 2, SLOW_MS = 1500;
const settings = `[worker]\nlease_s = ${LEASE_S}\n[sandbox]\nllm_order = openai\n[openai]\n`
    + `price_in = 1\nprice_out = 4\nmax_tokens = 200\nparallel = ${PARALLEL}\ntimeout_ms = 10000\n`;
const site = newSite('models');
after(() => site.remove());

const mission = (name, constraints, days = 7) => ({
    name, objectives: ['Increase brand awareness among developers'], platforms: ['linkedin'],
    duration_days: days, constraints: { posting_times: ['23:30'], posts_per_day: 1, ...constraints },
});

const idOf = (id) => `'${id.slice(4)}'`;
const rows = (what, where) => sql(`SELECT ${what} FROM ${site.database}.${where}`);
const number = (what, where) => Number(rows(`${what} AS n`, where)[0].n);
const ledger = (m) => rows('state, tokens_in, tokens_out, microcents', `cost WHERE mission_id = ${idOf(m.id)}`)
    .map((row) => ({ state: Number(row.state), cost: Number(row.microcents),
        tokens: Number(row.tokens_in) + Number(row.tokens_out) }));
const underWay = (m) => number('COUNT(*)', `cost WHERE state = 1 AND mission_id = ${idOf(m.id)}`);
const sum = (list, of) => list.reduce((total, x) => total + of(x), 0);
// Looked for in the database: requests are counted, and these are many.
const written = (m) => number('COUNT(*)', `content WHERE mission_id = ${idOf(m.id)}`);
const isHeld = (m) => number('COUNT(*)', `job WHERE lease <> 0 AND id = ${idOf(m.pipeline_job_id)}`) > 0;
const progress = (m) => number('progress', `job WHERE id = ${idOf(m.pipeline_job_id)}`);
const contents = (amp, m) => amp.request('GET', `/content?limit=100&mission_id=${m.id}`).data;

// What the model answered to a job.
async function answered(job) {
    const response = await fetch(`${sandboxUrl}/llm/calls?requestId=${job}`, { headers: { 'X-Mc-Auth': sandboxToken } });
    assert.equal(response.status, 200);
    return (await response.json()).data.calls;
}

const tokensOf = (call) => call.tokensIn + call.tokensOut;
const repeated = (calls) => calls.length - new Set(calls.map((call) => call.question)).size;

// Everything that the model charged is booked, and nothing besides.
async function isBookedExactly(m, entries = ledger(m)) {
    const calls = await answered(m.pipeline_job_id);
    assert.deepEqual(entries.filter(({ state }) => state !== 2), []);
    assert.equal(entries.length, calls.length);
    assert.equal(sum(entries, (x) => x.tokens), sum(calls, tokensOf));
    assert.equal(repeated(calls), 0);
}

// A mission with a slow model, whose first calls a worker has just made.
async function amidstCalls() {
    const amp = install(site, settings, 'test');
    const m = amp.request('POST', '/missions', mission('Spring [sandbox:slow]'));
    const worker = amp.startWork();
    await waitFor(() => underWay(m) === PARALLEL, { every: 20, what: 'calls' });
    return { amp, m, worker };
}

async function end(worker) {
    worker.child.kill('SIGTERM');
    assert.equal(await worker.ended, 0);
}

test('a paused mission asks nothing more and writes nothing, and pays nothing twice when it goes on', async () => {
    const { amp, m, worker } = await amidstCalls();
    try {
        const asked = Date.now();
        assert.equal(amp.request('POST', `/missions/${m.id}/pause`, {}).status, 'paused');
        const paused = Date.now();
        assert.ok(paused - asked < 1000, `${paused - asked} ms`); // whatever is under way
        assert.equal(amp.request('GET', `/missions/${m.id}`).status, 'paused');
        await waitFor(() => underWay(m) === 0 && !isHeld(m),
            { what: 'the answers of the calls under way' });
        for (const { atMs } of await answered(m.pipeline_job_id))
            assert.ok(atMs < paused + 1000, `a call began ${atMs - paused} ms after the pause`);
        const before = ledger(m);
        // The one that the model was tried out with; and one more round, if it was just over.
        assert.ok(before.length <= 1 + 2 * PARALLEL, `${before.length} calls`);
        assert.deepEqual(contents(amp, m), []);
        await isBookedExactly(m, before);
        amp.request('POST', `/missions/${m.id}/resume`, {});
        await waitFor(() => written(m) >= 6, { what: 'the texts' });
        await isBookedExactly(m);
    } finally {
        await end(worker);
    }
});

test('a mission that is paused and resumed amidst a call waits for its answer', async () => {
    const { amp, m, worker } = await amidstCalls();
    const second = amp.startWork();
    try {
        amp.request('POST', `/missions/${m.id}/pause`, {});
        amp.request('POST', `/missions/${m.id}/resume`, {});
        await waitFor(() => written(m) >= 6, { what: 'the texts' });
        await isBookedExactly(m);
    } finally {
        await Promise.all([end(worker), end(second)]);
    }
});

test('a mission that is deleted amidst calls asks nothing more, pays what it asked, and has no text', async () => {
    const { amp, m, worker } = await amidstCalls();
    try {
        const before = await answered(m.pipeline_job_id);
        amp.request('DELETE', `/missions/${m.id}`);
        const deleted = Date.now();
        await waitFor(() => underWay(m) === 0 && !isHeld(m), { what: 'the answers of the calls under way' });
        const calls = await answered(m.pipeline_job_id);
        assert.ok(calls.length >= before.length);
        for (const { atMs } of calls) assert.ok(atMs < deleted + 1000, `a call began ${atMs - deleted} ms after it`);
        await isBookedExactly(m);
        assert.equal(number('COUNT(*)', `content WHERE mission_id = ${idOf(m.id)} AND status <> 9`), 0);
        assert.equal(number('COUNT(*)', `job WHERE state = 1 AND (mission_id = ${idOf(m.id)} OR ref_id = ${idOf(m.id)})`), 0);
    } finally {
        await end(worker);
    }
});

test('a mission that is changed amidst calls has no text of the old plan', async () => {
    const { amp, m, worker } = await amidstCalls();
    try {
        amp.request('PUT', `/missions/${m.id}`, { constraints: { posting_times: ['21:15'], posts_per_day: 1 } });
        await waitFor(() => written(m) >= 6, { timeout: 60000, what: 'the texts' });
        for (const x of contents(amp, m)) assert.match(x.scheduling.scheduled_for, /T21:15:00Z$/);
        // What was asked for the old plan is paid, whether or not it is of use.
        const calls = await answeredAll(m);
        assert.equal(sum(ledger(m), (x) => x.tokens), sum(calls, tokensOf));
        assert.equal(repeated(calls), 0);
    } finally {
        await end(worker);
    }
});

test('a job is kept while its calls last longer than a lease', async () => {
    const amp = install(site, settings.replace(`lease_s = ${LEASE_S}`, 'lease_s = 1'), 'test');
    const m = amp.request('POST', '/missions', mission('Long [sandbox:slow]', {}, 4));
    const workers = [amp.startWork(), amp.startWork(), amp.startWork()];
    try {
        await waitFor(() => written(m) >= 3, { what: 'the texts' });
        await isBookedExactly(m);
        // A lease that ends is taken by another, who counts it as abandoned.
        for (const { log } of workers) assert.doesNotMatch(log(), /abandoned/);
    } finally {
        await Promise.all(workers.map(end));
    }
});

test('a worker that is told to stop amidst a call makes no other, and gives the job back at once', async () => {
    const { amp, m, worker } = await amidstCalls();
    const told = Date.now();
    worker.child.kill('SIGTERM');
    assert.equal(await worker.ended, 0);
    // The answers of the calls under way take SLOW_MS at most, and the step ends with them.
    assert.ok(Date.now() - told < SLOW_MS + 2000, `${Date.now() - told} ms`);
    const calls = await answered(m.pipeline_job_id);
    assert.ok(calls.length <= 1 + 2 * PARALLEL, `${calls.length} calls`);
    assert.equal(underWay(m), 0);
    assert.equal(number('COALESCE(MAX(failures), 0)', 'writer'), 0, 'what was held back is no failure of the model');
    const [job] = rows('state, lease, attempts, abandoned, last_error, locked_until_ms, run_ms',
        `job WHERE id = ${idOf(m.pipeline_job_id)}`);
    assert.ok(Number(job.run_ms) <= Date.now());
    assert.deepEqual({ ...job, run_ms: undefined }, { state: '1', lease: '0', attempts: '0', abandoned: '0',
        last_error: null, locked_until_ms: '0', run_ms: undefined });
    await amp.work();
    assert.ok(contents(amp, m).length >= 6);
    await isBookedExactly(m);
});

test('eight workers together never pass a budget, though calls turn out dearer than the last ones', async () => {
    const amp = install(site, settings, 'test');
    const m = amp.request('POST', '/missions', mission('Summer', { require_approval: true, budget_cents: 1 }));
    await amp.work();
    for (const { id } of contents(amp, m))
        amp.request('POST', `/content/${id}/reject`, { reason: 'Too long', feedback: 'Say it in fewer words, and '
            + 'tell what it is good for. '.repeat(1 + random(20)), regenerate: true });
    await Promise.all(Array.from({ length: 8 }, () => amp.work()));
    const entries = ledger(m);
    const spent = sum(entries, (x) => x.cost);
    assert.ok(spent > 0 && spent <= 1e6, `${spent} microcents`);
    assert.deepEqual(entries.filter(({ state }) => state !== 2), []);
    const [budget] = rows('spent, reserved', `budget WHERE mission_id = ${idOf(m.id)}`);
    assert.deepEqual(budget, { spent: String(spent), reserved: '0' });
});

// Every call of a mission, whichever job made it.
async function answeredAll(m) {
    const jobs = rows('id', `job WHERE mission_id = ${idOf(m.id)} OR id = ${idOf(m.pipeline_job_id)}`);
    return (await Promise.all(jobs.map(({ id }) => answered(`job_${id}`)))).flat();
}
const costOf = (call) => call.tokensIn * 100 + call.tokensOut * 400;
const budgetOf = (m) => rows('spent, reserved', `budget WHERE mission_id = ${idOf(m.id)}`)
    .map((row) => ({ spent: Number(row.spent), reserved: Number(row.reserved) }))[0];

// A mission whose texts are all to be written anew, by a model that nobody has tried yet, and that takes
// ten times the tokens it should.
async function dearMission(amp, cents, words = '') {
    const m = amp.request('POST', '/missions', mission('Autumn', { require_approval: true, budget_cents: cents }));
    await amp.work();
    const texts = contents(amp, m);
    assert.ok(texts.length >= 6);
    for (const { id } of texts)
        amp.request('POST', `/content/${id}/reject`, { reason: 'Dull', feedback: `Say it anew. [llm:dear]${words}`, regenerate: true });
    sql(`DELETE FROM ${site.database}.writer`);
    return m;
}

// The day is over for which it was left alone.
const aDayLater = (m) => sql(`UPDATE ${site.database}.writer SET pause_ms = NULL; UPDATE ${site.database}.job
    SET run_ms = 0, locked_until_ms = 0, attempts = 0 WHERE mission_id = ${idOf(m.id)} AND state = 1 AND lease = 0`);

test('eight workers try a model out with one call, and set aside what it takes if it takes more than agreed', async () => {
    const CENTS = 6;
    const amp = install(site, settings, 'test');
    const m = await dearMission(amp, CENTS);
    const eight = () => Promise.all(Array.from({ length: 8 }, () => amp.work()));
    const usual = ledger(m).length;
    await eight();
    await eight();
    const dear = () => rows('reserved, microcents', `cost WHERE mission_id = ${idOf(m.id)} AND state = 2`)
        .map((x) => ({ most: Number(x.reserved), cost: Number(x.microcents) })).filter((x) => x.cost > x.most);
    assert.equal(ledger(m).length, usual + 1, 'one call to try it out');
    assert.equal(dear().length, 1);
    assert.ok(budgetOf(m).spent <= CENTS * 1e6);

    for (let i = 0; i < 12 && amp.request('GET', `/missions/${m.id}`).status === 'active'; i++) {
        aDayLater(m);
        await eight();
    }
    const stopped = amp.request('GET', `/missions/${m.id}`);
    assert.deepEqual([stopped.status, stopped.status_reason], ['paused', 'budget_exhausted']);
    assert.ok(ledger(m).length > usual + 1, 'it goes on, dearer');
    assert.equal(dear().length, 1, 'twice what it took is set aside');
    assert.deepEqual(budgetOf(m), { spent: sum(ledger(m), (x) => x.cost), reserved: 0 });
    assert.ok(budgetOf(m).spent <= CENTS * 1e6, JSON.stringify(budgetOf(m)));
    assert.equal(sum(await answeredAll(m), costOf), budgetOf(m).spent);
});

test('a dear model, eight workers, and some of them killed: what was charged is in the books, and within the budget', async () => {
    const CENTS = 16, KILLS = 10;
    const amp = install(site, settings, 'test');
    const m = await dearMission(amp, CENTS, ' [sandbox:slow]');
    await amp.work(); // it is tried out, and found dear
    aDayLater(m);
    const workers = Array.from({ length: 8 }, () => amp.startWork());
    const rest = () => number('COUNT(*)', `job WHERE mission_id = ${idOf(m.id)} AND state = 1 AND type = 3`);
    try {
        for (let kills = 0; kills < KILLS; kills++) {
            await waitFor(() => underWay(m) > 0 || rest() === 0 || kills > 4, { what: 'a call' });
            const victim = random(workers.length);
            workers[victim].child.kill('SIGKILL');
            await workers[victim].ended;
            workers[victim] = amp.startWork();
            const { spent, reserved } = budgetOf(m);
            assert.ok(spent + reserved <= CENTS * 1e6, `${spent} and ${reserved}`);
        }
        const over = () => rest() === 0 || amp.request('GET', `/missions/${m.id}`).status === 'paused';
        await waitFor(() => underWay(m) === 0 && over(), { timeout: 60000, every: 200, what: 'the end' });
    } finally {
        await Promise.all(workers.map(end));
    }
    sql(`UPDATE ${site.database}.cost SET expires_ms = 1 WHERE state = 1`);
    await amp.work();
    const { spent } = budgetOf(m);
    const charged = sum(await answeredAll(m), costOf);
    assert.ok(charged <= spent && spent <= CENTS * 1e6, `${charged} charged, ${spent} in the books`);
});

test('whichever of eight workers is killed, each slot has one text and every call is in the books', async () => {
    const KILLS = 16;
    const amp = install(site, settings, 'test');
    const missions = [0, 1, 2, 3, 4].map((i) =>
        amp.request('POST', '/missions', mission(i < 2 ? `Slow ${i} [sandbox:slow]` : `Quick ${i}`, {}, 4)));
    const workers = Array.from({ length: 8 }, () => amp.startWork());
    const busy = () => workers.filter(({ child }) => child.exitCode === null);
    try {
        for (let kills = 0; kills < KILLS; kills++) {
            const victim = random(workers.length);
            workers[victim].child.kill('SIGKILL');
            await workers[victim].ended;
            workers[victim] = amp.startWork();
            await waitFor(() => number('COUNT(*)', 'job WHERE lease <> 0') > 0 || kills > 4, { what: 'work' });
        }
        for (const m of missions)
            await waitFor(() => progress(m) === 100, { timeout: 60000, what: `${m.name} to be written` });
    } finally {
        await Promise.all(busy().map(end));
    }
    for (const m of missions) {
        const texts = contents(amp, m), entries = ledger(m), calls = await answered(m.pipeline_job_id);
        const slots = texts.map((x) => x.scheduling.scheduled_for);
        assert.ok(slots.length >= 3 && new Set(slots).size === slots.length, slots.join());
        const unclear = entries.filter(({ state }) => state === 3);
        assert.deepEqual(entries.filter(({ state }) => state < 2), []);
        assert.ok(calls.length <= entries.length, `${calls.length} calls, ${entries.length} entries`);
        assert.ok(repeated(calls) <= unclear.length, `${repeated(calls)} repeated, ${unclear.length} unclear`);
        assert.ok(sum(calls, (x) => x.tokensIn * 100 + x.tokensOut * 400) <= sum(entries, (x) => x.cost));
    }
});
