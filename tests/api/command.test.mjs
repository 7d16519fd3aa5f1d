// The commands of the program for whoever runs an installation.
import assert from 'node:assert/strict';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { amp, api as client, failsWith, newTenant, run, succeeds } from '../harness/client.mjs';
import { scopes } from '../harness/routes.mjs';

// A command that must fail says why on standard error, and nothing on standard output.
function refuses(args, reason, { status = 1, ...options } = {}) {
    for (const json of [[], ['--json']]) {
        const done = run([...args, ...json], options);
        assert.equal(done.status, status, `amp ${args.join(' ')}: ${done.stdout}${done.stderr}`);
        assert.equal(done.stdout, '');
        assert.match(done.stderr, reason);
        assert.doesNotMatch(done.stderr, /SELECT|INSERT/);
    }
}

test('version says which one it is', () => {
    const { version, schema } = amp(['version']);
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.ok(schema >= 5);
    assert.equal(run(['version']).stdout, `amp ${version}\n`);
});

test('prompts that cannot be used are named before they are needed', (t) => {
    const home = mkdtempSync(join(tmpdir(), 'amp-prompts-'));
    t.after(() => rmSync(home, { recursive: true }));
    const [folder, config] = [join(home, 'prompts'), join(home, 'amp.conf')];
    const own = new URL('../../lib/llm/prompts', import.meta.url).pathname;
    const files = Object.fromEntries(
        ['system.txt', 'post.txt', 'feedback.txt'].map((name) => [name, readFileSync(join(own, name), 'utf8')]),
    );
    const settings = `[llm]\norder = openai\nprompts = ${folder}\n[openai]\nkey = sk-none\nmodel = none\n`;
    writeFileSync(config, `${readFileSync(process.env.AMP_CONFIG, 'utf8')}\n${settings}`);
    const owner = statSync(process.env.AMP_CONFIG);
    if (process.getuid() === 0) for (const path of [home, config]) chownSync(path, owner.uid, owner.gid);
    const check = (changes) => {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        for (const [name, content] of Object.entries({ ...files, ...changes }))
            if (content !== null) writeFileSync(join(folder, name), content);
        const { status, stdout } = run(['config', 'check', '--json'], { env: { AMP_CONFIG: config } });
        return [status, JSON.parse(stdout).problems || ''];
    };
    assert.deepEqual(check({}), [0, '']);
    for (const [changes, problem] of [
        [{ 'post.txt': null }, /cannot read the prompt .*\/post\.txt/],
        [{ 'feedback.txt': null }, /cannot read the prompt .*\/feedback\.txt/],
        [{ 'system.txt': ' \n' }, /system\.txt is empty/],
        [{ 'post.txt': 'x'.repeat(16385) }, /post\.txt is empty, larger than 16384 bytes/],
        [{ 'post.txt': 'Write {{plattform}}.' }, /post\.txt has a placeholder \{\{plattform\}\} that there is not/],
        [{ 'system.txt': 'No word of marks.' }, /system\.txt must say what \{\{fence\}\} means/],
    ]) {
        const [status, said] = check(changes);
        assert.equal(status, 1, said);
        assert.match(said, problem);
    }
});

test('the configuration is checked, and what is wrong with it is named', () => {
    assert.equal(amp(['config', 'check']).ok, true);
    const sample = run(['config', 'sample']).stdout;
    assert.match(sample, /\[database\]/);
    const missing = run(['config', 'check', '--json'], { env: { AMP_CONFIG: '/nonexistent/amp.conf' } });
    assert.equal(missing.status, 1);
    const answer = JSON.parse(missing.stdout);
    assert.deepEqual([answer.ok, answer.path], [false, '/nonexistent/amp.conf']);
    assert.ok(answer.problems.length > 0);
    refuses(['tenant', 'list'], /configuration/, { env: { AMP_CONFIG: '/nonexistent/amp.conf' } });
});

test('migrate is harmless when there is nothing to do', () => {
    assert.deepEqual(amp(['migrate']), { schema: amp(['version']).schema });
});

test('tenants are made and listed', () => {
    const made = amp(['tenant', 'create', '--name', 'Zoë & Co.', '--plan', 'pro']);
    assert.deepEqual(Object.keys(made), ['id', 'name', 'slug', 'plan']);
    assert.match(made.id, /^tnt_[0-9A-Za-z]{16}$/);
    assert.deepEqual([made.name, made.plan], ['Zoë & Co.', 'pro']);
    const again = amp(['tenant', 'create', '--name', 'Zoë & Co.']);
    assert.equal(again.plan, 'free');
    assert.notEqual(again.slug, made.slug);
    const list = amp(['tenant', 'list']);
    for (const tenant of [made, again])
        assert.deepEqual(
            list.find((t) => t.id === tenant.id),
            tenant,
        );
    assert.match(run(['tenant', 'create', '--name', 'Plain']).stdout, /^tnt_[0-9A-Za-z]{16}\n$/);
    assert.match(run(['tenant', 'list']).stdout, new RegExp(`${made.id}.*Zoë & Co\\.`));
});

test('tenants that do not fit are refused', () => {
    refuses(['tenant', 'create'], /--name is required/, { status: 2 });
    refuses(['tenant', 'create', '--name', ' '], /--name/);
    refuses(['tenant', 'create', '--name', 'x'.repeat(201)], /--name/);
    refuses(['tenant', 'create', '--name', 'T', '--plan', 'gold'], /--plan/);
    for (const limit of ['0', '-1', 'many', '1.5', '99999999999'])
        refuses(['tenant', 'create', '--name', 'T', '--rate-limit', limit], /--rate-limit/);
    refuses(['tenant', 'create', '--nmae', 'T'], /usage|option/, { status: 2 });
    assert.equal(run(['tenant', 'create', '--name']).status, 2);
});

