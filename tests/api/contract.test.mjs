// What holds for every route: methods, headers, bodies, parameters, paths.
import assert from 'node:assert/strict';
import test from 'node:test';
import { api as client, failsWith, newTenant, raw, send, server, succeeds } from '../harness/client.mjs';
import { smallest } from '../harness/missions.mjs';
import { fill, nobodysIds, paths, routes } from '../harness/routes.mjs';

const { test: api, live, keys } = newTenant();
const fit = (route) => (route.mode === 'live' ? live : api);
const credential = `Authorization: Bearer ${keys.test.key}\r\n`;
const request = (line, headers = '', body = '') =>
    raw(`${line} HTTP/1.1\r\nHost: amp\r\nConnection: close\r\n${credential}${headers}\r\n${body}`);
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

test('OPTIONS names the methods of every path and needs no credential', async () => {
    for (const [path, allowed] of paths()) {
        const answer = await client().options(fill(path, nobodysIds));
        assert.equal(answer.status, 204, path);
        assert.deepEqual(answer.headers.get('allow').split(', ').sort(), [...allowed].sort(), path);
        assert.equal(answer.headers.get('x-ratelimit-limit'), null, 'it does not count');
    }
    failsWith(await client().options('/nothing'), 404, 'not_found');
});

test('a method that a path does not know is 405 with those it knows, before any credential', async () => {
    for (const [path, allowed] of paths()) {
        for (const method of methods.filter((m) => !allowed.has(m))) {
            const answer = await client().call(method, fill(path, nobodysIds));
            assert.equal(answer.status, 405, `${method} ${path}`);
            assert.deepEqual(answer.headers.get('allow').split(', ').sort(), [...allowed].sort(), path);
            if (method !== 'HEAD') failsWith(answer, 405, 'method_not_allowed');
        }
    }
    for (const method of ['TRACE', 'PROPFIND', 'BREW'])
        assert.match(await request(`${method} /v1/missions`), /^HTTP\/1\.1 (405|501) /, method);
});

test('HEAD answers like GET, without a body', async () => {
    succeeds(await api.post('/missions', { ...smallest, status: 'draft' }), 201);
    for (const { path } of routes.filter((r) => r.method === 'GET')) {
        const get = await api.get(fill(path, nobodysIds));
        const head = await api.head(fill(path, nobodysIds));
        assert.equal(head.status, get.status, path);
        assert.equal(head.text, '');
        for (const name of ['content-type', 'cache-control', 'x-ratelimit-limit', 'etag'])
            assert.equal(head.headers.get(name), get.headers.get(name), `${path}: ${name}`);
    }
});

test('a path is known exactly as it is written', async () => {
    const { id } = succeeds(await api.post('/missions', { ...smallest, status: 'draft' }), 201);
    const good = `/v1/missions/${id}`;
    assert.match(await request(`GET ${good}`), /^HTTP\/1\.1 200 /);
    const tricks = [
        '/v1',
        '/v1/',
        '/api/v1',
        '/api',
        '/v1x/missions',
        '/v2/missions',
        '/missions',
        '/V1/missions',
        '/v1/Missions',
        '/api/api/v1/missions',
        '/api/v1/v1/missions',
        '/v1//missions',
        '//v1/missions',
        '/v1/missions/',
        '/v1/./missions',
        '/v1/x/../missions',
        '/v1/missions/..',
        '/v1/missions/%2e%2e/missions',
        '/v1%2Fmissions',
        '/v1/missions%2F',
        `/v1/missions%2f${id}`,
        `${good}%2Fpause`,
        `${good}/`,
        `${good}//`,
        `${good}%00`,
        `${good}%20`,
        `${good}%0a`,
        `${good};x=1`,
        `${good}/pause/now`,
        `${good}%zz`,
        `${good}%`,
        `/v1/missions/%ff`,
        `/v1/missions/${id.toLowerCase()}`,
        `/v1/missions/${id.slice(4)}`,
        `/v1/missions/${id}0`,
        '/v1/missions/*',
        '/v1/auth',
        '/v1/content//preview',
        '/v1/health',
        '/v1/ready',
        '/v1/auth/login/x',
        '/v1/missions/\x7f',
    ];
    for (const path of tricks) {
        const text = await request(`GET ${path}`);
        assert.match(text, /^HTTP\/1\.1 (404|400) /, path);
        assert.match(text, /"code":"(not_found|invalid_request)"/, path);
        assert.match(text, /content-type: application\/json; charset=utf-8/i, path);
    }
    assert.match(
        await request(`GET /v1/missions/%6d${id.slice(1)}`),
        /^HTTP\/1\.1 200 /,
        'decoded once, by the server',
    );
});

