// The database goes away and comes back. Runs when nothing else does.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, send, stack, succeeds, waitFor } from '../../harness/client.mjs';

test('without its database AMP says so, and serves again as soon as it is back', async () => {
    const { test: api } = newTenant();
    succeeds(await api.get('/missions'));
    stack('stack_end mariadb 60');
    try {
        const answer = await api.get('/missions');
        failsWith(answer, 503, 'service_unavailable');
        assert.match(answer.headers.get('retry-after'), /^[1-9][0-9]*$/);
        succeeds(await send('GET', '/health'));
        assert.equal((await send('GET', '/ready')).status, 503);
    } finally {
        stack('stack_database_start');
    }
    await waitFor(async () => (await send('GET', '/ready')).status === 200, { what: 'readiness' });
    succeeds(await api.get('/missions'));
});

test('a killed process is replaced and nothing of it is missed', async () => {
    const { test: api } = newTenant();
    const mission = succeeds(await api.post('/missions', {
        name: 'Survivor', objectives: ['Stay'], platforms: ['twitter'], status: 'draft',
    }), 201);
    stack('read -r -a fcgi <"/proc/$(stack_pid lighttpd)/task/$(stack_pid lighttpd)/children" && kill -9 "${fcgi[@]}"');
    await waitFor(async () => {
        const response = await fetch(`${process.env.AMP_BASE_URL}/missions/${mission.id}`, {
            headers: { Authorization: `Bearer ${api.credential}` },
        });
        await response.text();
        return response.status === 200;
    }, { what: 'the new processes' });
    assert.deepEqual(succeeds(await api.get(`/missions/${mission.id}`)), mission);
});
