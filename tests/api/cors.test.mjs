// Browsers of other sites: only listed origins, never with credentials.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTenant } from '../harness/client.mjs';

// The origin that tests/run lists.
const listed = 'https://app.example.org';

test('a_listed_origin_may_read_answers', async () => {
    const { test: api } = newTenant();
    const { headers } = await api.get('/missions', { Origin: listed });
    assert.equal(headers.get('access-control-allow-origin'), listed);
    assert.match(headers.get('vary'), /Origin/);
    assert.match(headers.get('access-control-expose-headers'), /X-Request-ID/);
    assert.equal(headers.get('access-control-allow-credentials'), null);
});

test('errors_are_readable_for_it_too', async () => {
    const { test: api } = newTenant();
    const { status, headers } = await api.get('/missions?limit=0', { Origin: listed });
    assert.equal(status, 400);
    assert.equal(headers.get('access-control-allow-origin'), listed);
});

test('a_preflight_is_answered_without_credentials', async () => {
    const { test: api } = newTenant();
    const { status, headers } = await api.options('/missions', {
        Authorization: '', Origin: listed, 'Access-Control-Request-Method': 'POST',
    });
    assert.equal(status, 204);
    assert.match(headers.get('access-control-allow-methods'), /POST/);
    for (const name of ['Authorization', 'Content-Type', 'X-Tenant-ID', 'X-Request-ID', 'Idempotency-Key',
        'If-Match', 'If-None-Match'])
        assert.match(headers.get('access-control-allow-headers'), new RegExp(name));
    assert.equal(headers.get('access-control-max-age'), '600');
});

test('other_origins_get_no_permission', async () => {
    const { test: api } = newTenant();
    for (const origin of ['https://evil.example', 'null', `${listed}.evil.example`, 'http://app.example.org',
        `${listed}:444`, '*']) {
        const answer = await api.get('/missions', { Origin: origin });
        assert.equal(answer.headers.get('access-control-allow-origin'), null, origin);
        assert.match(answer.headers.get('vary'), /Origin/);
        const preflight = await api.options('/missions', { Origin: origin, 'Access-Control-Request-Method': 'POST' });
        assert.equal(preflight.headers.get('access-control-allow-methods'), null, origin);
    }
});
