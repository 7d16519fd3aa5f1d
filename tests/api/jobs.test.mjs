// Jobs, and the pipeline of a mission as people see it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { failsWith, newTenant, sql, succeeds, waitFor } from '../harness/client.mjs';
import { listContent, makeMission, refusesBadPages, walk, writtenMission } from '../harness/missions.mjs';

const stages = ['intake', 'strategy', 'content', 'publish', 'analytics', 'optimize'];
const jobOf = async (api, mission) => succeeds(await api.get(`/jobs/${mission.pipeline_job_id}`));
const kill = (job, why) => sql(`UPDATE job SET state = 3, attempts = 8, lease = 0, last_error = '${why}'`
    + ` WHERE id = '${job.id.slice(4)}'`);

// The job of a mission that has been written and waits for what is next.
async function restingJob(api, mission) {
    return waitFor(async () => {
        const job = await jobOf(api, mission);
        return job.progress_percent === 100 && !job.running && job;
    }, { what: 'the job to rest' });
}

test('a mission\'s job says what it does, how far it is and when it goes on', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api);
    const job = await restingJob(api, mission);
    assert.equal(job.type, 'mission.run');
    assert.equal(job.status, 'open');
    assert.equal(job.stage, 'content');
    assert.equal(job.ref, mission.id);
    assert.equal(job.mission_id, mission.id);
    assert.match(job.activity, /next days/);
    assert.equal(job.last_error, null);
    assert.equal(job.livemode, false);
});

test('jobs are listed by state, type and mission, and walked from end to end', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api, { platforms: ['twitter', 'linkedin'] });
    await restingJob(api, mission);
    const all = await walk(api, '/jobs', 4);
    assert.equal(all.length, 15); // the mission's and one for each of fourteen posts
    assert.equal((await walk(api, `/jobs?mission_id=${mission.id}`, 4)).length, 15);
    assert.equal((await walk(api, '/jobs?type=content.publish&status=open', 5)).length, 14);
    assert.equal((await walk(api, '/jobs?status=dead', 5)).length, 0);
    assert.equal((await walk(api, '/jobs?mission_id=msn_0000000000000001', 5)).length, 0);
    await refusesBadPages(api, '/jobs', mission.pipeline_job_id);
    failsWith(await api.get('/jobs?status=lost'), 400, 'invalid_request', 'status');
    const { test: stranger } = newTenant();
    assert.equal(succeeds(await stranger.get('/jobs')).total, 0);
    failsWith(await stranger.get(`/jobs/${mission.pipeline_job_id}`), 404, 'not_found');
});

test('only a dead job can be tried again, and it goes on where it was', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api);
    const job = await restingJob(api, mission);
    failsWith(await api.post(`/jobs/${job.id}/retry`), 409, 'invalid_state');
    failsWith(await api.post('/jobs/job_0000000000000001/retry'), 404, 'not_found');
    kill(job, 'The writer was ill.');
    const dead = await jobOf(api, mission);
    assert.equal(dead.status, 'dead');
    assert.equal(dead.last_error, 'The writer was ill.');
    assert.equal(succeeds(await api.get('/jobs?status=dead')).total, 1);
    const again = succeeds(await api.post(`/jobs/${job.id}/retry`));
    assert.equal(again.status, 'open');
    assert.equal(again.attempts, 0);
    const rested = await waitFor(async () => {
        const now = await jobOf(api, mission);
        return now.run_at > job.updated_at && !now.running && now.last_error === null && now;
    }, { what: 'the job to have been done' });
    assert.equal(rested.progress_percent, 100);
    assert.equal((await listContent(api, { mission_id: mission.id })).total, 7);
});

test('the pipeline shows six stages with what they worked from and what they found out', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api);
    await restingJob(api, mission);
    const view = succeeds(await api.get(`/missions/${mission.id}/pipeline`));
    assert.equal(view.mission_id, mission.id);
    assert.equal(view.status, 'active');
    assert.equal(view.job.id, mission.pipeline_job_id);
    assert.deepEqual(view.stages.map((s) => s.stage), stages);
    const [intake, strategy, content, publish, analytics] = view.stages;
    assert.equal(intake.status, 'done');
    assert.equal(intake.input.id, mission.id);
    assert.equal(intake.output.posts, 31);
    assert.equal(strategy.status, 'done');
    assert.deepEqual(strategy.input, intake.output);
    assert.ok(strategy.output.pillars.length > 1);
    assert.deepEqual(content.input, strategy.output);
    assert.deepEqual(publish.input, content.output);
    assert.ok(strategy.started_at);
    assert.equal(content.status, 'waiting');
    assert.equal(content.progress_percent, 100);
    assert.equal(content.output.texts, 7);
    assert.equal(publish.output.scheduled, 7);
    assert.equal(publish.progress_percent, 0);
    assert.equal(analytics.status, 'pending');
    failsWith(await api.get('/missions/msn_0000000000000001/pipeline'), 404, 'not_found');
});

test('a draft has a pipeline in which nothing has happened, and cannot be run', async () => {
    const { test: api } = newTenant();
    const mission = await makeMission(api, { status: 'draft' });
    const view = succeeds(await api.get(`/missions/${mission.id}/pipeline`));
    assert.equal(view.job, null);
    assert.deepEqual(view.stages.map((s) => s.status), Array(6).fill('pending'));
    failsWith(await api.post(`/missions/${mission.id}/run`), 409, 'invalid_state');
    failsWith(await api.post('/missions/msn_0000000000000001/run'), 404, 'not_found');
});