test('both base paths serve everything, and Location stays below the one that was used', async () => {
    for (const base of ['/v1', '/api/v1']) {
        const headers = { Authorization: `Bearer ${keys.test.key}` };
        const made = await send('POST', `${base}/missions`, { ...smallest, status: 'draft' }, headers);
        const mission = succeeds(made, 201);
        assert.equal(made.headers.get('location'), `${base}/missions/${mission.id}`);
        assert.deepEqual(
            succeeds(await send('GET', made.headers.get('location'), undefined, headers)),
            mission,
        );
        succeeds(await send('DELETE', `${base}/missions/${mission.id}`, undefined, headers), 204);
    }
});

test('a body has to be JSON, and to say so', async () => {
    const body = JSON.stringify({ ...smallest, status: 'draft' });
    const post = (headers, text = body) => api.post('/missions', text, headers);
    for (const type of [
        'application/json',
        'APPLICATION/JSON',
        'application/json; charset=utf-8',
        'application/json;charset=UTF-8',
        'application/json; charset="utf-8"',
    ])
        succeeds(await post({ 'Content-Type': type }), 201);
    for (const type of [
        'text/plain',
        'text/json',
        'application/jsonx',
        'application/json; charset=latin1',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
    ])
        failsWith(await post({ 'Content-Type': type }), 415, 'unsupported_media_type');
    for (const coding of ['gzip', 'br', 'identity, gzip'])
        failsWith(await post({ 'Content-Encoding': coding }), 415, 'unsupported_media_type');
    succeeds(await post({ 'Content-Encoding': 'identity' }), 201);
    const bare = await request('POST /v1/missions', `Content-Length: ${body.length}\r\n`, body);
    assert.match(bare, /^HTTP\/1\.1 415 /, 'no media type at all');
    succeeds(await api.get('/missions', { 'Content-Type': 'application/x-www-form-urlencoded' })); // as some clients do
    failsWith(await post({ 'Content-Type': 'text/plain' }, '{"broken'), 415, 'unsupported_media_type');
});

test('bodies of GET and DELETE are ignored, and an empty one is fine where nothing is asked', async () => {
    const text = await request(
        'GET /v1/missions',
        'Content-Type: text/plain\r\nContent-Length: 7\r\n',
        'nonsens',
    );
    assert.match(text, /^HTTP\/1\.1 200 /);
    const { id } = succeeds(await api.post('/missions', { ...smallest, status: 'draft' }), 201);
    succeeds(await api.post(`/missions/${id}/resume`));
    succeeds(
        await api.post(`/missions/${id}/pause`, undefined, {
            'Content-Type': 'application/x-www-form-urlencoded',
        }),
    );
    assert.match(
        await request(`DELETE /v1/missions/${id}`, 'Content-Type: text/plain\r\nContent-Length: 1\r\n', '{'),
        /^HTTP\/1\.1 204 /,
    );
    for (const path of ['/missions', '/publish', '/publish/schedule', '/auth/keys', '/test/clock'])
        failsWith(await api.post(path), 400, 'invalid_json');
});

