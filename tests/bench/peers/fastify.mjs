// fastify.mjs: the two reads of the benchmark as Fastify and mysql2 would do them: a cluster of two,
// prepared statements over a pool, keys remembered for two seconds. It answers what AMP answers from
// the same tables, and does less: no rate limit, no log, no request ids. Texts are put together by
// hand and stored documents passed on as they are, which was faster than objects and a serializer.
import cluster from 'node:cluster';
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import mysql from 'mysql2/promise';

const { PEER_BIND, PEER_PORT, PEER_DATABASE, PEER_PASSWORD } = process.env;
const WORKERS = 2;
const CONNECTIONS = 4; // of each worker
const REMEMBERED_MS = 2000;

const KEY = `SELECT tenant_id, livemode FROM api_key
    WHERE key_hash = UNHEX(?) AND (expires_ms IS NULL OR expires_ms > ?)`;
const MISSION = `SELECT id, name, description, status, status_reason, objectives, platforms, constraints,
    kpis, brand_context_id, duration_days, starts_ms, ends_ms, pipeline_job_id, livemode, created_ms,
    updated_ms FROM mission WHERE tenant_id = ? AND livemode = ? AND id = ? AND status <> 5`;
const CONTENTS = `SELECT id, mission_id, platform, type, status, copy, visuals, topic, pillar, tags,
    language, ROUND(confidence, 2) AS confidence, model, (cost_microcents + 500000) DIV 1000000 AS cost_cents,
    scheduled_ms, zone, published_ms, platform_post_id, platform_url, provider_post_id, attempts, last_error,
    review_required, approvals, approvals_required, reviewed_by, reviewed_ms, notes, rejection_reason,
    version, livemode, created_ms, updated_ms,
    (SELECT COALESCE(SUM(n), 0) FROM content_count WHERE tenant_id = ? AND livemode = ?
        AND mission_id = '0000000000000000') AS total
    FROM content FORCE INDEX (PRIMARY) WHERE tenant_id = ? AND livemode = ? ORDER BY id DESC LIMIT ?`;

const missionStatuses = [, 'draft', 'active', 'paused', 'completed'];
const platforms = [, 'twitter', 'linkedin', 'instagram', 'facebook', 'threads', 'bluesky', 'tiktok', 'youtube',
    'pinterest', 'google_business', 'mastodon'];
const types = [, 'post', 'thread', 'carousel', 'story', 'reel', 'video', 'article', 'poll'];
const statuses = [, 'draft', 'pending_review', 'approved', 'rejected', 'scheduled', 'publishing', 'published',
    'failed', 'archived'];

const text = JSON.stringify;
const time = (ms) => (ms === null ? 'null' : `"${new Date(ms).toISOString().slice(0, 19)}Z"`);
const id = (prefix, bare) => (bare === null ? 'null' : `"${prefix}_${bare}"`);
const bool = (number) => (number ? 'true' : 'false');

const mission = (m) =>
    `{"id":${id('msn', m.id)},"name":${text(m.name)},"description":${text(m.description)},`
    + `"status":"${missionStatuses[m.status]}","status_reason":${text(m.status_reason)},`
    + `"objectives":${m.objectives},"platforms":${m.platforms},"constraints":${m.constraints},`
    + `"kpis":${m.kpis},"brand_context_id":${id('brc', m.brand_context_id)},`
    + `"duration_days":${m.duration_days},"starts_at":${time(m.starts_ms)},"ends_at":${time(m.ends_ms)},`
    + `"pipeline_job_id":${id('job', m.pipeline_job_id)},"livemode":${bool(m.livemode)},`
    + `"created_at":${time(m.created_ms)},"updated_at":${time(m.updated_ms)}}`;

const content = (c) =>
    `{"id":${id('cnt', c.id)},"mission_id":${id('msn', c.mission_id)},"platform":"${platforms[c.platform]}",`
    + `"type":"${types[c.type]}","status":"${statuses[c.status]}","copy":${c.copy},"visuals":${c.visuals},`
    + `"metadata":{"topic":${text(c.topic)},"pillar":${text(c.pillar)},"tags":${c.tags},`
    + `"language":${text(c.language)},"confidence_score":${c.confidence},`
    + `"generation_model":${text(c.model)},"generation_cost_cents":${c.cost_cents}},`
    + `"scheduling":{"scheduled_for":${time(c.scheduled_ms)},"timezone":${text(c.zone)}},`
    + `"publishing":{"published_at":${time(c.published_ms)},"platform_post_id":${text(c.platform_post_id)},`
    + `"platform_url":${text(c.platform_url)},"metricool_post_id":${text(c.provider_post_id)},`
    + `"attempts":${c.attempts},"last_error":${text(c.last_error)}},`
    + `"review":{"required":${bool(c.review_required)},"approvals":${c.approvals},`
    + `"approvals_required":${c.approvals_required},"reviewed_by":${text(c.reviewed_by)},`
    + `"reviewed_at":${time(c.reviewed_ms)},"notes":${text(c.notes)},`
    + `"rejection_reason":${text(c.rejection_reason)}},"version":${c.version},`
    + `"livemode":${bool(c.livemode)},"created_at":${time(c.created_ms)},"updated_at":${time(c.updated_ms)}}`;

const failure = (status, code) => Object.assign(new Error(code), { statusCode: status });

function serve() {
    const app = Fastify();
    const pool = mysql.createPool({
        socketPath: PEER_DATABASE, user: 'amp', password: PEER_PASSWORD, database: 'amp',
        charset: 'utf8mb4', connectionLimit: CONNECTIONS,
    });
    const remembered = new Map();

    async function tenantOf(request) {
        const credential = request.headers.authorization ?? '';
        if (!credential.startsWith('Bearer ')) throw failure(401, 'unauthorized');
        const hash = createHash('sha256').update(credential.slice(7)).digest('hex');
        const now = Date.now();
        const known = remembered.get(hash);
        if (known && known.until > now) return known;
        const [[key]] = await pool.execute(KEY, [hash, now]);
        if (!key) throw failure(401, 'unauthorized');
        const found = { id: key.tenant_id, livemode: key.livemode, until: now + REMEMBERED_MS };
        remembered.set(hash, found);
        return found;
    }
    const send = (reply, body) => reply.header('content-type', 'application/json; charset=utf-8').send(body);

    app.get('/v1/missions/:id', async (request, reply) => {
        const tenant = await tenantOf(request);
        const [[row]] = await pool.execute(MISSION, [tenant.id, tenant.livemode, request.params.id.slice(4)]);
        if (!row) throw failure(404, 'not_found');
        return send(reply, mission(row));
    });
    app.get('/v1/content', async (request, reply) => {
        const tenant = await tenantOf(request);
        const limit = Number(request.query.limit ?? 20);
        const [rows] = await pool.execute(CONTENTS,
            [tenant.id, tenant.livemode, tenant.id, tenant.livemode, limit + 1]);
        const page = rows.slice(0, limit).map(content).join(',');
        const total = rows.length ? rows[0].total : 0;
        return send(reply, `{"data":[${page}],"has_more":${rows.length > limit},"total":${total}}`);
    });
    return app.listen({ host: PEER_BIND, port: Number(PEER_PORT) });
}

if (cluster.isPrimary) for (let i = 0; i < WORKERS; i++) cluster.fork();
else await serve();