test('a run with nothing to do changes nothing, however often it is asked for', async () => {
    const { test: api } = newTenant();
    const { mission, content } = await writtenMission(api);
    await restingJob(api, mission);
    for (let i = 0; i < 3; i++)
        assert.equal(succeeds(await api.post(`/missions/${mission.id}/run`), 202).id, mission.pipeline_job_id);
    await restingJob(api, mission);
    assert.deepEqual((await listContent(api, { mission_id: mission.id })).data.map((x) => x.id).sort(),
        content.map((x) => x.id).sort());
});

test('a run can begin again with a stage, and keeps what was written', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api);
    await restingJob(api, mission);
    const before = succeeds(await api.get(`/missions/${mission.id}/pipeline`)).stages;
    failsWith(await api.post(`/missions/${mission.id}/run`, { from: 'lunch' }), 400, 'invalid_request', 'from');
    succeeds(await api.post(`/missions/${mission.id}/run`, { from: 'strategy' }), 202);
    await waitFor(async () => {
        const { stages: now } = succeeds(await api.get(`/missions/${mission.id}/pipeline`));
        return now[1].output && now[2].output;
    }, { what: 'the strategy' });
    const after = succeeds(await api.get(`/missions/${mission.id}/pipeline`)).stages;
    assert.deepEqual(after[0].output, before[0].output);
    assert.deepEqual(after[1].output.pillars, before[1].output.pillars);
    assert.equal((await listContent(api, { mission_id: mission.id })).total, 7);
});

test('each of the six stages can be the one to begin again with', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api);
    await restingJob(api, mission);
    succeeds(await api.post('/test/clock', { advance_seconds: 4 * 86400 }));
    const view = async () => succeeds(await api.get(`/missions/${mission.id}/pipeline`)).stages;
    const whole = (list) => list.every((s) => s.output !== null) && list;
    const figured = await waitFor(async () => {
        const list = whole(await view());
        return list && list[4].output.posts >= 3 && list;
    }, { what: 'figures', every: 200 });
    // What results teach: each pillar and type of the strategy, weighed anew.
    const [{ output: strategy }, { output: figures }, { output: learned }] = [1, 4, 5].map((i) => figured[i]);
    assert.ok(figures.impressions > 0);
    const planned = (list, name) => Object.fromEntries(list.map((x) => [x.name ?? x.type, x[name]]));
    assert.deepEqual(planned(learned.pillars, 'planned_weight'), planned(strategy.pillars, 'weight'));
    assert.equal(learned.pillars.reduce((sum, x) => sum + x.weight, 0), 100);
    for (const x of [...learned.pillars, ...learned.calendar[0].types])
        assert.ok(x.weight >= 1 && x.lift >= 0.5 && x.lift <= 2 && x.posts >= 0, JSON.stringify(x));
    assert.equal(learned.pillars.reduce((sum, x) => sum + x.posts, 0), figures.posts);
    assert.deepEqual(planned(learned.calendar[0].types, 'planned_weight'), planned(strategy.calendar[0].types, 'weight'));
    await restingJob(api, mission);
    const { total } = await listContent(api, { mission_id: mission.id });
    for (const from of stages) {
        const before = await view();
        const job = succeeds(await api.post(`/missions/${mission.id}/run`, { from }), 202);
        assert.equal(job.status, 'open');
        const after = await waitFor(async () => whole(await view()), { what: `the stages from ${from}`, every: 200 });
        await waitFor(async () => (await restingJob(api, mission)).last_error === null, { what: 'the job' });
        assert.deepEqual(after.map((s) => s.stage), stages);
        const kept = stages.indexOf(from);
        assert.deepEqual(after.slice(0, kept).map((s) => s.started_at), before.slice(0, kept).map((s) => s.started_at));
        assert.deepEqual(after[1].output.pillars, before[1].output.pillars);
        assert.equal((await listContent(api, { mission_id: mission.id })).total, total);
    }
});

test('a paused mission writes nothing though its calendar moves on, and goes on when it is resumed', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api);
    await restingJob(api, mission);
    succeeds(await api.post(`/missions/${mission.id}/pause`));
    failsWith(await api.post(`/missions/${mission.id}/run`), 409, 'invalid_state');
    succeeds(await api.post('/test/clock', { advance_seconds: 2 * 86400 }));
    const job = await waitFor(async () => {
        const now = await jobOf(api, mission);
        return now.run_at >= mission.ends_at && now;
    }, { what: 'the job to wait for the end' });
    assert.equal(job.status, 'open');
    assert.equal((await listContent(api, { mission_id: mission.id })).total, 7);
    succeeds(await api.post(`/missions/${mission.id}/resume`));
    const { now } = succeeds(await api.get('/test/clock'));
    const ahead = { mission_id: mission.id, status: 'scheduled', scheduled_after: now };
    await waitFor(async () => (await listContent(api, ahead)).total === 7, { what: 'a full week ahead' });
});

test('what a deleted mission had to do is cancelled', async () => {
    const { test: api } = newTenant();
    const { mission } = await writtenMission(api);
    await restingJob(api, mission);
    succeeds(await api.del(`/missions/${mission.id}`), 204);
    assert.equal((await jobOf(api, mission)).status, 'cancelled');
    assert.equal(succeeds(await api.get(`/jobs?mission_id=${mission.id}&status=open`)).total, 0);
});