test('a body is one JSON object in UTF-8, to the letter', async () => {
    const deep = (n) => `{"name":${'['.repeat(n)}${']'.repeat(n)}}`;
    const fine = JSON.stringify({ ...smallest, status: 'draft' });
    const bad = [
        '',
        ' ',
        '[]',
        '"text"',
        '5',
        'null',
        'true',
        '{',
        '{}}',
        '{} {}',
        '{"name":}',
        "{'name':'x'}",
        '{name:"x"}',
        '{"name":"x",}',
        '{"name":"x" "y"}',
        '[1,]',
        '{"a":01}',
        '{"a":+1}',
        '{"a":1.}',
        '{"a":.5}',
        '{"a":NaN}',
        '{"a":Infinity}',
        '{"a":0x10}',
        '{"a":1e}',
        '{/**/}',
        '{} // x',
        '\uFEFF{}',
        '{"name":"a\nb"}',
        '{"name":"\\x41"}',
        '{"name":"\\u00"}',
        '{"name":"\\u0000"}',
        '{"name":"\\ud800"}',
        '{"name":"\\udc00\\ud800"}',
        '{"name":"a","name":"a"}',
        '{"name":"a","n\\u0061me":"b"}',
        '{"constraints":{"tone":"x","tone":"y"}}',
        '{"kpis":[{"metric":1,"metric":1}]}',
        deep(32),
        deep(5000),
        `{"name":[${'0,'.repeat(10000)}0]}`,
        `${fine}\u0000`,
        `${fine}x`,
    ];
    for (const body of bad) failsWith(await api.post('/missions', body), 400, 'invalid_json', null);
    const bytes = (...list) => Buffer.concat(list.map((b) => Buffer.from(b)));
    for (const wrong of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]])
        failsWith(await api.post('/missions', bytes('{"name":"', wrong, '"}')), 400, 'invalid_json');
    failsWith(await api.post('/missions', deep(31)), 400, 'invalid_request'); // a strange name, but JSON
    succeeds(await api.post('/missions', `\r\n\t ${fine} \n`), 201);
    const escaped = succeeds(
        await api.post('/missions', fine.replace('My Mission', '\\ud83d\\ude80 \\u00fc\\/')),
        201,
    );
    assert.equal(escaped.name, '\u{1F680} ü/');
});

test('a body may have one MiB and no byte more', async () => {
    const fine = JSON.stringify({ ...smallest, status: 'draft' });
    const padded = (size) => fine + ' '.repeat(size - fine.length);
    const size = 1048576;
    succeeds(await api.post('/missions', padded(size)), 201);
    failsWith(await api.post('/missions', padded(size + 1)), 413, 'payload_too_large');
    failsWith(await client().post('/missions', padded(size + 1)), 413, 'payload_too_large');
    const chunk = 'x'.repeat(65536);
    const chunked = `10000\r\n${chunk}\r\n`.repeat(17) + '0\r\n\r\n';
    assert.match(
        await request(
            'POST /v1/missions',
            'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
            chunked,
        ),
        /^HTTP\/1\.1 413 /,
    );
    const small = `${fine.length.toString(16)}\r\n${fine}\r\n0\r\n\r\n`;
    assert.match(
        await request(
            'POST /v1/missions',
            'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
            small,
        ),
        /^HTTP\/1\.1 201 /,
    );
});

test('nothing is coerced, and a number must fit', async () => {
    const days = async (text) =>
        (
            await api.post(
                '/missions',
                `{"name":"M","objectives":["O"],"platforms":["twitter"],"status":"draft","duration_days":${text}}`,
            )
        ).status;
    for (const text of [
        '"30"',
        'true',
        'null',
        '30.0',
        '3e1',
        '30.5',
        '-1',
        '0',
        '3651',
        '9223372036854775807',
        '9223372036854775808',
        '18446744073709551646',
        '1e400',
        '[30]',
        '{}',
    ])
        assert.equal(await days(text), 400, text);
    assert.equal(await days('3650'), 201);
    assert.equal(await days('-0'), 400);
});

test('every route refuses parameters that it does not know', async () => {
    for (const route of routes) {
        const { method, path, body } = route;
        const ask = (query) => fit(route).call(method, `${fill(path, nobodysIds)}?${query}`, fill(body, nobodysIds));
        failsWith(await ask('surprise=1'), 400, 'invalid_request', 'surprise');
        failsWith(await ask('tenant_id=tnt_0000000000000001'), 400, 'invalid_request', 'tenant_id');
    }
});

test('every route refuses fields that it does not know', async () => {
    for (const route of routes.filter((r) => r.method === 'POST' || r.method === 'PUT')) {
        const { method, path, body } = route;
        const updates = method === 'PUT' && path.includes(':');
        const known = updates || !body ? {} : JSON.parse(fill(body, nobodysIds));
        const answer = await fit(route).call(method, fill(path, nobodysIds), {
            ...known,
            tenant_id: 'tnt_0000000000000001',
        });
        if (updates)
            failsWith(answer, 404, 'not_found'); // what may change is known only with the object
        else failsWith(answer, 400, 'invalid_request', 'tenant_id');
    }
});

