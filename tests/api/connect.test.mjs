// What AMP is connected to.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, succeeds } from '../harness/client.mjs';

const platforms = [
    'twitter',
    'linkedin',
    'instagram',
    'facebook',
    'threads',
    'bluesky',
    'tiktok',
    'youtube',
    'pinterest',
    'google_business',
    'mastodon',
];

test('test mode is connected to the sandbox without being asked', async () => {
    const { test: api } = newTenant();
    const status = succeeds(await api.get('/connect/status'));
    assert.deepEqual(Object.keys(status), ['integrations', 'platforms']);
    const { metricool, llm } = status.integrations;
    assert.deepEqual(Object.keys(metricool), [
        'connected',
        'status',
        'last_sync',
        'accounts_connected',
        'latency_ms',
        'last_error',
    ]);
    assert.deepEqual(
        [metricool.connected, metricool.status, metricool.accounts_connected, metricool.last_error],
        [true, 'healthy', 10, null],
    );
    assert.deepEqual([llm.connected, llm.status], [true, 'healthy']);
    assert.deepEqual(Object.keys(status.platforms), platforms);
    assert.equal(status.platforms.twitter.connected, true);
    assert.ok(status.platforms.twitter.account);
    assert.deepEqual(status.platforms.mastodon, { connected: false, account: null });
    const again = succeeds(await api.get('/connect/status'));
    assert.deepEqual(again, status);
});

test('live mode is connected to nothing that nobody connected', async () => {
    const { live } = newTenant();
    const status = succeeds(await live.get('/connect/status'));
    assert.deepEqual(status.integrations.metricool, {
        connected: false,
        status: 'disconnected',
        last_sync: null,
        accounts_connected: 0,
        latency_ms: null,
        last_error: null,
    });
    for (const name of platforms)
        assert.deepEqual(status.platforms[name], { connected: false, account: null });
    failsWith(await live.get('/connect/status?verbose=1'), 400, 'invalid_request', 'verbose');
});
