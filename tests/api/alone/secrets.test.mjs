// Secrets at rest are sealed anew with another key while the service runs. Runs when nothing else does,
// because it changes the key of everything: to a second one, and back to the one of the service.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newTenant, newUser, run, sandboxUrl, signIn, sql, succeeds, waitFor } from '../../harness/client.mjs';
import { pause } from '../../harness/victims.mjs';

const first = { id: 1, key: readFileSync(process.env.AMP_CONFIG, 'utf8').match(/^\[secrets\]\nkey = (.*)$/m)[1] };
const second = { id: 77, key: randomBytes(32).toString('base64') };
const kinds = ['accounts', 'answers', 'signing keys', 'webhooks', 'old webhook secrets'];

// The environment of a process whose amp.conf has this key, and those as old ones.
const withKey = ({ id, key }, old = []) => ({
    AMP_SECRETS_KEY: key,
    AMP_SECRETS_KEY_ID: String(id),
    ...(old.length && { AMP_SECRETS_OLD_KEYS: old.map((k) => `${k.id}:${k.key}`).join(', ') }),
});

const parse = (lines) => Object.fromEntries(lines.trim().split('\n').map(JSON.parse).map((k) => [k.kind, k]));

function rotate(env) {
    const done = run(['secrets', 'rotate', '--json'], { env });
    return { ...done, kinds: parse(done.stdout) };
}

// How many values a key has sealed, by column.
const sealedBy = ({ id }) => sql(`SELECT
    (SELECT COUNT(*) FROM integration WHERE sealed_by = ${id}) AS accounts,
    (SELECT COUNT(*) FROM idempotency WHERE sealed_by = ${id}) AS answers,
    (SELECT COUNT(*) FROM signing_key WHERE sealed_by = ${id}) AS 'signing keys',
    (SELECT COUNT(*) FROM webhook WHERE sealed_by = ${id}) AS webhooks,
    (SELECT COUNT(*) FROM webhook WHERE old_sealed_by = ${id}) AS 'old webhook secrets'`)[0];

// A tenant with one secret of each kind.
async function furnish(t) {
    const { test: api, tenant, keys } = newTenant();
    const got = [];
    const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => { body += chunk; });
        request.on('end', () => {
            got.push({ headers: request.headers, body });
            response.writeHead(204).end();
        });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const hook = succeeds(await api.post('/webhooks', { url: `http://127.0.0.1:${server.address().port}/`,
        events: ['content.published'] }), 201);
    const rotated = succeeds(await api.post(`/webhooks/${hook.id}/rotate-secret`, { overlap_hours: 24 }));
    const token = `sandbox_own_${tenant.id.slice(4)}`;
    const brands = await fetch(`${sandboxUrl}/api/v2/settings/brands`, { headers: { 'X-Mc-Auth': token } });
    const [brand] = (await brands.json()).data;
    succeeds(await api.post('/connect/metricool', { token, blog_id: String(brand.id) }));
    const user = newUser(tenant.id);
    const session = await signIn(user, { mode: 'test' });
    return { api, user, key: keys.test.key, hook, secrets: [hook.secret, rotated.secret], got, session };
}

const makeKey = (api, n) => api.post('/auth/keys', { name: 'Sealed', scopes: ['missions:read'] },
    { 'Idempotency-Key': `key-${n}` });

// A process with this configuration opens the account's token and the signing key.
function serves(env, { key, session }) {
    for (const [path, credential] of [['/connect/metricool/test', key], ['/auth/keys', session.token]]) {
        const done = run(['request', 'GET', `/v1${path}`, '--key', credential], { env });
        assert.match(done.stdout, /^Status: 200 /, `${path}: ${done.stdout} ${done.stderr}`);
    }
}

async function rotateWhile(env, work) {
    const child = spawn(process.env.AMP_BIN, ['secrets', 'rotate', '--json'], { env: { ...process.env, ...env } });
    const ended = once(child, 'close');
    let text = '';
    child.stdout.on('data', (part) => { text += part; });
    do await work(); while (child.exitCode === null);
    assert.equal((await ended)[0], 0);
    return parse(text);
}