test('the query string is decoded once, and strictly', async () => {
    const bad = async (query, param) =>
        failsWith(await api.get(`/missions?${query}`), 400, 'invalid_request', param);
    await bad('status=%zz', 'status');
    await bad('status=%2564raft', 'status');
    await bad('status=draft;limit=1', 'status');
    await bad('status', 'status');
    await bad('expand=mission', 'expand');
    succeeds(await api.get('/missions?st%61tus=dr%61ft&limit=%31'));
    succeeds(await api.get('/missions?'));
    for (const hidden of ['%ff', '%00', '%c0%80']) {
        // the web server is the first to see these
        const text = await request(`GET /v1/missions?status=${hidden}`);
        assert.match(text, /^HTTP\/1\.1 400 /, hidden);
        assert.match(text, /"code":"invalid_request"/, hidden);
    }
});

test('every answer carries the request id, in the body of errors too', async () => {
    const given = 'my.trace_01-Z';
    for (const { method, path } of routes) {
        const answer = await client().call(method, fill(path, nobodysIds), undefined, {
            'X-Request-ID': given,
        });
        assert.equal(answer.headers.get('x-request-id'), given);
        assert.equal(answer.body.error.request_id, given);
    }
    succeeds(await api.get('/missions', { 'X-Request-ID': 'x'.repeat(128) }));
    const forged = await request('GET /v1/missions', 'X-Request-ID: a\r\nX-Request-ID: b\r\n');
    assert.match(forged, /x-request-id: req_[0-9A-Za-z]{16}\r\n/i, 'two are none');
});

test('checks come in their order, and the first that fails answers', async () => {
    const bad = client('amp_test_nobody');
    const huge = ' '.repeat(1048577);
    failsWith(await bad.post('/nothing', huge), 413, 'payload_too_large');
    failsWith(await bad.post('/nothing'), 404, 'not_found');
    failsWith(await bad.call('PATCH', '/missions', {}, { 'X-Tenant-ID': 'x' }), 405, 'method_not_allowed');
    failsWith(await bad.get('/missions?x=1', { 'X-Tenant-ID': 'x' }), 401, 'unauthorized');
    failsWith(await api.get('/missions?x=1', { 'X-Tenant-ID': 'x' }), 400, 'invalid_request', 'X-Tenant-ID');
    const text = { 'Content-Type': 'text/plain' };
    failsWith(await api.post('/missions?x=1', '{', text), 400, 'invalid_request', 'x');
    failsWith(await api.post('/missions', '{', text), 415, 'unsupported_media_type');
    failsWith(await api.post(`/content/${nobodysIds.cnt}/reject`, '{'), 400, 'invalid_json');
    failsWith(await api.post(`/content/${nobodysIds.cnt}/reject`, {}), 400, 'invalid_request', 'reason');
    failsWith(await api.post(`/content/${nobodysIds.cnt}/reject`, { reason: 'R' }), 404, 'not_found');
});

test('headers and addresses that are too long are refused in the same envelope', async () => {
    const long = await request('GET /v1/missions', `X-Long: ${'x'.repeat(20000)}\r\n`);
    assert.match(long, new RegExp(`^HTTP/1\\.[01] ${server.longHeaders.status} `));
    assert.match(long, new RegExp(`"code":"${server.longHeaders.code}"`));
    const far = await request(`GET /v1/missions?x=${'x'.repeat(20000)}`);
    assert.match(far, /^HTTP\/1\.[01] (414|431) /);
    assert.match(far, /"code":"(uri_too_long|headers_too_large)"/);
});

test('no answer of an error tells what is behind', async () => {
    const answers = [
        await api.get("/missions?status=' OR 1=1"),
        await api.get("/missions/msn_'--"),
        await api.post('/missions', { ...smallest, name: '\\', platforms: ["'"] }),
    ];
    for (const { text } of answers)
        assert.doesNotMatch(text, /SELECT|mysql|MariaDB|\.c:|\/home|\/usr|\/tmp/i);
});
