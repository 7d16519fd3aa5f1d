// The clock of test mode.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, succeeds } from '../harness/client.mjs';
import { later, makeMission, monday } from '../harness/missions.mjs';

const clockOf = async (api) => succeeds(await api.get('/test/clock'));

test('the clock runs until it is stopped, and runs again when it is released', async () => {
    const { test: api } = newTenant();
    const running = await clockOf(api);
    assert.deepEqual(Object.keys(running), ['now', 'frozen', 'livemode']);
    assert.deepEqual([running.frozen, running.livemode], [false, false]);
    assert.ok(Math.abs(Date.parse(running.now) - Date.now()) < 60000);
    const stopped = succeeds(await api.post('/test/clock', { now: monday() }));
    assert.deepEqual(stopped, { now: monday(), frozen: true, livemode: false });
    assert.deepEqual(await clockOf(api), stopped);
    assert.equal((await makeMission(api, { status: 'draft' })).created_at, monday());
    succeeds(await api.del('/test/clock'), 204);
    const again = await clockOf(api);
    assert.equal(again.frozen, false);
    assert.ok(again.now < monday());
    succeeds(await api.del('/test/clock'), 204);
});

test('the clock moves forward only', async () => {
    const { test: api } = newTenant();
    const now = succeeds(await api.post('/test/clock', { now: monday().replace('Z', '+00:00') })).now;
    assert.equal(now, monday());
    assert.equal(succeeds(await api.post('/test/clock', { advance_seconds: 90 })).now, later(monday(), 90));
    assert.equal(succeeds(await api.post('/test/clock', { advance_seconds: 0 })).now, later(monday(), 90));
    assert.equal(
        succeeds(await api.post('/test/clock', { now: later(monday(), 90) })).now,
        later(monday(), 90),
    );
    failsWith(await api.post('/test/clock', { now: later(monday(), 89) }), 422, 'validation_failed', 'now');
    failsWith(
        await api.post('/test/clock', { now: '9999-12-31T23:59:59Z' }),
        422,
        'validation_failed',
        'now',
    );
    assert.equal((await clockOf(api)).now, later(monday(), 90));
});

test('moves that make no sense are refused by name', async () => {
    const { test: api } = newTenant();
    for (const [body, param] of [
        [{}, 'now'],
        [{ now: monday(), advance_seconds: 1 }, 'now'],
        [{ now: 'noon' }, 'now'],
        [{ now: null }, 'now'],
        [{ now: '2030-01-01T00:00:00' }, 'now'],
        [{ advance_seconds: -1 }, 'advance_seconds'],
        [{ advance_seconds: 1.5 }, 'advance_seconds'],
        [{ advance_seconds: '60' }, 'advance_seconds'],
        [{ advance_seconds: 366 * 86400 + 1 }, 'advance_seconds'],
        [{ advance_days: 1 }, 'advance_days'],
    ])
        failsWith(await api.post('/test/clock', body), 400, 'invalid_request', param);
    failsWith(await api.post('/test/clock', ''), 400, 'invalid_json');
    assert.equal((await clockOf(api)).frozen, false);
});

test('live mode has no clock to stop, and is not touched by that of test mode', async () => {
    const { test: api, live } = newTenant();
    for (const answer of [
        await live.get('/test/clock'),
        await live.post('/test/clock', { advance_seconds: 1 }),
        await live.del('/test/clock'),
    ])
        failsWith(answer, 403, 'forbidden');
    succeeds(await api.post('/test/clock', { now: monday() }));
    const mission = await makeMission(live, { status: 'draft' });
    assert.ok(mission.created_at < monday());
    const other = newTenant();
    assert.equal((await clockOf(other.test)).frozen, false);
});
