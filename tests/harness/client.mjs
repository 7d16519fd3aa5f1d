// client.mjs: what the API tests use: tenants and keys made by the program itself, a client that
// checks every answer for what all answers must have, the log, and the database.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDocumented } from './schema.mjs';

const harness = dirname(fileURLToPath(import.meta.url));

function environment(name) {
    const value = process.env[name];
    assert.ok(value, `${name} is not set: start the tests with tests/run`);
    return value;
}

export const baseUrl = environment('AMP_BASE_URL');
export const origin = new URL(baseUrl).origin;
export const sandboxUrl = environment('AMP_SANDBOX_URL');
export const sandboxToken = environment('AMP_SANDBOX_TOKEN');

// What the web servers themselves do differently: Apache cannot be kept from naming itself (without
// a version), and for headers that are too long it has no status of their own; lighttpd cannot put
// the id of the request on the errors that it makes itself, and waits for ever for a request that comes
// byte by byte.
export const server = {
    lighttpd: {
        header: null,
        longHeaders: { status: 431, code: 'headers_too_large' },
        echoesRequestId: false,
        waitsForDrops: true,
    },
    apache: {
        header: 'Apache',
        longHeaders: { status: 400, code: 'invalid_request' },
        echoesRequestId: true,
        waitsForDrops: false,
    },
}[process.env.STACK_SERVER ?? 'lighttpd'];

