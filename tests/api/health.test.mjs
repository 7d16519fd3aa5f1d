// The unversioned paths, and what holds for every answer.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api, failsWith, origin, raw, send, server, succeeds } from '../harness/client.mjs';

const nobody = api();

test('health says that the program lives, without a credential', async () => {
    const body = succeeds(await send('GET', '/health'));
    assert.equal(body.status, 'ok');
});

test('ready says that database and schema are there', async () => {
    succeeds(await send('GET', '/ready'));
});

test('unversioned paths take no version and versioned ones need one', async () => {
    failsWith(await send('GET', '/v1/health'), 404, 'not_found');
    failsWith(await send('GET', '/v1'), 404, 'not_found');
    failsWith(await send('GET', '/api/v1/'), 404, 'not_found');
});

test('both base paths lead to the same routes', async () => {
    failsWith(await send('GET', '/v1/auth/whoami'), 401, 'unauthorized');
    failsWith(await send('GET', '/api/v1/auth/whoami'), 401, 'unauthorized');
});

test('a path of nobody is answered in the same envelope by the web server', async () => {
    const response = await fetch(`${origin}/nothing/here`, { headers: { 'X-Request-ID': 'trace-1' } });
    const { headers } = response;
    assert.equal(response.status, 404);
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('server'), server.header);
    assert.equal(headers.get('x-request-id'), server.echoesRequestId ? 'trace-1' : null);
    const { error } = await response.json();
    assert.deepEqual(Object.keys(error), ['code', 'message', 'param', 'doc_url', 'request_id']);
    assert.equal(error.code, 'not_found');
});

test('a good request id is echoed and a bad one is replaced', async () => {
    const good = await nobody.get('/auth/whoami', { 'X-Request-ID': 'trace-1.a_B' });
    assert.equal(good.headers.get('x-request-id'), 'trace-1.a_B');
    for (const bad of ['with space', 'x'.repeat(129), 'semi;colon']) {
        const answer = await nobody.get('/auth/whoami', { 'X-Request-ID': bad });
        assert.match(answer.headers.get('x-request-id'), /^req_[0-9A-Za-z]{16}$/);
    }
});

test('HEAD has the status and headers of GET and no body', async () => {
    const answer = await send('HEAD', '/health');
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '');
    assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
});

test('OPTIONS needs no credential and names the methods', async () => {
    const answer = await nobody.options('/missions');
    assert.equal(answer.status, 204);
    assert.deepEqual(answer.headers.get('allow').split(', ').sort(), ['GET', 'HEAD', 'OPTIONS', 'POST']);
});

test('a wrong method is refused and the right ones are named', async () => {
    const answer = await nobody.call('PATCH', '/missions', {});
    failsWith(answer, 405, 'method_not_allowed');
    assert.match(answer.headers.get('allow'), /POST/);
});

test('a path that hides something is not found', async () => {
    for (const path of ['/v1//missions', '/v1/missions/', '/v1/./missions', '/v1/a/../missions', '/v1/miss%2Fions']) {
        const text = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        assert.match(text, /^HTTP\/1\.1 (404|400) /, path);
        assert.match(text, /"code":"(not_found|invalid_request)"/, path);
    }
});

test('a part of an answer cannot be asked for', async () => {
    const answer = await send('GET', '/health', undefined, { Range: 'bytes=0-3' });
    assert.equal(succeeds(answer).status, 'ok');
});

test('the console is there to be read, and nothing else', async () => {
    const page = await fetch(`${origin}/`);
    assert.equal(page.status, 200);
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(page.headers.get('content-security-policy'), /^default-src 'self'/);
    const put = await fetch(`${origin}/`, { method: 'PUT', body: 'x' });
    assert.match(`${put.status}`, /^(405|501)$/);
});

test('a body that is far too large is refused without being read', async () => {
    const text = await raw('POST /v1/missions HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\n\r\n');
    assert.match(text, /^HTTP\/1\.[01] 413 /);
    assert.match(text, /"code":"payload_too_large"/);
});

test('a malformed request is answered in the same envelope', async () => {
    const text = await raw('GET /v1/missions HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n');
    assert.match(text, /^HTTP\/1\.[01] 400 /);
    assert.match(text, /"code":"invalid_request"/);
});
