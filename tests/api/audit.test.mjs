// Who did what to which object, from where: written by the frame, readable by admins, changed by nobody.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { amp, api as client, failsWith, newKey, newTenant, newUser, run, sql, succeeds } from '../harness/client.mjs';
import { makeMission, refusesBadPages, walk, writtenMission } from '../harness/missions.mjs';

const entries = async (api, query = '') => succeeds(await api.get(`/audit${query}`));

const about = (entry) => [entry.action, entry.object, entry.status];

test('each write leaves an entry: who, what, to which object, from where, in which request', async () => {
    const { test: api, keys } = newTenant();
    const mission = await makeMission(api, { status: 'draft' });
    const paused = await api.post(`/missions/${mission.id}/resume`, undefined, { 'X-Request-ID': 'trace-1' });
    succeeds(paused);
    succeeds(await api.put(`/missions/${mission.id}`, { name: 'Renamed' }));
    succeeds(await api.del(`/missions/${mission.id}`), 204);
    const { data, total } = await entries(api);
    assert.deepEqual(data.map(about), [
        ['deleteMission', mission.id, 204],
        ['updateMission', mission.id, 200],
        ['resumeMission', mission.id, 200],
        ['createMission', mission.id, 201],
    ]);
    assert.equal(total, 4);
    const { id, created_at: at, ...rest } = data[2];
    assert.match(id, /^aud_[0-9A-Za-z]{16}$/);
    assert.ok(Math.abs(Date.now() - Date.parse(at)) < 60000);
    assert.deepEqual(rest, {
        actor: keys.test.id,
        action: 'resumeMission',
        object: mission.id,
        detail: null,
        status: 200,
        address: '127.0.0.1',
        request_id: 'trace-1',
        livemode: false,
    });
});

test('what was refused, only read or only repeated is no write', async () => {
    const { test: api } = newTenant();
    failsWith(await api.post('/missions', {}), 400, 'invalid_request');
    failsWith(await api.del('/missions/msn_0000000000000001'), 404, 'not_found');
    succeeds(await api.get('/missions'));
    const body = { name: 'Once', objectives: ['O'], platforms: ['twitter'], status: 'draft' };
    const twice = () => api.post('/missions', body, { 'Idempotency-Key': 'once' });
    const { id } = succeeds(await twice(), 201);
    succeeds(await twice(), 201);
    failsWith(await api.post(`/missions/${id}/pause`), 409, 'invalid_state');
    assert.deepEqual((await entries(api)).data.map(about), [['createMission', id, 201]]);
});

test('an object that only the body names is in the entry, also of a call that goes outside', async () => {
    const { test: api } = newTenant();
    const { content } = await writtenMission(api);
    const [{ id }] = content;
    const { status } = await api.post('/publish', { content_id: id });
    assert.ok([200, 202].includes(status));
    assert.deepEqual((await entries(api, '?action=publish')).data.map(about), [['publish', id, status]]);
});

test('the log is filtered by actor, action, object and time, and walks as every list does', async () => {
    const { test: api, tenant, keys } = newTenant();
    const other = newKey(tenant.id, 'test');
    const one = await makeMission(api, { status: 'draft' });
    const two = await makeMission(client(other.key), { status: 'draft' });
    succeeds(await api.post(`/missions/${two.id}/resume`));
    for (const [query, found] of [
        [`?actor=${other.id}`, [two.id]],
        [`?actor=${keys.test.id}`, [two.id, one.id]],
        ['?action=createMission', [two.id, one.id]],
        [`?object=${one.id}`, [one.id]],
        [`?object=${two.id}&actor=${keys.test.id}`, [two.id]],
        [`?object=${two.id}&action=deleteMission`, []],
        ['?created_after=2100-01-01', []],
        ['?created_before=2001-01-01T00:00:00Z', []],
        ['?created_after=2001-01-01', [two.id, two.id, one.id]],
    ]) {
        const { data, total } = await entries(api, query);
        assert.deepEqual(data.map((e) => e.object), found, query);
        assert.equal(total, found.length, query);
    }
    assert.equal((await walk(api, '/audit', 2)).length, 3);
    await refusesBadPages(api, '/audit', (await entries(api)).data[0].id);
});

test('a mode and a tenant see their own entries only', async () => {
    const one = newTenant();
    const two = newTenant();
    await makeMission(one.test, { status: 'draft' });
    for (const stranger of [one.live, two.test, two.live])
        assert.ok(!(await entries(stranger)).data.some((e) => e.action === 'createMission'));
});

test('what the command line changes is in the log of the tenant', async () => {
    const { live, tenant } = newTenant();
    const user = newUser(tenant.id, 'viewer');
    const key = newKey(tenant.id, 'live');
    amp(['key', 'revoke', key.id]);
    const { data } = await entries(live);
    assert.deepEqual(data.slice(0, 3).map((e) => [e.actor, e.action, e.object, e.detail]), [
        ['cli', 'key revoke', key.id, null],
        ['cli', 'key create', key.id, null],
        ['cli', 'user create', user.id, 'viewer'],
    ]);
    assert.ok(data.every((e) => e.status === null && e.address === null));
    const printed = run(['audit', 'list', '--tenant', tenant.id, '--json']).stdout.trim().split('\n');
    assert.deepEqual(JSON.parse(printed[0]), data[0]);
});