// Waits until condition() gives something true, and returns that.
export async function waitFor(condition, { timeout = 30000, every = 50, what = 'the condition' } = {}) {
    const end = Date.now() + timeout;
    for (;;) {
        const value = await condition();
        if (value) return value;
        assert.ok(Date.now() < end, `waited ${timeout} ms in vain for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, every));
    }
}

// --- Secrets ---

const secretPatterns = [
    /amp_(?:live|test)_[0-9A-Za-z]{32}/g,
    /inv_[0-9A-Za-z]{43}/g,
    /(?<="(?:token|refresh_token|secret)":")[^"]{16,}(?=")/g,
];

// Writes down each secret in the text; the last check of tests/run looks for them in all logs.
function noteSecrets(text) {
    const found = secretPatterns.flatMap((pattern) => text.match(pattern) ?? []);
    if (found.length) appendFileSync(`${environment('AMP_STACK_DIR')}/secrets.txt`, `${found.join('\n')}\n`);
}

// --- The program ---

// As the user whose the configuration is, so that nothing ends up belonging to root.
function asOwner() {
    const owner = statSync(environment('AMP_CONFIG'));
    return process.getuid() === 0 ? { uid: owner.uid, gid: owner.gid } : {};
}

// Runs a subcommand: {status, stdout, stderr}.
export function run(args, { input = '', env = {} } = {}) {
    const done = spawnSync(environment('AMP_BIN'), args, {
        input, encoding: 'utf8', cwd: '/', timeout: 60000, ...asOwner(),
        env: { ...process.env, ...env },
    });
    assert.ifError(done.error);
    noteSecrets(done.stdout);
    return done;
}

// Runs a subcommand with --json, which must succeed, and returns what it printed as an object.
export function amp(args, options) {
    const done = run([...args, '--json'], options);
    assert.equal(done.status, 0, `amp ${args.join(' ')}: ${done.stderr}`);
    return JSON.parse(done.stdout);
}

// --- Answers ---

export const errorKeys = ['code', 'doc_url', 'message', 'param', 'request_id'];

function checkError(answer) {
    const where = `${answer.status} ${answer.text}`;
    assert.deepEqual(Object.keys(answer.body ?? {}), ['error'], where);
    const error = answer.body.error;
    assert.deepEqual(Object.keys(error).sort(), errorKeys, where);
    assert.match(error.code, /^[a-z_]+$/, where);
    assert.ok(error.message.length > 0, where);
    assert.ok(error.doc_url.endsWith(`#${error.code}`), where);
    assert.equal(error.request_id, answer.headers.get('x-request-id'), where);
}

// What every answer of the program has, whatever was asked.
export function checkAnswer(answer) {
    const { status, headers, text } = answer;
    assert.match(headers.get('x-request-id') ?? '', /^[A-Za-z0-9._-]{1,128}$/, 'X-Request-ID');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    if (answer.here) assert.equal(headers.get('server'), server.header);
    assert.equal(headers.get('set-cookie'), null);
    if (status === 401) assert.match(headers.get('www-authenticate') ?? '', /^Bearer realm="amp"/);
    if (status === 204 || status === 304) assert.equal(text, '');
    if (text && answer.json) assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
    if (text && status >= 400) checkError(answer);
    return answer;
}

function parse(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

// Was a connection that had answered before found closed? Servers do that to idle ones, and then
// whoever only reads asks again (RFC 9112, 9.3.1).
const foundClosed = (method, { cause }) =>
    method === 'GET' && cause?.code === 'UND_ERR_SOCKET' && cause.socket?.bytesRead > 0;

// One request to an absolute or relative address: {status, headers, body, text}. `body` may be an
// object (sent as JSON), text (sent as it is, as JSON) or undefined. Pass json: false in options
// where the answer is no JSON.
export async function send(method, url, body, headers = {}, { json = true } = {}) {
    const sent = { ...headers };
    if (body !== undefined && !Object.keys(sent).some((h) => h.toLowerCase() === 'content-type'))
        sent['Content-Type'] = 'application/json';
    const address = url.startsWith('http') ? url : origin + url;
    const options = () => ({
        method, headers: sent, redirect: 'manual', signal: AbortSignal.timeout(60000),
        body: body === undefined || typeof body === 'string' || body instanceof Uint8Array
            ? body : JSON.stringify(body),
    });
    const response = await fetch(address, options()).catch((error) => {
        if (!foundClosed(method, error)) throw error;
        return fetch(address, options());
    });
    const text = await response.text();
    noteSecrets(text);
    if (response.headers.has('content-disposition')) json = false; // a file
    const answer = { status: response.status, headers: response.headers, text, json };
    answer.here = address.startsWith(`${origin}/`); // not a web server that a test has started
    answer.body = json && text ? parse(text) : undefined;
    if (json && text) assert.notEqual(answer.body, undefined, `not JSON: ${text.slice(0, 200)}`);
    checkDocumented(method, url, body, answer);
    checkDocumented(method, url, body, answer);
    return checkAnswer(answer);
}

// A client that speaks with this credential (none: without one). Paths are relative to /api/v1.
export function api(credential) {
    const bearer = credential ? { Authorization: `Bearer ${credential}` } : {};
    const call = (method, path, body, headers) =>
        send(method, baseUrl + path, body, { ...bearer, ...headers });
    return {
        credential,
        call,
        get: (path, headers) => call('GET', path, undefined, headers),
        head: (path, headers) => call('HEAD', path, undefined, headers),
        options: (path, headers) => call('OPTIONS', path, undefined, headers),
        post: (path, body, headers) => call('POST', path, body, headers),
        put: (path, body, headers) => call('PUT', path, body, headers),
        del: (path, headers) => call('DELETE', path, undefined, headers),
    };
}

// Bytes as they are over a connection of their own; all that comes back, as text. For requests that
// no client library would send.
export function raw(bytes) {
    const { hostname, port } = new URL(origin);
    return new Promise((resolve, reject) => {
        const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
        const parts = [];
        socket.setTimeout(30000, () => socket.destroy(new Error('no answer to raw bytes')));
        socket.on('data', (part) => parts.push(part));
        socket.on('error', reject);
        socket.on('close', () => resolve(Buffer.concat(parts).toString('utf8')));
    });
}

// Is this answer that error? Returns its error object.
export function failsWith(answer, status, code, param) {
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.body.error.code, code, answer.text);
    if (param !== undefined) assert.equal(answer.body.error.param, param, answer.text);
    return answer.body.error;
}

export function succeeds(answer, status = 200) {
    assert.equal(answer.status, status, answer.text);
    return answer.body;
}

// --- Tenants ---

// A key of a tenant, as the program prints it once: {"id","key",…}.
export function newKey(tenant, mode, { scopes, name } = {}) {
    const args = ['key', 'create', '--tenant', tenant, '--mode', mode];
    if (scopes) args.push('--scopes', scopes.join(','));
    if (name) args.push('--name', name);
    return amp(args);
}

// A user of a tenant: {id, email, password, role}.
export function newUser(tenant, role = 'admin') {
    const email = `${randomUUID()}@example.com`;
    const password = randomUUID();
    noteSecrets(`"secret":"${password}"`);
    const args = ['user', 'create', '--email', email, '--tenant', tenant, '--role', role];
    const user = amp([...args, '--password-stdin'], { input: `${password}\n` });
    return { ...user, email, password, role };
}

// Where nobody else signs in from, as the proxy that the stack trusts tells it: sign-ins are limited
// for each address.
export const someAddress = () => `2001:db8:${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}::1`;

// Signs in: all that the API answers, and a client of the new token.
export async function signIn({ email, password }, wishes = {}, address = someAddress()) {
    const answer = succeeds(await api().post('/auth/login', { email, password, ...wishes },
        { 'X-Forwarded-For': address }));
    return { ...answer, api: api(answer.token) };
}

// A tenant nobody else uses, with a key of each mode and a client for each:
// {tenant, keys: {live, test}, live, test}.
export function newTenant({ plan = 'enterprise', rateLimit = 600000, name } = {}) {
    const args = ['tenant', 'create', '--name', name ?? `Test ${randomUUID()}`, '--plan', plan];
    if (rateLimit && plan === 'enterprise') args.push('--rate-limit', String(rateLimit));
    const tenant = amp(args);
    const keys = { live: newKey(tenant.id, 'live'), test: newKey(tenant.id, 'test') };
    return { tenant, keys, live: api(keys.live.key), test: api(keys.test.key) };
}

// --- Behind the scenes ---

// The log line of a request: {route, status, us, queries, …}. It is written after the answer.
export function requestLog(requestId) {
    const find = () => {
        const lines = readFileSync(environment('AMP_LOG_FILE'), 'utf8').split('\n');
        const line = lines.findLast((l) => l.includes(`"${requestId}"`) && l.includes('"event":"request"'));
        return line && JSON.parse(line);
    };
    return waitFor(find, { timeout: 5000, what: `the log line of ${requestId}` });
}

// The most that a request may cost.
export async function staysWithin(answer, { queries }) {
    const line = await requestLog(answer.headers.get('x-request-id'));
    assert.ok(line.queries <= queries, `${line.queries} queries, ${queries} allowed: ${line.route}`);
}

// The same of what is asked at once again, ask(0), ask(1) …, at most `times`: that one of them costs no
// more. A process that does not know the key yet looks it up, which the others do not pay for.
export async function onceStaysWithin({ queries, times = 20 }, ask) {
    const seen = [];
    for (let i = 0; i < times && !seen.some((n) => n <= queries); i++) {
        const answer = await ask(i);
        assert.ok(answer.status < 300, answer.text);
        seen.push((await requestLog(answer.headers.get('x-request-id'))).queries);
    }
    assert.ok(seen.some((n) => n <= queries), `${seen} queries, ${queries} allowed`);
}

// Rows of a statement as objects of text, for fixtures and for looking behind the API.
export function sql(statement) {
    const done = spawnSync('mariadb', ['--no-defaults', `--socket=${environment('AMP_MYSQL_SOCKET')}`,
        '--user=root', '--batch', '--default-character-set=utf8mb4', 'amp'],
    { input: statement, encoding: 'utf8', maxBuffer: 64 << 20 });
    assert.equal(done.status, 0, done.stderr);
    const [head, ...rows] = done.stdout.split('\n').slice(0, -1).map((line) => line.split('\t'));
    return rows.map((row) => Object.fromEntries(row.map((value, i) => [head[i], value === 'NULL' ? null : value])));
}

// A function of stack.sh, applied to the stack that the tests run against; what it prints.
export function stack(command) {
    const script = '. "$1/packages.sh" && . "$1/stack.sh" && '
        + 'stack_use "$AMP_STACK_DIR" "$AMP_STACK_BUILD" && eval "$2"';
    const done = spawnSync('bash', ['-c', script, 'bash', harness, command],
        { encoding: 'utf8', timeout: 120000, stdio: ['ignore', 'pipe', 'inherit'] });
    assert.equal(done.status, 0, command);
    return done.stdout.trim();
}

