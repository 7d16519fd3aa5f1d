// Deleting missions with more texts than are archived at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, sql, succeeds, waitFor } from '../harness/client.mjs';
import { listContent, monday, sentPosts, setClock, writtenMission } from '../harness/missions.mjs';

const MANY = 1200; // more than two steps

const idOf = (text) => text.slice(4);
const mine = (tenant) => `tenant_id = '${idOf(tenant.id)}' AND livemode = FALSE`;

// Adds copies of the row with that key; `changed` says which columns are others, and how.
function copy(table, where, copies, changed) {
    const columns = sql(`SELECT column_name AS name FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = '${table}' AND is_generated = 'NEVER'`).map((c) => c.name);
    const values = columns.map((name) => changed[name] ?? `x.${name}`);
    sql(`INSERT INTO ${table} (${columns}) SELECT ${values} FROM seq_1_to_${copies} s STRAIGHT_JOIN ${table} x
        WHERE ${where}`);
}

// Copies of a scheduled text, each with its job, and counted. They have no slots.
function multiply(tenant, text, copies) {
    const id = "CONCAT(LEFT(x.id, 7), CONVERT(LPAD(CONV(s.seq, 10, 36), 9, '0') USING ascii))";
    copy('content', `${mine(tenant)} AND id = '${idOf(text.id)}'`, copies, { id, slot_ms: 'NULL' });
    copy('job', `${mine(tenant)} AND ref_id = '${idOf(text.id)}'`, copies, { id, ref_id: id });
    for (const mission of [idOf(text.mission_id), '0000000000000000'])
        sql(`UPDATE content_count SET n = n + ${copies} WHERE ${mine(tenant)} AND mission_id = '${mission}'
            AND status = 5 LIMIT 1`);
}

// What is counted, and what there is.
function countsOf(tenant) {
    const [counted] = sql(`SELECT GROUP_CONCAT(status, '=', n ORDER BY status) AS n FROM (SELECT status, SUM(n) AS n
        FROM content_count WHERE ${mine(tenant)} AND mission_id = '0000000000000000' GROUP BY status HAVING n <> 0) x`);
    const [found] = sql(`SELECT GROUP_CONCAT(status, '=', n ORDER BY status) AS n FROM (SELECT status, COUNT(*) AS n
        FROM content WHERE ${mine(tenant)} GROUP BY status) x`);
    return [counted.n, found.n];
}

test('a deleted mission with very many texts is gone at once, and they are archived soon after', async () => {
    const { test: own, tenant } = newTenant();
    const { mission, content } = await writtenMission(own);
    succeeds(await own.post('/publish', { content_id: content[0].id }));
    multiply(tenant, content[1], MANY);
    assert.equal((await listContent(own, { status: 'scheduled' })).total, MANY + 6);
    succeeds(await own.del(`/missions/${mission.id}`), 204);
    failsWith(await own.get(`/missions/${mission.id}`), 404, 'not_found');
    failsWith(await own.get(`/missions/${mission.id}/pipeline`), 404, 'not_found');
    failsWith(await own.del(`/missions/${mission.id}`), 404, 'not_found');
    assert.equal(succeeds(await own.get('/publish/queue')).total, 0);
    const archived = { mission_id: mission.id, status: 'archived' };
    await waitFor(async () => (await listContent(own, archived)).total === MANY + 6,
        { what: 'the last of the texts', timeout: 60000 });
    const [counted, found] = countsOf(tenant);
    assert.equal(counted, found);
    assert.equal(found, `7=1,9=${MANY + 6}`);
    const open = (status) => own.get(`/jobs?mission_id=${mission.id}&status=${status}`).then((a) => succeeds(a).total);
    await waitFor(async () => await open('open') === 0, { what: 'the last of the jobs' });
    await setClock(own, monday(8)); // everything would have been due
    assert.equal((await sentPosts(tenant)).length, 1);
});

test('until they are archived, texts of a deleted mission are in no calendar and take no decision', async () => {
    const { test: own, tenant } = newTenant();
    const { mission, content } = await writtenMission(own);
    const reviewed = await writtenMission(own, { constraints: { require_approval: true } });
    for (const { id } of [mission, reviewed.mission])
        sql(`UPDATE mission SET status = 5 WHERE ${mine(tenant)} AND id = '${idOf(id)}'`);
    const refused = async (method, path, body) => failsWith(await own[method](path, body), 409, 'invalid_state');
    const waiting = `/content/${reviewed.content[0].id}`;
    await refused('post', `${waiting}/approve`);
    await refused('post', `${waiting}/reject`, { reason: 'No.' });
    await refused('post', `/content/${content[0].id}/regenerate`);
    await refused('post', '/publish', { content_id: content[0].id });
    await refused('put', `/content/${content[0].id}`, { copy: { primary: 'Another thing to say.' } });
    assert.equal(succeeds(await own.get('/publish/queue')).total, 0);
    const range = new URLSearchParams({ from: monday(), to: monday(8) });
    assert.doesNotMatch(JSON.stringify(succeeds(await own.get(`/publish/calendar?${range}`))), /"scheduled":[1-9]/);
    await setClock(own, monday(2));
    assert.deepEqual(await sentPosts(tenant), []);
});