test('a new key takes over while the service runs, and then nothing needs the old one', async (t) => {
    const tenant = await furnish(t);
    const made = [];
    const make = async () => {
        made.push(succeeds(await makeKey(tenant.api, made.length), 201));
        succeeds(await tenant.api.del(`/auth/keys/${made.at(-1).id}`), 204);
    };
    for (let n = 0; n < 40; n++) await make(); // more than a batch

    const both = withKey(second, [first]);
    serves(both, tenant);
    const there = await rotateWhile(both, make);
    assert.deepEqual(Object.keys(there), kinds);
    for (const kind of kinds) {
        assert.ok(there[kind].sealed >= 1, kind);
        assert.equal(there[kind].unreadable, 0, kind);
    }
    rotate(both); // what the service, still with the old key, has sealed meanwhile
    assert.deepEqual(Object.values(sealedBy(first)), kinds.map(() => '0'));
    for (const { sealed } of Object.values(rotate(both).kinds)) assert.equal(sealed, 0, 'what is done is done');
    serves(withKey(second), tenant);

    const back = await rotateWhile(withKey(first, [second]), make);
    for (const kind of kinds) assert.ok(back[kind].sealed >= 1 && back[kind].unreadable === 0, kind);
    assert.deepEqual(Object.values(sealedBy(second)), kinds.map(() => '0'));
    for (let n = 0; n < made.length; n++) assert.deepEqual(succeeds(await makeKey(tenant.api, n), 201), made[n]);
    succeeds(await tenant.api.get('/connect/metricool/test'));
    succeeds(await tenant.session.api.get('/auth/keys'));
    succeeds(await tenant.api.post(`/webhooks/${tenant.hook.id}/test`), 202);
    await waitFor(() => tenant.got.length, { what: 'the event' });
    const [{ body, headers }] = tenant.got;
    for (const secret of tenant.secrets) assert.equal(new Webhook(secret).verify(body, headers).type, 'webhook.test');
});

// A transaction of somebody else that holds all webhooks, so that a rotation stops there.
async function holdWebhooks() {
    const client = spawn('mariadb', ['--no-defaults', `--socket=${process.env.AMP_MYSQL_SOCKET}`, '--user=root',
        '--batch', '--unbuffered', 'amp'], { stdio: ['pipe', 'pipe', 'inherit'] });
    client.stdin.write("START TRANSACTION; SELECT id FROM webhook FOR UPDATE; SELECT 'held';\n");
    let text = '';
    client.stdout.on('data', (part) => { text += part; });
    await waitFor(() => text.includes('held'), { what: 'the lock' });
    return async () => {
        client.stdin.end('ROLLBACK;\n');
        await once(client, 'close');
    };
}

test('a rotation that is killed on its way has lost nothing, and the next one goes on', async (t) => {
    const tenant = await furnish(t);
    const made = [];
    for (let n = 0; n < 20; n++) made.push(succeeds(await makeKey(tenant.api, n), 201));
    const both = withKey(second, [first]);
    const letGo = await holdWebhooks();
    const child = spawn(process.env.AMP_BIN, ['secrets', 'rotate'], { env: { ...process.env, ...both }, stdio: 'ignore' });
    const ended = once(child, 'close');
    try {
        await waitFor(() => sealedBy(first)['signing keys'] === '0', { what: 'the first kinds' });
        child.kill('SIGKILL');
        await ended;
    } finally {
        await letGo();
    }
    assert.ok(Number(sealedBy(first).webhooks) >= 1, 'it was on its way');
    serves(both, tenant);
    for (const { kind, sealed, unreadable } of Object.values(rotate(both).kinds)) {
        assert.equal(unreadable, 0, kind);
        if (kind === 'webhooks') assert.ok(sealed >= 1);
    }
    assert.deepEqual(Object.values(sealedBy(first)), kinds.map(() => '0'));
    serves(withKey(second), tenant);
    assert.equal(rotate(withKey(first, [second])).status, 0);
    for (let n = 0; n < made.length; n++) assert.deepEqual(succeeds(await makeKey(tenant.api, n), 201), made[n]);
});