test('users are made once, with their address in lower case', () => {
    const { tenant } = newTenant();
    const email = `Ann.${tenant.id.slice(4)}@Example.com`;
    const args = [
        'user',
        'create',
        '--email',
        email,
        '--tenant',
        tenant.id,
        '--role',
        'viewer',
        '--password-stdin',
    ];
    const user = amp([...args, '--name', 'Ann'], { input: 'correct horse\n' });
    assert.deepEqual(user, { id: user.id, email: email.toLowerCase(), name: 'Ann' });
    assert.match(user.id, /^usr_[0-9A-Za-z]{16}$/);
    refuses(args, /already/, { input: 'correct horse\n' });
});

test('users that do not fit are refused', () => {
    const { tenant } = newTenant();
    const fine = { email: 'bob@example.com', tenant: tenant.id, role: 'operator' };
    const args = (wishes) => [
        'user',
        'create',
        ...Object.entries({ ...fine, ...wishes }).flatMap(([k, v]) => (v === null ? [] : [`--${k}`, v])),
    ];
    const input = 'correct horse\n';
    const stdin = (wishes) => [...args(wishes), '--password-stdin'];
    refuses(args({}), /--password-stdin is required/, { status: 2 });
    refuses(stdin({ email: null }), /--email is required/, { status: 2 });
    for (const email of [
        'bob',
        'bob@',
        '@example.com',
        'bob@example',
        'b ob@example.com',
        'bob@@example.com',
        `${'x'.repeat(250)}@example.com`,
    ])
        refuses(stdin({ email }), /--email/, { input });
    refuses(stdin({ tenant: 'acme' }), /--tenant/, { input });
    refuses(stdin({ tenant: 'tnt_0000000000000001' }), /no such tenant/, { input });
    refuses(stdin({ role: 'king' }), /--role/, { input });
    for (const password of ['', '\n', 'short\n', `${'x'.repeat(1025)}\n`])
        refuses(stdin({}), /password/i, { input: password });
});

test('keys are made with what was asked for, and revoked', async () => {
    const { tenant } = newTenant();
    const key = amp([
        'key',
        'create',
        '--tenant',
        tenant.id,
        '--mode',
        'test',
        '--scopes',
        'missions:read,content:write',
        '--name',
        'CI',
    ]);
    assert.deepEqual(
        [key.name, key.livemode, key.scopes.sort(), key.expires_at],
        ['CI', false, ['content:write', 'missions:read'], null],
    );
    assert.match(key.key, /^amp_test_[0-9A-Za-z]{32}$/);
    succeeds(await client(key.key).get('/missions'));
    failsWith(await client(key.key).post('/missions', {}), 403, 'forbidden');
    assert.match(
        run(['key', 'create', '--tenant', tenant.id, '--mode', 'live']).stdout,
        /^amp_live_[0-9A-Za-z]{32}\n$/,
    );
    for (const scope of scopes)
        assert.deepEqual(
            amp(['key', 'create', '--tenant', tenant.id, '--mode', 'live', '--scopes', scope]).scopes,
            [scope],
        );
    assert.deepEqual(amp(['key', 'revoke', key.id]), { revoked: true });
    failsWith(await client(key.key).get('/missions'), 401, 'unauthorized');
    refuses(['key', 'revoke', key.id], /no such key/);
});

test('keys that do not fit are refused', () => {
    const { tenant } = newTenant();
    refuses(['key', 'create', '--tenant', tenant.id], /--mode is required/, { status: 2 });
    refuses(['key', 'create', '--tenant', tenant.id, '--mode', 'dev'], /--mode/);
    refuses(['key', 'create', '--tenant', 'tnt_0000000000000001', '--mode', 'live'], /no such tenant/);
    refuses(['key', 'create', '--tenant', 'acme', '--mode', 'live'], /--tenant/);
    for (const list of ['', 'root', 'missions:read,', 'missions:read;admin'])
        refuses(['key', 'create', '--tenant', tenant.id, '--mode', 'live', '--scopes', list], /--scopes/);
    refuses(['key', 'create', '--tenant', tenant.id, '--mode', 'live', '--name', ' '], /--name/);
    refuses(['key', 'revoke'], /key_… is required/, { status: 2 });
    refuses(['key', 'revoke', 'usr_0000000000000001'], /key_/);
    refuses(['key', 'revoke', 'key_0000000000000001'], /no such key/);
});

test('what is not a command is answered with those there are', () => {
    for (const args of [[], ['frobnicate'], ['tenant'], ['key', 'steal']]) {
        const done = run(args);
        assert.equal(done.status, 2, args.join(' '));
        assert.match(done.stderr, /usage:[\s\S]*amp tenant create/);
        assert.equal(done.stdout, '');
    }
    for (const args of [['--help'], ['help'], ['tenant', 'create', '--help']]) {
        const done = run(args);
        assert.equal(done.status, 0);
        assert.match(done.stdout, /usage:/);
    }
    const extra = run(['version', 'please']);
    assert.equal(extra.status, 2, 'a word too many');
});

test('work --once drains what is due and ends', () => {
    const done = run(['work', '--once']);
    assert.equal(done.status, 0, done.stderr);
});
