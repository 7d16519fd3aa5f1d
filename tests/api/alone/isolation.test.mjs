// Test mode reaches the sandbox and nothing else; live mode never reaches the sandbox. Every connect()
// of the programs, and what they send over connections that stood before, is looked at while both publish. Runs when nothing else does.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'node:test';
import { newTenant, sandboxUrl, sql, succeeds, waitFor } from '../../harness/client.mjs';
import { setClock, later, monday, sentPosts, waitForStatus, writtenMission } from '../../harness/missions.mjs';

const can = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const sandboxPort = Number(new URL(sandboxUrl).port);

// The processes of the program that run with our configuration.
function programs() {
    const mine = (pid) => {
        try {
            return basename(readlinkSync(`/proc/${pid}/exe`)) === 'amp'
                && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`AMP_CONFIG=${process.env.AMP_CONFIG}\0`);
        } catch {
            return false;
        }
    };
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && mine(name));
}

// Webhooks that other tests left to be told again are no part of this.
const cancelDeliveries = () => sql('UPDATE job SET state = 4 WHERE type = 5 AND state = 1');

// Runs `work` and returns where the programs connected or sent something to meanwhile: ["127.0.0.1:80"].
async function connections(work) {
    const place = mkdtempSync(join(tmpdir(), 'amp-connect-'));
    const file = join(place, 'calls');
    try {
        const args = ['-f', '-qq', '-s', '200', '-yy', '-e', 'trace=connect,sendto,sendmsg,write,writev', '-e', 'signal=none', '-o', file];
        const tracer = spawn('strace', [...args, ...programs().flatMap((pid) => ['-p', pid])], { stdio: 'ignore' });
        const traced = () => programs().every((pid) =>
            !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
        cancelDeliveries();
        await waitFor(traced, { what: 'the programs to be watched' });
        try {
            await work();
        } finally {
            tracer.kill('SIGINT');
            await once(tracer, 'exit');
        }
        return readFileSync(file, 'utf8').split('\n').flatMap((line) => {
            const inet = line.match(/sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"/);
            const peer = line.match(/^\S+ \w+\(\d+<TCP(?:v6)?:\[[^\]]*?->([^\]]+)\]>/);
            return inet ? [`${inet[2]}:${inet[1]}`] : peer ? [peer[1]] : [];
        });
    } finally {
        rmSync(place, { recursive: true });
    }
}

test('test mode connects to the sandbox and to nothing else', { skip: !can && 'no strace here' }, async () => {
    const { test: api, tenant } = newTenant();
    const seen = await connections(async () => {
        const { content: [c, next] } = await writtenMission(api);
        succeeds(await api.get('/connect/metricool/test'));
        succeeds(await api.post('/publish', { content_id: next.id }));
        await setClock(api, later(monday(), 4 * 3600));
        await waitForStatus(api, c.id, 'published');
        assert.equal((await sentPosts(tenant)).length, 2);
    });
    assert.ok(seen.length >= 3, 'the sandbox was called');
    assert.deepEqual([...new Set(seen)], [`127.0.0.1:${sandboxPort}`]);
});

test('live mode never connects to the sandbox', { skip: !can && 'no strace here' }, async () => {
    const { live, tenant } = newTenant();
    const seen = await connections(async () => {
        const answer = await live.post('/connect/metricool', { token: `sandbox_${tenant.id.slice(4)}`, blog_id: '1' });
        assert.ok([422, 502].includes(answer.status), answer.text);
    });
    assert.ok(!seen.includes(`127.0.0.1:${sandboxPort}`), seen.join());
});