// Puts these keys into the file that the service has read, as the documentation says.
async function configure({ id, key }, old) {
    const path = process.env.AMP_CONFIG;
    const { uid, gid, mode } = statSync(path);
    const others = readFileSync(path, 'utf8').replace(/^\[secrets\]\n(?:(?:key|key_id|old_keys) = .*\n)*/m, '');
    const list = old.map((k) => `${k.id}:${k.key}`).join(', ');
    writeFileSync(`${path}.new`, `${others}\n[secrets]\nkey = ${key}\nkey_id = ${id}\n${list && `old_keys = ${list}\n`}`, { mode });
    chownSync(`${path}.new`, uid, gid);
    renameSync(`${path}.new`, path);
    await pause(2100);
}

test('the key changes as documented, nothing is restarted, and no request fails', async (t) => {
    const tenant = await furnish(t);
    const before = readFileSync(process.env.AMP_CONFIG, 'utf8');
    let going = true, n = 0;
    const made = [];
    const client = async () => {
        while (going) {
            const mine = n++;
            made[mine] = succeeds(await makeKey(tenant.api, mine), 201);
            assert.deepEqual(succeeds(await makeKey(tenant.api, mine), 201), made[mine]);
            succeeds(await tenant.api.del(`/auth/keys/${made[mine].id}`), 204);
            succeeds(await tenant.api.get('/connect/metricool/test'));
            succeeds(await tenant.session.api.get('/auth/keys'));
            const session = await signIn(tenant.user, { mode: 'test' });
            succeeds(await session.api.post('/auth/logout'));
            succeeds(await tenant.api.post(`/webhooks/${tenant.hook.id}/test`), 202);
        }
    };
    const work = Promise.all([client(), client()]);
    const rotated = async (env) => {
        const done = run(['secrets', 'rotate', '--json'], env);
        assert.equal(done.status, 0, done.stderr);
    };
    try {
        for (const [from, to] of [[first, second], [second, first]]) {
            await configure(from, [to]);
            await configure(to, [from]);
            await rotated();
            await waitFor(async () => {
                await rotated();
                return Object.values(sealedBy(from)).every((left) => left === '0');
            }, { what: 'nothing that the old key has sealed' });
            await configure(to, []);
        }
    } finally {
        going = false;
        await configure(first, [second]);
        writeFileSync(process.env.AMP_CONFIG, before);
        await pause(2100);
    }
    await work;
    assert.ok(n > 10, `${n} rounds`);
    const asked = tenant.got.length;
    assert.ok(asked >= 1);
    for (const { body, headers } of tenant.got)
        assert.equal(new Webhook(tenant.secrets[1]).verify(body, headers).type, 'webhook.test');
});

test('what cannot be opened is told, left as it is, and keeps nothing else from being sealed anew', async () => {
    const { test: api, tenant } = newTenant();
    const mine = `tenant_id = '${tenant.id.slice(4)}'`;
    for (let n = 0; n < 20; n++) succeeds(await makeKey(api, n), 201); // more than a batch
    const lost = { id: 78, key: second.key };
    sql(`UPDATE idempotency SET body_sealed = CONCAT(CHAR(78), SUBSTRING(body_sealed, 2)) WHERE ${mine}`);
    const done = rotate(withKey(first, [lost]));
    assert.equal(done.status, 1);
    assert.equal(done.kinds.answers.unreadable, 20);
    assert.match(done.stderr, /cannot be opened/);
    assert.equal(sealedBy(lost).answers, '20');
    sql(`DELETE FROM idempotency WHERE ${mine}`);
});

test('a new key with the number of an old one is refused', () => {
    const done = run(['secrets', 'rotate'], { env: withKey({ ...second, id: 1 }, [first]) });
    assert.equal(done.status, 1);
    assert.match(done.stderr, /key_id is the number of an old key/);
});