test('what the quality gate and a refusing provider decide is in the log as that of the system', async () => {
    const { test: api, tenant } = newTenant();
    const { content } = await writtenMission(api, { constraints: { auto_approve_threshold: 0 } });
    const approved = succeeds(await api.get('/audit?action=approveContent&limit=100')).data;
    assert.deepEqual(approved.map((e) => e.object).sort(), content.map((c) => c.id).sort());
    for (const e of approved) {
        assert.deepEqual([e.actor, e.status, e.address], ['system', null, null]);
        assert.match(e.detail, /^Confidence [01]\.\d\d, threshold 0\.00\.$/);
    }
    const refused = await writtenMission(api, { constraints: { auto_approve_threshold: 1, excluded_topics: ['developers'] } });
    const rejected = refused.content.filter((c) => c.status === 'rejected').map((c) => c.id);
    assert.deepEqual(succeeds(await api.get('/audit?action=rejectContent&limit=100')).data.map((e) => e.object).sort(), rejected.sort());
    assert.equal(tenant.plan, 'enterprise');
});

test('the total of a long log costs no more than that of a short one', async () => {
    const { test: api, tenant } = newTenant();
    sql(`INSERT INTO audit (tenant_id, livemode, id, actor, action, created_ms)
        SELECT '${tenant.id.slice(4)}', 0, CONCAT('0000000000', 100000 + seq), 'cli', 'x', 1000 FROM seq_1_to_10500`);
    for (const query of ['', '&actor=cli', '&action=x']) {
        const { data, total } = await entries(api, `?limit=2${query}`);
        assert.deepEqual([data.length, total], [2, 10000], query);
    }
    assert.equal((await entries(api, '?action=y')).total, 0);
    assert.equal(sql("SELECT COUNT(*) > 0 AS n FROM audit WHERE actor = 'cli' AND action = 'migrate'")[0].n, '1');
});

// The user that serves, as amp.conf has it.
function asServingUser(statement) {
    const setting = (key) => readFileSync(process.env.AMP_CONFIG, 'utf8').match(new RegExp(`^${key} = (.*)$`, 'm'))[1];
    return spawnSync('mariadb', ['--no-defaults', `--socket=${process.env.AMP_MYSQL_SOCKET}`,
        `--user=${setting('user')}`, '--batch', 'amp'],
    { input: statement, encoding: 'utf8', env: { ...process.env, MYSQL_PWD: setting('password') } });
}

test('the database user that serves can neither change nor delete an entry, nor the schema', async () => {
    const { test: api } = newTenant();
    await makeMission(api, { status: 'draft' });
    const [{ id }] = (await entries(api)).data;
    const row = `id = '${id.slice(4)}'`;
    const count = asServingUser(`SELECT COUNT(*) FROM audit WHERE ${row}`);
    assert.deepEqual([count.status, count.stdout], [0, 'COUNT(*)\n1\n']);
    for (const statement of [
        `UPDATE audit SET actor = 'nobody' WHERE ${row}`,
        `DELETE FROM audit WHERE ${row}`,
        `REPLACE INTO audit SELECT * FROM audit WHERE ${row}`,
        `INSERT INTO audit SELECT * FROM audit WHERE ${row} ON DUPLICATE KEY UPDATE actor = 'nobody'`,
        'TRUNCATE audit',
        'DROP TABLE audit',
        'ALTER TABLE audit DROP COLUMN actor',
        'RENAME TABLE audit TO forgotten',
        'CREATE TABLE planted (id INT)',
        'CREATE TRIGGER planted BEFORE INSERT ON audit FOR EACH ROW SET NEW.actor = NULL',
        'UPDATE schema_migration SET checksum = \'\'',
        'DELETE FROM schema_migration',
        'GRANT DELETE ON audit TO amp@localhost',
    ]) {
        const done = asServingUser(statement);
        assert.notEqual(done.status, 0, statement);
        assert.match(done.stderr, /ERROR (1142|1044|1370) .*denied/, statement);
    }
    assert.deepEqual((await entries(api)).data.map((e) => e.id), [id]);
});

test('only the owner of the tables purges the log, and that is in it', async () => {
    const { test: api, tenant } = newTenant();
    await makeMission(api, { status: 'draft' });
    sql(`UPDATE audit SET created_ms = 1000 WHERE tenant_id = '${tenant.id.slice(4)}' AND livemode = 0`);
    assert.ok(amp(['audit', 'purge', '--before', '1970-01-02']).deleted >= 1);
    assert.equal((await entries(api)).total, 0);
    const last = run(['audit', 'list', '--json']).stdout.trim().split('\n').map((line) => JSON.parse(line))
        .find((e) => e.action === 'audit purge');
    assert.deepEqual([last.actor, last.action, last.detail], ['cli', 'audit purge', '1970-01-02']);
    const refused = run(['audit', 'purge', '--before', '1970-01-02'], { env: { AMP_DATABASE_OWNER: 'amp',
        AMP_DATABASE_OWNER_PASSWORD: readFileSync(process.env.AMP_CONFIG, 'utf8').match(/^password = (.*)$/m)[1] } });
    assert.deepEqual([refused.status, refused.stdout], [1, '']);
    assert.match(run(['audit', 'purge', '--before', 'yesterday']).stderr, /--before must be a date/);
});
