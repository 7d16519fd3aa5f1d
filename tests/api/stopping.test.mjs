// Workers that are told to stop (SIGTERM): soon after the step they are at, and nothing is left behind.
import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { sandboxUrl, sql, waitFor } from '../harness/client.mjs';
import { install, newSite } from '../harness/installation.mjs';

const SLOW_MS = 1500, SOON_MS = 2000;
const site = newSite('stopping');
after(() => site.remove());

async function stop(worker, within) {
    const told = Date.now();
    worker.child.kill('SIGTERM');
    assert.equal(await worker.ended, 0, worker.log());
    assert.ok(Date.now() - told < within, `${Date.now() - told} ms`);
}

const held = () => Number(sql(`SELECT COUNT(*) AS n FROM ${site.database}.job WHERE lease <> 0`)[0].n);

test('one that has nothing to do ends at once, however seldom it looks', async () => {
    const amp = install(site, '[worker]\npoll_ms = 60000\n', 'test');
    const m = amp.request('POST', '/missions', { name: 'Spring', objectives: ['Drive awareness'], platforms: ['twitter'] });
    const worker = amp.startWork();
    await waitFor(() => Number(sql(`SELECT progress FROM ${site.database}.job WHERE lease = 0
        AND id = '${m.pipeline_job_id.slice(4)}'`)[0]?.progress) === 100, { every: 20, what: 'all that there is to do' });
    await stop(worker, SOON_MS);
    const again = amp.startWork('--once');
    assert.equal(await again.ended, 0);
});

test('one that is about to send a post sends it, and leaves every job to others', async () => {
    const amp = install(site, '[worker]\npoll_ms = 20\n', 'test');
    const { id } = amp.request('POST', '/missions', {
        name: 'Spring', objectives: ['Drive awareness'], platforms: ['twitter'], duration_days: 7,
        constraints: { require_approval: true, posts_per_day: 1 },
    });
    await amp.work();
    const texts = amp.request('GET', `/content?mission_id=${id}`).data;
    const due = texts.sort((a, b) => (a.scheduling.scheduled_for < b.scheduling.scheduled_for ? -1 : 1)).slice(0, 3);
    for (const [i, { id: one }] of due.entries()) {
        amp.request('PUT', `/content/${one}`, { copy: { primary: `Something worth saying, number ${i}. [sandbox:slow]` } });
        assert.equal(amp.request('POST', `/content/${one}/approve`).status, 'scheduled');
    }
    amp.request('POST', '/test/clock', { now: due[2].scheduling.scheduled_for });
    const worker = amp.startWork();
    const statuses = () => due.map((x) => amp.request('GET', `/content/${x.id}`).status);
    await waitFor(() => statuses().includes('publishing'), { every: 20, what: 'a post under way' });
    await stop(worker, SLOW_MS + SOON_MS);
    assert.equal(held(), 0);
    // What is under way is brought to its end, the rest is not begun.
    for (const status of statuses()) assert.ok(['published', 'scheduled'].includes(status), status);
    await amp.work();
    assert.deepEqual(statuses(), Array(due.length).fill('published'));
    const response = await fetch(`${sandboxUrl}/ledger`, {
        headers: { 'X-Mc-Auth': `sandbox_${amp.tenant.id.slice(4)}`, 'X-AMP-Test-Time': amp.request('GET', '/test/clock').now },
    });
    assert.equal((await response.json()).data.counts.created, due.length);
});
